/** Judge: compares the new version with its limits and with the old version. */

import { rolloutInput } from '../pipeline/shared/rollout.ts';
import { judge } from '../pipeline/states/judge.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, metrics, notify, now, traffic } from './ports.ts';

export const create = toLambda('judge', judge, rolloutInput, { fleet, ledger, metrics, notify, now, traffic });

export const handler = onAws(create);
