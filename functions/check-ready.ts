/** CheckReady: healthy, everywhere, for long enough. */
import { checkReady } from '../steps/check-ready.ts';
import { rolloutInput } from '../steps/step.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('check-ready', checkReady, rolloutInput, { fleet, ledger, notify, now, traffic });

export const handler = onAws(create);
