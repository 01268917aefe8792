/** on-stopped: recovers a rollout whose execution was stopped. */
import { onStopped, stoppedEvent } from '../pipeline/triggers/on-stopped.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, ledger, notify, now } from './ports.ts';

export const create = toLambda('on-stopped', onStopped, stoppedEvent, { executions, ledger, notify, now });

export const handler = onAws(create);
