/** AwaitApproval and Bake: stores the task token, then looks at the row. Both park in the same way, so that one function serves either. */
import { parkInput } from '../pipeline/shared/park-execution.ts';
import { bake } from '../pipeline/states/bake.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, ledger } from './ports.ts';

export const create = toLambda('park', bake, parkInput, { executions, ledger });

export const handler = onAws(create);
