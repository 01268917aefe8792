/** The environment of a function on AWS, read once from its variables. A missing variable is named. */

import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { dynamoStore } from '../adapters/ledger/dynamodb.ts';
import type { Store } from '../adapters/ledger/store.ts';
import { Rejected } from '../core/basics/errors.ts';
import { clientOptions, eachOnce } from './clients.ts';
import type { Environment } from './environment.ts';
import { randomNonce } from './nonce.ts';
import { withRoleCredentials } from './role-credentials.ts';

const variables = z.object({
  /** The ledger's table. */
  CUTOVER_TABLE: z.string().min(3),
  /** ARN of the state machine, without a version. */
  CUTOVER_MACHINE: z.string().startsWith('arn:'),
  /** ARN of the function that stands in the VPC, where the pipeline was deployed with one. */
  CUTOVER_PROBE: z.string().startsWith('arn:').optional(),
});

export const awsEnvironment = (): Environment => {
  const parsed = variables.safeParse(process.env);
  if (!parsed.success)
    throw new Rejected(
      `the function is not set up: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')} missing or malformed in its environment`,
    );
  const { CUTOVER_TABLE, CUTOVER_MACHINE, CUTOVER_PROBE: probe = null } = parsed.data;
  const client = withRoleCredentials(eachOnce(clientOptions));
  let made: Store | undefined;
  const store = () => {
    made ??= dynamoStore(
      client('dynamodb', (options) => new DynamoDBClient(options)),
      CUTOVER_TABLE,
    );
    return made;
  };
  return {
    client,
    store,
    now: Date.now,
    nonce: randomNonce,
    fetch: null,
    probe,
    reaches: () => Promise.resolve(probe !== null),
    machine: CUTOVER_MACHINE,
    logger: new Logger({ serviceName: 'cutover' }),
  };
};
