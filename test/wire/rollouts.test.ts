/** Whole rollouts with the real SDK, over HTTP: the production functions and adapters against moto, the machine in the local engine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeRulesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, describe, expect, test } from 'vitest';
import { rolloutsOf } from '../../core/history.ts';
import type { Environment } from '../../functions/environment.ts';
import { createFunctions } from '../../functions/index.ts';
import * as port from '../../functions/ports.ts';
import { dynamoStore } from '../../ledger/dynamodb.ts';
import { ledgerOf } from '../../ledger/ledger.ts';
import { createCloud } from '../../local/cloud.ts';
import { describedMachines } from '../../local/described-machines.ts';
import { realTime } from '../../local/time.ts';
import { abortRollout } from '../../steps/abort-rollout.ts';
import { type Account, client, clientOptions, createAccount } from './account.ts';

const machineFile = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'statemachines', name), 'utf8'));

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** What a test changes of an answer, by command. */
type Stub = (command: string, answer: never) => unknown;

const pipelineOf = ({ service, table }: Account) => {
  const time = realTime();
  const store = dynamoStore(client('dynamodb'), table);
  const ledger = ledgerOf(store);
  const stub: { now: Stub | null } = { now: null };
  const log: string[] = [];
  const made: { environment?: Environment } = {};
  const timeouts = Object.entries(machineFile('functions.json') as Record<string, { timeout: number }>);
  const cloud = createCloud({
    time,
    machines: describedMachines({ time }),
    definition: machineFile('rollout.asl.json'),
    triggers: machineFile('triggers.json'),
    timeouts: Object.fromEntries(timeouts.map(([name, { timeout }]) => [name, timeout])),
    latency: 'none',
    functions: (given) => {
      const environment: Environment = {
        client: (name, make) => {
          if (name === 'sfn') return given.clients.sfn as never;
          const real = make(clientOptions() as never) as { send(command: object): Promise<unknown> };
          const send = async (command: object) => {
            const answer = await real.send(command);
            return stub.now?.(command.constructor.name.replace(/Command\d*$/, ''), answer as never) ?? answer;
          };
          return { send } as never;
        },
        store: () => store,
        now: time.now,
        fetch,
        machine: given.machine,
        logger: { info: () => undefined, error: (...said) => void log.push(JSON.stringify(said)) },
      };
      made.environment = environment;
      return createFunctions(() => environment);
    },
  });
  closers.push(() => cloud.close());
  const until = async (is: () => Promise<boolean>, what: string, seconds = 90): Promise<void> => {
    for (const end = Date.now() + seconds * 1000; ; ) {
      if (await is()) return;
      if (Date.now() > end)
        throw new Error(
          `${what}: not after ${seconds} s\n${log.slice(-5).join('\n')}\n${JSON.stringify(await ledger.row(service.name), null, 1)}`,
        );
      await new Promise((next) => setTimeout(next, 200));
    }
  };
  const weights = async (): Promise<number[]> => {
    const { Rules = [] } = await client('elbv2').send(new DescribeRulesCommand({ RuleArns: service.rules }));
    const forward = Rules[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return [service.slots.blue, service.slots.green].map(
      (arn) => forward.find((one) => one.TargetGroupArn === arn)?.Weight ?? 0,
    );
  };
  return {
    ledger,
    cloud,
    stub,
    weights,
    ports: () => ({
      ledger,
      traffic: port.traffic(made.environment as Environment),
      executions: port.executions(made.environment as Environment),
      notify: port.notify(made.environment as Environment),
      now: time.now,
    }),
    publish: async (digest: string, tag: string): Promise<void> => {
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
    },
    rest: () => until(async () => (await ledger.row(service.name))?.lock.state === 'free', 'at rest'),
    until,
    row: async () => {
      const row = await ledger.row(service.name);
      if (row === null) throw new Error('there is no row');
      return row;
    },
    newest: async () => rolloutsOf(service.name, await ledger.history(service.name))[0],
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

describe.concurrent.each(['instances', 'groups'] as const)('on %s', (kind) => {
  test('a first image goes live, a second replaces it, a third that never becomes healthy goes back', async () => {
    const account = await createAccount(`all-${kind}`, kind);
    const pipeline = pipelineOf(account);
    const { service } = account;
    await pipeline.ledger.applyConfiguration([service], { author: 'a test', commit: '', at: Date.now() });

    await pipeline.publish(await account.push('v1'), 'v1');
    await pipeline.rest();
    expect(await pipeline.newest()).toMatchObject({ outcome: 'live' });
    const first = (await pipeline.row()).live;

    await pipeline.publish(await account.push('v22'), 'v22');
    await pipeline.rest();
    expect(await pipeline.newest()).toMatchObject({ outcome: 'live', label: expect.stringContaining('v22') });
    const second = (await pipeline.row()).live;
    expect(second?.slot).not.toBe(first?.slot);
    expect(await pipeline.weights()).toEqual(second?.slot === 'blue' ? [100, 0] : [0, 100]);
    expect(await pipeline.running()).toEqual(Array(2).fill(second?.release));

    // Those that serve now stay healthy.
    const serving = new Set<string>();
    const { Reservations = [] } = await client('ec2').send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }),
    );
    for (const { Instances = [] } of Reservations) for (const { InstanceId = '' } of Instances) serving.add(InstanceId);
    // moto has every target healthy.
    pipeline.stub.now = (command, answer) => {
      if (command !== 'DescribeTargetHealth') return undefined;
      const { TargetHealthDescriptions = [] } = answer as { TargetHealthDescriptions?: { Target?: { Id?: string } }[] };
      return {
        ...(answer as object),
        TargetHealthDescriptions: TargetHealthDescriptions.map((one) =>
          serving.has(one.Target?.Id ?? '')
            ? one
            : {
                ...one,
                TargetHealth: {
                  State: 'unhealthy',
                  Reason: 'Target.FailedHealthChecks',
                  Description: 'Health checks failed',
                },
              },
        ),
      };
    };
    await pipeline.publish(await account.push('v333'), 'v333');
    await pipeline.rest();
    pipeline.stub.now = null;
    expect(await pipeline.newest()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('not ready') });
    expect((await pipeline.row()).live?.release).toBe(second?.release);
    expect(await pipeline.running()).toEqual(Array(2).fill(second?.release));
    if (kind === 'groups') {
      const { AutoScalingGroups = [] } = await client('autoscaling').send(
        new DescribeAutoScalingGroupsCommand({
          AutoScalingGroupNames: [`${service.name}-blue`, `${service.name}-green`],
        }),
      );
      const kept = AutoScalingGroups.map(({ MinSize, DesiredCapacity, SuspendedProcesses }) => [
        MinSize,
        DesiredCapacity,
        SuspendedProcesses?.length,
      ]);
      // The one that serves keeps its number, the other is as it was found.
      expect(kept.toSorted()).toEqual([
        [0, 0, 0],
        [2, 2, 0],
      ]);
    }
  }, 240_000);

  test('an execution that is stopped is recovered from, and a person’s abort goes back', async () => {
    const account = await createAccount(`back-${kind}`, kind);
    const pipeline = pipelineOf(account);
    const { service } = account;
    const slow = { ...service, strategy: { steps: [50, 100].map((weight) => ({ weight, bake: 20 })) } };
    await pipeline.ledger.applyConfiguration([service], { author: 'a test', commit: '', at: Date.now() });
    await pipeline.publish(await account.push('v1'), 'v1');
    await pipeline.rest();
    const before = (await pipeline.row()).live;
    await pipeline.ledger.applyConfiguration([slow], { author: 'a test', commit: '', at: Date.now() });

    await pipeline.publish(await account.push('v22'), 'v22');
    const half = async () => (await pipeline.weights()).join() === '50,50';
    await pipeline.until(half, 'half of the traffic');
    const lock = (await pipeline.row()).lock as { execution: string };
    pipeline.cloud.machine.stop(lock.execution, { error: 'by hand' });
    await pipeline.rest();
    expect((await pipeline.row()).live?.release).toBe(before?.release);
    expect(await pipeline.newest()).toMatchObject({ outcome: 'failed' });

    await pipeline.publish(await account.push('v333'), 'v333');
    await pipeline.until(half, 'half of the traffic again');
    const { plan } = await pipeline.row();
    expect(plan).not.toBeNull();
    if (plan !== null)
      expect(await abortRollout(pipeline.ports(), plan, { why: 'the wrong one', by: 'ada' })).toBeNull();
    expect(await pipeline.weights()).toEqual(before?.slot === 'blue' ? [100, 0] : [0, 100]);
    await pipeline.rest();
    expect(await pipeline.newest()).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('the wrong one'),
    });
    expect(await pipeline.running()).toEqual(Array(2).fill(before?.release));
  }, 240_000);
});
