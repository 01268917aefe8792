/** Shift: the next weight. */
import { shift } from '../steps/shift.ts';
import { rolloutInput } from '../steps/step.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('shift', shift, rolloutInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
