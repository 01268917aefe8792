/** Smoke: tested before any user's request. */
import { smoke } from '../steps/smoke.ts';
import { rolloutInput } from '../steps/step.ts';
import { onAws, toLambda } from './lambda.ts';
import { ledger, notify, now, probe, traffic } from './ports.ts';

export const create = toLambda('smoke', smoke, rolloutInput, { ledger, notify, now, probe, traffic });

export const handler = onAws(create);
