/** Provision: capacity before weight. */
import { provision } from '../steps/provision.ts';
import { rolloutInput } from '../steps/step.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('provision', provision, rolloutInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
