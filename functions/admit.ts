/** Admit: may this execution roll the service? */
import { admit, admitInput } from '../pipeline/states/admit.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, fleet, images, ledger, metrics, notify, now, preflight, traffic } from './ports.ts';

export const create = toLambda('admit', admit, admitInput, {
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
