/** CheckReady: waits until enough targets are healthy in every zone, several times in a row. */

import { rolloutInput } from '../pipeline/shared/rollout.ts';
import { checkReady } from '../pipeline/states/check-ready.ts';
import { onAws, toLambda } from './lambda.ts';
import { alarms, fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('check-ready', checkReady, rolloutInput, {
  fleet,
  ledger,
  metrics: alarms,
  notify,
  now,
  traffic,
});

export const handler = onAws(create);
