/** AwaitApproval and Bake: stores the task token, then looks at the row. */
import { park, parkInput } from '../pipeline/states/park.ts';
import { onAws, toLambda } from './lambda.ts';
import { executions, ledger } from './ports.ts';

export const create = toLambda('park', park, parkInput, { executions, ledger });

export const handler = onAws(create);
