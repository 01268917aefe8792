import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { createBus, matches, type Pattern, type Trigger } from '../../local/events.ts';
import { latencies } from '../../local/latencies.ts';
import { virtualTime } from '../../local/time.ts';
import triggers from '../../statemachines/triggers.json' with { type: 'json' };
import { cloudForTests } from './fixture.ts';

/** Details as AWS's documentation shows them. */
const samples = {
  push: {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    detail: {
      result: 'SUCCESS',
      'repository-name': 'my-repository-name',
      'image-digest': 'sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234',
      'action-type': 'PUSH',
      'image-tag': 'latest',
    },
  },
  ami: {
    source: 'aws.ec2',
    'detail-type': 'EC2 AMI State Change',
    detail: { RequestId: 'example', ImageId: 'ami-0abcdef1234567890', State: 'available', ErrorMessage: '' },
  },
  built: {
    source: 'aws.imagebuilder',
    'detail-type': 'EC2 Image Builder Image State Change',
    detail: { 'previous-state': { status: 'TESTING' }, state: { status: 'AVAILABLE' } },
  },
  parameter: {
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    detail: { operation: 'Update', name: 'MyExampleParameter', type: 'String', description: 'Sample Parameter' },
  },
  alarm: {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    detail: { alarmName: 'ServerCpuTooHigh', previousState: { value: 'OK' }, state: { value: 'ALARM', reason: '…' } },
  },
  stopped: {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { executionArn: '…', stateMachineArn: `\${machine}`, name: 'exec', status: 'FAILED', redriveCount: 0 },
  },
};

const triggered = (event: object, account = `\${account}`): string[] =>
  (triggers as Trigger[])
    .filter(({ pattern }) => pattern !== undefined && matches(pattern, { account, ...event }))
    .map(({ name }) => name);

const changed = <T extends { detail: object }>(event: T, detail: object): T => ({
  ...event,
  detail: { ...event.detail, ...detail },
});

describe('the triggers', () => {
  it.each([
    ['a push', samples.push, 'ecr-push'],
    ['a push without a tag', changed(samples.push, { 'image-tag': undefined }), 'ecr-push'],
    ['an AMI that is available', samples.ami, 'ami-available'],
    ['an image that was built', samples.built, 'image-built'],
    ['a parameter that was updated', samples.parameter, 'parameter-changed'],
    ['a parameter that was created', changed(samples.parameter, { operation: 'Create' }), 'parameter-changed'],
    ['an alarm', samples.alarm, 'alarm-on'],
    ['an execution that failed', samples.stopped, 'execution-stopped'],
    ['an execution that was stopped', changed(samples.stopped, { status: 'ABORTED' }), 'execution-stopped'],
    ['an execution that timed out', changed(samples.stopped, { status: 'TIMED_OUT' }), 'execution-stopped'],
  ])('take %s', (_, event, name) => {
    expect(triggered(event)).toEqual([name]);
  });

  it.each([
    ['a push that failed', changed(samples.push, { result: 'FAILURE' })],
    ['a deleted image', changed(samples.push, { 'action-type': 'DELETE' })],
    ['an archived image', changed(samples.push, { 'action-type': 'UPDATE_STORAGE_CLASS' })],
    ['a replicated image', { ...samples.push, 'detail-type': 'ECR Replication Action' }],
    ['a push that another source claims', { ...samples.push, source: 'acme' }],
    ['an AMI that failed', changed(samples.ami, { State: 'failed' })],
    ['an instance that runs', { ...samples.ami, 'detail-type': 'EC2 Instance State-change Notification' }],
    ['an image in its tests', changed(samples.built, { state: { status: 'TESTING' } })],
    [
      'an image that was available before',
      changed(samples.built, { 'previous-state': samples.built.detail.state, state: { status: 'FAILED' } }),
    ],
    ['a parameter that was deleted', changed(samples.parameter, { operation: 'Delete' })],
    ['an alarm that is over', changed(samples.alarm, { state: { value: 'OK' } })],
    ['an alarm without data', changed(samples.alarm, { state: { value: 'INSUFFICIENT_DATA' } })],
    ['an execution that goes on', changed(samples.stopped, { status: 'RUNNING' })],
    ['an execution that succeeded', changed(samples.stopped, { status: 'SUCCEEDED' })],
    ["another machine's execution", changed(samples.stopped, { stateMachineArn: 'arn:aws:states:…:other' })],
    ['an event without detail', { ...samples.push, detail: null }],
  ])('leave %s alone', (_, event) => {
    expect(triggered(event)).toEqual([]);
  });

  it('take what the simulated services emit', async () => {
    const cloud = cloudForTests();
    cloud.push('acme/shop', { digest: 'sha256:1', tags: ['v1', 'latest'] });
    cloud.makeAmi({ id: 'ami-1', name: 'shop' });
    cloud.putParameter('/shop/ami', 'ami-1');
    cloud.build({ arn: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop/1.0.0/1', ami: 'ami-2' });
    cloud.setAlarm('shop-5xx', 'ALARM', 'too many');
    cloud.setAlarm('shop-5xx', 'OK', 'fewer');
    await cloud.pass(60);
    const names = cloud.invoked.map(({ name }) => name);
    expect(names).toEqual(['on-image', 'on-image', 'on-image', 'on-image', 'on-image', 'on-alarm']);
    const [first, second] = cloud.invoked.map(({ event }) => event as { detail: Record<string, unknown> });
    expect([first?.detail['image-tag'], second?.detail['image-tag']]).toEqual(['v1', 'latest']);
  });
});

describe('patterns', () => {
  it('match one of the values of each field', () => {
    const pattern: Pattern = { count: [1, 2], on: [true], name: [null] };
    expect(matches(pattern, { count: 2, on: true, name: null })).toBe(true);
    expect(matches(pattern, { count: 2, on: true, name: 'null' })).toBe(false);
    expect(matches(pattern, { count: 2, name: null })).toBe(false);
  });

  it('with operators are refused by name', () => {
    const pattern = { detail: { size: [{ numeric: ['>', 1] }] } } as unknown as Pattern;
    const trigger = { name: 't', pattern, function: 'f' };
    const bus = () =>
      createBus({ time: virtualTime(), latencies, triggers: [trigger], invoke: async () => {}, wire: {} });
    expect(bus).toThrow('trigger t: the pattern operator numeric is not simulated');
  });
});

describe('delivery', () => {
  const failing = (times: number) => {
    const at: number[] = [];
    const functions = () => ({
      'on-image': async () => {
        at.push(cloud.time.now());
        if (at.length <= times) throw new Error('not yet');
      },
    });
    const cloud = cloudForTests({ functions });
    return { cloud, at };
  };

  it('is repeated after one and after two more minutes when the function fails', async () => {
    const { cloud, at } = failing(2);
    const { id } = cloud.bus.put(samples.push);
    await cloud.pass(600);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(at.map((ms) => Math.round((ms - (at[0] ?? 0)) / 60_000))).toEqual([0, 1, 3]);
    expect(cloud.bus.deadLetters).toEqual([]);
  });

  it('ends in a dead letter after the third failure', async () => {
    const { cloud, at } = failing(3);
    cloud.bus.put(samples.push);
    await cloud.pass(600);
    expect(at).toHaveLength(3);
    expect(cloud.bus.deadLetters).toMatchObject([{ function: 'on-image', error: { message: 'not yet' } }]);
  });

  it('does not wait beyond the maximum age of the event', async () => {
    const functions = () => ({
      'on-alarm': async () => {
        throw new Error('no');
      },
    });
    const cloud = cloudForTests({ functions });
    cloud.bus.put(samples.alarm);
    await cloud.pass(100);
    expect(cloud.bus.deadLetters).toHaveLength(1);
  });

  it('can be lost or doubled by an intercept', async () => {
    const cloud = cloudForTests();
    let times = 2;
    cloud.intercept(async (_service, _command, _input, next) => {
      for (let i = 0; i < times; i++) await next();
    });
    cloud.bus.put(samples.push);
    await cloud.pass(10);
    expect(cloud.invoked).toHaveLength(2);
    times = 0;
    cloud.bus.put(samples.push);
    await cloud.pass(10);
    expect(cloud.invoked).toHaveLength(2);
  });

  it('happens on schedule every two minutes, until it is closed', async () => {
    const cloud = cloudForTests({ schedule: true });
    await cloud.pass(601);
    expect(cloud.invoked.map(({ name }) => name)).toEqual(Array(5).fill('reconcile'));
    cloud.close();
    await cloud.pass(601);
    expect(cloud.invoked).toHaveLength(5);
  });
});

describe('PutEvents', () => {
  it('puts events onto the bus, where watchers see them', async () => {
    const cloud = cloudForTests();
    const seen: unknown[] = [];
    cloud.bus.watch((event) => seen.push(event));
    const Entries = [{ Source: 'cutover', DetailType: 'Rollout', Detail: '{"service":"shop"}' }];
    const { FailedEntryCount } = await cloud.done(cloud.clients.eventbridge.send(new PutEventsCommand({ Entries })));
    expect(FailedEntryCount).toBe(0);
    expect(seen).toMatchObject([{ source: 'cutover', 'detail-type': 'Rollout', detail: { service: 'shop' } }]);
  });
});
