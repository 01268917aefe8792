/** Shift: sets the next weight. */

import { rolloutInput } from '../pipeline/shared/rollout.ts';
import { shift } from '../pipeline/states/shift.ts';
import { onAws, toLambda } from './lambda.ts';
import { alarms, fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('shift', shift, rolloutInput, { fleet, ledger, metrics: alarms, notify, now, traffic });

export const handler = onAws(create);
