/** RollBack: moves the traffic back to the old version. */
import { rollBack, rollBackInput } from '../pipeline/states/roll-back.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('roll-back', rollBack, rollBackInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
