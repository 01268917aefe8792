/** Admit: decides whether this execution may roll out the service. */
import { askedRolloutInput } from '../pipeline/shared/rollout.ts';
import { admit } from '../pipeline/states/admit.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, images, ledger, metrics, notify, now, preflight, traffic } from './ports.ts';

export const create = toLambda('admit', admit, askedRolloutInput, {
  executions,
  preflight,
  fleet,
  images,
  ledger,
  metrics,
  notify,
  now,
  traffic,
});

export const handler = onAws(create);
