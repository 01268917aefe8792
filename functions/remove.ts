/** Retire and Discard: takes away the fleet that no weight can come back to. */
import { remove, removeInput } from '../pipeline/states/remove.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('remove', remove, removeInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
