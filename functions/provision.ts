/** Provision: launches the capacity that the next weight needs. */

import { rolloutInput } from '../pipeline/shared/rollout.ts';
import { provision } from '../pipeline/states/provision.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('provision', provision, rolloutInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
