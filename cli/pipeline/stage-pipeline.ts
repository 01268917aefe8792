/** A deployed pipeline as a person's commands see it, with the caller's credentials. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { send } from '../../adapters/aws/aws-errors.ts';
import { everyPage } from '../../adapters/aws/client.ts';
import { dynamoStore } from '../../adapters/ledger/dynamodb.ts';
import { arnParts } from '../../core/basics/arn.ts';
import { messageOf, Rejected } from '../../core/basics/errors.ts';
import { clientOptions, eachOnce } from '../../functions/clients.ts';
import type { Environment } from '../../functions/environment.ts';
import { randomNonce } from '../../functions/nonce.ts';
import { NoPipeline } from './no-pipeline.ts';
import { type Pipeline, portsOver } from './pipeline.ts';
import { withRoute53 } from './route53.ts';
import { reachesFrom } from './vpc-function.ts';

/** `production` → cutover-production; `shop/production`, deployed as a part of that app → shop-production. */
export const prefixOf = (stage: string): string => {
  const [app, name] = stage.includes('/') ? stage.split('/') : ['cutover', stage];
  if (!/^[\w-]+$/.test(app ?? '') || !/^[\w-]+$/.test(name ?? ''))
    throw new Rejected(
      `--stage: expected a name like production, or app/production, found ${stage}: write the stage that was deployed`,
    );
  return `${app}-${name}`;
};

/** Throws NoPipeline where there is none, and Rejected where nobody says which account and region are meant. */
export const stagePipeline = async (stage: string): Promise<Pipeline> => {
  const prefix = prefixOf(stage);
  const client = withRoute53(eachOnce(clientOptions));
  const machine = await machineOf(
    client('sfn', (options) => new SFNClient(options)),
    prefix,
    stage,
  );
  const roles = `/${prefix}/${arnParts(machine).region}/`;
  const environment: Environment = {
    client,
    store: () =>
      dynamoStore(
        client('dynamodb', (options) => new DynamoDBClient(options)),
        `${prefix}-ledger`,
      ),
    now: Date.now,
    nonce: randomNonce,
    fetch: null,
    probe: null,
    reaches: reachesFrom(client, roles),
    machine,
    logger: { info: () => undefined, error: () => undefined },
  };
  return {
    ports: portsOver(environment),
    roles,
    urls: {},
    // Functions read a configuration when they need one.
    configured: () => Promise.resolve({}),
  };
};

const machineOf = async (sfn: SFNClient, prefix: string, stage: string): Promise<string> => {
  const machines = await everyPage(async (nextToken) => {
    const page = await send(sfn, new ListStateMachinesCommand({ nextToken }));
    return { items: page.stateMachines, next: page.nextToken };
  }).catch((error) => {
    const { cause } = error as { cause?: unknown };
    const why = messageOf(cause ?? error);
    if (/region is missing/i.test(why))
      throw new Rejected(
        '--stage needs an AWS region, and none is set: set AWS_REGION, or AWS_PROFILE to a profile that has one',
      );
    if (/could not load credentials|credential/i.test(why))
      throw new Rejected(`--stage needs AWS credentials, and none were found: set AWS_PROFILE, or log in (${why})`);
    throw error;
  });
  const found = machines.find(({ name }) => name === `${prefix}-rollout`)?.stateMachineArn;
  if (found === undefined)
    throw new NoPipeline(
      `there is no pipeline ${prefix} in this account and region: check AWS_PROFILE and AWS_REGION, or deploy it: npx --no-install sst deploy --stage ${stage.split('/').at(-1)}`,
    );
  return found;
};
