/** Smoke: tests the new instances before they get users' requests. */

import { rolloutInput } from '../pipeline/shared/rollout.ts';
import { smoke } from '../pipeline/states/smoke.ts';
import { onAws, toLambda } from './lambda.ts';
import { ledger, notify, now, probe, traffic } from './ports.ts';

export const create = toLambda('smoke', smoke, rolloutInput, { ledger, notify, now, probe, traffic });

export const handler = onAws(create);
