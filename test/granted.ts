/** The simulated account as a function sees it with the rights that its role has: where AWS narrows an answer instead of refusing, so does this. */
import type { Environment } from '../functions/environment.ts';
import commands from '../infra/commands.json' with { type: 'json' };
import { type Scope, statementsOf } from '../infra/grants.ts';
import { seenWith } from '../local/simulated/iam.ts';

const inAccount = (service: string, resource: string): string =>
  `arn:aws:${service}:eu-west-1:111122223333:${resource}`;

export const scope: Scope = {
  partition: 'aws',
  region: 'eu-west-1',
  account: '111122223333',
  table: inAccount('dynamodb', 'table/cutover-test-ledger'),
  machine: inAccount('states', 'stateMachine:cutover-test-rollout'),
  probe: inAccount('lambda', 'function:probe'),
  instanceRoles: [],
};

/** `name`: of the function. */
export const granted = (name: string, environment: Environment): Environment => {
  const statements = statementsOf(commands[name as keyof typeof commands] ?? [], scope);
  return {
    ...environment,
    client: (service, make) => {
      const client = environment.client(service, make) as { send(command: object): Promise<object> };
      const send = async (command: object) =>
        seenWith(
          statements,
          `${service}:${command.constructor.name.replace(/Command\d*$/, '')}`,
          await client.send(command),
        );
      return { send } as never;
    },
  };
};
