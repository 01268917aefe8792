/** The production functions and adapters over real clients, moto or the simulated AWS behind them; the machine in the local engine, in real time. */
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll } from 'vitest';
import { dynamoStore } from '../../adapters/ledger/dynamodb.ts';
import { ledgerOf } from '../../adapters/ledger/ledger.ts';
import type { Store } from '../../adapters/ledger/store.ts';
import type { Service } from '../../core/config/service.ts';
import { rolloutsOf } from '../../core/release/history.ts';
import type { Environment } from '../../functions/environment.ts';
import { createFunctions } from '../../functions/index.ts';
import { randomNonce } from '../../functions/nonce.ts';
import * as port from '../../functions/ports.ts';
import { createCloud } from '../../local/cloud.ts';
import { noLatencies } from '../../local/latencies.ts';
import { machineFiles } from '../../local/machine-files.ts';
import { describedMachines } from '../../local/simulated-machines.ts';
import { realTime } from '../../local/time.ts';
import { type Account, client, clientOptions } from './account.ts';

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** What a test changes of an answer, by command. */
type Stub = (command: string, answer: never) => unknown;

const unhealthy = {
  State: 'unhealthy',
  Reason: 'Target.FailedHealthChecks',
  Description: 'Health checks failed',
};

export interface Behind {
  service: Service;
  store: Store;
  /** What the test itself reads the ledger by, where functions have a worse way to it. */
  direct?: Store;
  /** moto answers, over HTTP; or the simulated AWS, in this process. */
  aws: 'moto' | 'simulated';
  /** Where smoke probes go; nowhere that answers, unless told. */
  fetch?: typeof fetch;
  /** How clients are made, where it is not straight to moto. */
  client?: Environment['client'];
}

export const onMoto = ({ service, table }: Account): Behind => ({
  service,
  store: dynamoStore(client('dynamodb'), table),
  aws: 'moto',
});

const straight: Environment['client'] = (_, make) => make(clientOptions() as never);

export const pipelineOf = ({
  service,
  store,
  aws,
  direct = store,
  fetch: probe = fetch,
  client: clientOf = straight,
}: Behind) => {
  const time = realTime();
  const ledger = ledgerOf(direct);
  const stub: { now: Stub | null } = { now: null };
  const log: string[] = [];
  const made: { environment?: Environment } = {};
  const cloud = createCloud({
    time,
    machines: describedMachines({ time, latencies: noLatencies }),
    ...machineFiles(),
    // No two states in one millisecond: what they say is ordered by it.
    latency: { ...noLatencies, transition: 5 },
    metricPeriod: 1000,
    functions: (given) => {
      const environment: Environment = {
        client: (name, make) => {
          if (name === 'sfn') return given.clients.sfn as never;
          const real = (
            aws === 'simulated' ? given.clients[name as keyof typeof given.clients] : clientOf(name, make)
          ) as { send(command: object): Promise<unknown> };
          const send = async (command: object) => {
            const answer = await real.send(command);
            return stub.now?.(command.constructor.name.replace(/Command\d*$/, ''), answer as never) ?? answer;
          };
          return { send } as never;
        },
        store: () => store,
        now: time.now,
        nonce: randomNonce,
        fetch: probe,
        probe: null,
        reaches: () => Promise.resolve(true),
        machine: given.machine,
        logger: { info: () => undefined, error: (...said) => void log.push(JSON.stringify(said)) },
      };
      made.environment = environment;
      return createFunctions(() => environment);
    },
  });
  closers.push(() => cloud.close());
  const until = async (is: () => Promise<boolean>, what: string, seconds = 150): Promise<void> => {
    for (const end = Date.now() + seconds * 1000; ; ) {
      if (await is()) return;
      if (Date.now() > end)
        throw new Error(
          `${what}: not after ${seconds} s\n${log.slice(-5).join('\n')}\n${JSON.stringify([(await ledger.history(service.name, 3)).map(({ text }) => text), await ledger.row(service.name)], null, 1)}`,
        );
      await new Promise((next) => setTimeout(next, 500));
    }
  };
  const environment = () => made.environment as Environment;
  /** moto shows an item of a transaction before its value is there. */
  const history = async () => (await ledger.history(service.name)).filter((event) => event !== null);
  /** Of blue and green, on the first rule. */
  const weights = async (): Promise<number[]> => {
    const [first] = await port.traffic(environment()).weights(service);
    return [first?.weights.blue ?? 0, first?.weights.green ?? 0];
  };
  /** Ids of what runs now, of the whole account. */
  const runningIds = async (): Promise<Set<string>> => {
    const ec2 = environment().client('ec2', (options) => new EC2Client(options));
    const running = { Name: 'instance-state-name', Values: ['running'] };
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [running] }));
    return new Set(
      Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(({ InstanceId }) => InstanceId ?? [])),
    );
  };
  const publish = async (digest: string, tag: string): Promise<void> => {
    await cloud.invoke('on-image', {
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      detail: {
        'repository-name': service.image.kind === 'ecr' ? service.image.repository : '',
        'image-digest': digest,
        'image-tag': tag,
        result: 'SUCCESS',
        'action-type': 'PUSH',
      },
    });
  };
  return {
    ledger,
    history,
    cloud,
    stub,
    weights,
    /** From now on whatever is launched fails its health checks, which moto has every target pass. Answers what ends that. */
    newcomersAreUnhealthy: async (): Promise<() => void> => {
      const serving = await runningIds();
      stub.now = (command, answer) => {
        if (command !== 'DescribeTargetHealth') return undefined;
        const { TargetHealthDescriptions = [] } = answer as {
          TargetHealthDescriptions?: { Target?: { Id?: string } }[];
        };
        return {
          ...(answer as object),
          TargetHealthDescriptions: TargetHealthDescriptions.map((one) =>
            serving.has(one.Target?.Id ?? '') ? one : { ...one, TargetHealth: unhealthy },
          ),
        };
      };
      return () => {
        stub.now = null;
      };
    },
    ports: () => ({
      ledger,
      traffic: port.traffic(environment()),
      executions: port.executions(environment()),
      notify: port.notify(environment()),
      now: time.now,
    }),
    publish,
    /** Delivered until the function has taken it, as EventBridge does. */
    published: async (digest: string, tag: string): Promise<void> => {
      for (let tries = 1; ; tries++)
        try {
          return await publish(digest, tag);
        } catch (error) {
          if (tries === 20) throw error;
        }
    },
    rest: (seconds?: number) =>
      until(async () => (await ledger.row(service.name))?.lock.state === 'free', 'at rest', seconds),
    until,
    row: async () => {
      const row = await ledger.row(service.name);
      if (row === null) throw new Error('there is no row');
      return row;
    },
    newest: async () => rolloutsOf(service.name, await history())[0],
    /** Instances of the service that run, by release. */
    running: async (): Promise<string[]> => {
      const { Reservations = [] } = await client('ec2').send(
        new DescribeInstancesCommand({
          Filters: [
            { Name: 'tag:cutover:service', Values: [service.name] },
            { Name: 'instance-state-name', Values: ['pending', 'running'] },
          ],
        }),
      );
      return Reservations.flatMap(({ Instances = [] }) => Instances).map(
        ({ Tags = [] }) => Tags.find(({ Key }) => Key === 'cutover:release')?.Value ?? '',
      );
    },
    log,
  };
};
