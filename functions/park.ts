/** AwaitApproval and Bake: store the task token, then look at the row. One function serves both. */
import { parkInput } from '../pipeline/shared/park-execution.ts';
import { bake } from '../pipeline/states/bake.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, ledger } from './ports.ts';

export const create = toLambda('park', bake, parkInput, { executions, ledger });

export const handler = onAws(create);
