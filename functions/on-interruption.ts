/** on-interruption: takes a spot instance out of traffic before EC2 interrupts it. */
import { interruptionEvent, onInterruption } from '../pipeline/triggers/on-interruption.ts';
import { onAws, toLambda } from './lambda.ts';
import { fleet, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('on-interruption', onInterruption, interruptionEvent, {
  fleet,
  ledger,
  notify,
  now,
  traffic,
});

export const handler = onAws(create);
