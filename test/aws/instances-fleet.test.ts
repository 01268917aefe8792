/** Numbered instances: launched once however often it is asked, over all pages and in batches, with words for what could not be had. */
import type { Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { fleetOf } from '../../aws/fleet.ts';
import type { FleetRelease } from '../../steps/ports.ts';
import { fakeClient, green, paged, sdkError, shop } from './fake.ts';

const service = shop();
const release: FleetRelease = {
  service: 'shop',
  release: 'abc',
  image: { reference: 'acme/shop@sha256:abc', label: 'v1' },
  attempt: 1,
  template: { id: 'lt-1', version: '7' },
  fleet: service.fleet,
  targetGroup: green,
};

interface Given {
  instances?: Instance[];
  /** Target health states by instance id. */
  targets?: Record<string, string>;
  run?: (input: RunInstancesCommandInput) => Instance[];
  pageSize?: number;
}

const instance = (number: number, state: string, more: Partial<Instance> = {}): Instance => ({
  InstanceId: `i-${number}`,
  State: { Name: state } as Instance['State'],
  LaunchTime: new Date(number),
  Tags: Object.entries({ release: 'abc', rollout: 'shop-abc-1', number: String(number) }).map(([key, Value]) => ({
    Key: `cutover:${key}`,
    Value,
  })),
  ...more,
});

const world = ({ instances = [], targets = {}, run = () => [{}], pageSize = 1000 }: Given) => {
  const ec2 = fakeClient({
    DescribeInstances: ({ NextToken }: { NextToken?: string }) => {
      const { items, next } = paged(instances, pageSize, NextToken);
      return { Reservations: items.map((one) => ({ Instances: [one] })), NextToken: next };
    },
    RunInstances: (input: RunInstancesCommandInput) => ({ Instances: run(input) }),
    TerminateInstances: ({ InstanceIds }: { InstanceIds: string[] }) => ({
      TerminatingInstances: InstanceIds.map((InstanceId) => ({ InstanceId, CurrentState: { Name: 'shutting-down' } })),
    }),
    GetConsoleOutput: ({ InstanceId }: { InstanceId: string }) => {
      if (InstanceId === 'i-1') throw sdkError('InvalidInstanceID.NotFound');
      return { Output: Buffer.from(`${'.'.repeat(5000)}out of memory`).toString('base64') };
    },
  });
  const elb = fakeClient({
    DescribeTargetHealth: () => ({
      TargetHealthDescriptions: Object.entries(targets).map(([Id, State]) => ({
        Target: { Id },
        TargetHealth: { State, Reason: State === 'unhealthy' ? 'Target.Timeout' : undefined },
      })),
    }),
    RegisterTargets: () => ({}),
    DeregisterTargets: () => ({}),
  });
  const idsOf = (command: string) =>
    elb.sent
      .filter((one) => one.command === command)
      .map(({ input }) => input.Targets.map(({ Id }: { Id: string }) => Id));
  return {
    fleet: fleetOf({ ec2, elb }),
    launches: () => ec2.sent.filter(({ command }) => command === 'RunInstances').map(({ input }) => input),
    terminated: () =>
      ec2.sent.filter(({ command }) => command === 'TerminateInstances').map(({ input }) => input.InstanceIds),
    registered: () => idsOf('RegisterTargets'),
    deregistered: () => idsOf('DeregisterTargets'),
  };
};

const range = (count: number, state: string) => Array.from({ length: count }, (_, index) => instance(index + 1, state));

describe('ensure', () => {
  test('launches the missing numbers, each in its subnet, with the pinned template and its tags', async () => {
    const { fleet, launches } = world({ instances: [instance(2, 'pending')] });
    expect(await fleet.ensure(release, 'green', 3)).toEqual({ launched: 2, short: null });
    expect(launches()).toEqual([
      {
        MinCount: 1,
        MaxCount: 1,
        ClientToken: expect.stringMatching(/^[0-9a-f]{64}$/),
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' },
        SubnetId: 'subnet-a',
        MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
        TagSpecifications: [
          {
            ResourceType: 'instance',
            Tags: [
              { Key: 'cutover:service', Value: 'shop' },
              { Key: 'cutover:slot', Value: 'green' },
              { Key: 'cutover:release', Value: 'abc' },
              { Key: 'cutover:rollout', Value: 'shop-abc-1' },
              { Key: 'cutover:image', Value: 'acme/shop@sha256:abc' },
              { Key: 'cutover:number', Value: '1' },
            ],
          },
        ],
      },
      expect.objectContaining({ SubnetId: 'subnet-a' }),
    ]);
  });

  test('launches a machine image as the image, and anything else from the template', async () => {
    const { fleet, launches } = world({});
    await fleet.ensure({ ...release, image: { reference: 'ami-1', ami: 'ami-1', label: 'v1' } }, 'green', 1);
    expect(launches()[0]).toMatchObject({ ImageId: 'ami-1' });
  });

  test('repeats a token while nothing has ended, and never uses one for two launches', async () => {
    const tokens = async (given: Given, slot: 'blue' | 'green' = 'green', attempt = 1) => {
      const { fleet, launches } = world(given);
      await fleet.ensure({ ...release, attempt }, slot, 2);
      return launches().map(({ ClientToken }) => ClientToken);
    };
    const first = await tokens({});
    expect(await tokens({})).toEqual(first);
    const others = [
      await tokens({}, 'blue'),
      await tokens({}, 'green', 2),
      await tokens({ instances: range(2, 'terminated') }),
    ];
    expect(new Set([first, ...others].flat()).size).toBe(8);
  });

  test('steps over tokens whose instance has ended out of sight', async () => {
    const used: unknown[] = [];
    const { fleet } = world({
      run: ({ ClientToken }) => {
        used.push(ClientToken);
        if (used.length === 1) throw sdkError('IdempotentInstanceTerminated');
        return [{ State: { Name: used.length === 2 ? 'shutting-down' : 'pending' } }];
      },
    });
    expect(await fleet.ensure(release, 'green', 1)).toEqual({ launched: 1, short: null });
    expect(new Set(used).size).toBe(3);
  });

  test('moves on to another subnet where one is full, under another token', async () => {
    const { fleet, launches } = world({
      run: ({ SubnetId }) => {
        if (SubnetId === 'subnet-a') throw sdkError('InsufficientInstanceCapacity', 500);
        return [{}];
      },
    });
    expect(await fleet.ensure(release, 'green', 1)).toEqual({ launched: 1, short: null });
    const [a, b] = launches();
    expect([a.SubnetId, b.SubnetId]).toEqual(['subnet-a', 'subnet-b']);
    expect(a.ClientToken).not.toBe(b.ClientToken);
  });

  test('says what is short when no subnet has room, or the quota is reached', async () => {
    const failing = (code: string, from: number) => {
      let runs = 0;
      return world({
        run: () => {
          if (++runs > from) throw sdkError(code, 500);
          return [{}];
        },
      }).fleet.ensure(release, 'green', 4);
    };
    expect(await failing('InsufficientInstanceCapacity', 3)).toEqual({
      launched: 3,
      short: expect.stringMatching(/^3 of 4 .*subnet-b \(InsufficientInstanceCapacity\), subnet-a/),
    });
    expect(await failing('VcpuLimitExceeded', 1)).toEqual({
      launched: 1,
      short: expect.stringContaining("account's quota"),
    });
  });

  test('counts being throttled after some launches as progress, and before any as Transient', async () => {
    const throttledAfter = (from: number) => {
      let runs = 0;
      return world({
        run: () => {
          if (++runs > from) throw sdkError('RequestLimitExceeded', 503);
          return [{}];
        },
      }).fleet.ensure(release, 'green', 30);
    };
    expect(await throttledAfter(12)).toEqual({ launched: 12, short: null });
    await expect(throttledAfter(0)).rejects.toMatchObject({ name: 'Transient' });
  });

  test('launches a hundred at a time', async () => {
    const { fleet, launches } = world({});
    expect(await fleet.ensure(release, 'green', 250)).toEqual({ launched: 100, short: null });
    expect(launches()).toHaveLength(100);
  });

  test('never lowers a count, and leaves other releases alone', async () => {
    const { fleet, launches, terminated } = world({ instances: range(5, 'running'), targets: {} });
    expect(await fleet.ensure(release, 'green', 2)).toEqual({ launched: 0, short: null });
    expect([launches(), terminated()]).toEqual([[], []]);
  });

  test('reads all pages, registers what runs in batches of a hundred, and deregisters what has ended', async () => {
    const instances = [...range(250, 'running'), instance(251, 'pending'), instance(252, 'terminated')];
    const targets = { 'i-1': 'healthy', 'i-2': 'draining', 'i-252': 'unused' };
    const { fleet, registered, deregistered } = world({ instances, targets, pageSize: 100 });
    await fleet.ensure(release, 'green', 251);
    expect(registered().map((ids) => ids.length)).toEqual([100, 100, 49]);
    expect(registered()[0]?.slice(0, 2)).toEqual(['i-2', 'i-3']);
    expect(deregistered()).toEqual([['i-252']]);
  });
});

describe('remove', () => {
  test('first deregisters in batches, and terminates nothing', async () => {
    const targets = Object.fromEntries(range(230, 'running').map(({ InstanceId = '' }) => [InstanceId, 'healthy']));
    const { fleet, deregistered, terminated } = world({ instances: range(230, 'running'), targets });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 230, draining: 230 });
    expect(deregistered().map((ids) => ids.length)).toEqual([100, 100, 30]);
    expect(terminated()).toEqual([]);
  });

  test('waits while anything drains, strangers in the target group included', async () => {
    const targets = { 'i-1': 'draining', 'i-stranger': 'draining' };
    const { fleet, deregistered, terminated } = world({ instances: range(2, 'running'), targets });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 3, draining: 2 });
    expect([deregistered(), terminated()]).toEqual([[], []]);
  });

  test('then terminates its own in batches, stopped ones too, and is done when all are ending', async () => {
    const instances = [...range(240, 'running'), instance(241, 'stopped'), instance(242, 'terminated')];
    const { fleet, terminated } = world({ instances, pageSize: 100 });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 0, draining: 0 });
    expect(terminated().map((ids) => ids.length)).toEqual([100, 100, 41]);
    expect(terminated().flat()).not.toContain('i-242');
  });

  test('of an empty slot is done at once', async () => {
    const { fleet, terminated } = world({ instances: range(3, 'terminated') });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 0, draining: 0 });
    expect(terminated()).toEqual([]);
  });
});

test('a slot is seen with states, reasons and zones', async () => {
  const { fleet } = world({
    instances: [
      instance(1, 'running', { Placement: { AvailabilityZone: 'eu-west-1a' } }),
      instance(2, 'stopped'),
      instance(3, 'terminated', { StateReason: { Message: 'Client.InvalidKMSKey.InvalidState' } }),
    ],
  });
  expect((await fleet.observe(service, 'green')).instances).toEqual([
    { id: 'i-1', zone: 'eu-west-1a', state: 'running', reason: null, release: 'abc', launchedAt: 1 },
    { id: 'i-2', zone: '', state: 'stopping', reason: null, release: 'abc', launchedAt: 2 },
    { id: 'i-3', zone: '', state: 'gone', reason: 'Client.InvalidKMSKey.InvalidState', release: 'abc', launchedAt: 3 },
  ]);
});

test('evidence is what the last three unready instances said, an unreadable console included', async () => {
  const instances = [
    instance(1, 'terminated', { StateReason: { Message: 'shut down' } }),
    ...range(5, 'running').slice(1),
  ];
  const all = await world({ instances, targets: { 'i-5': 'healthy', 'i-4': 'unhealthy' } }).fleet.evidence(
    service,
    'green',
  );
  expect(all.map((one) => one.instance)).toEqual(['i-2', 'i-3', 'i-4']);
  expect(all[2]?.said).toMatch(/^instance running\ntarget unhealthy, Target.Timeout\n\.{2035}out of memory$/);
  const [first] = await world({ instances: instances.slice(0, 1) }).fleet.evidence(service, 'green');
  expect(first?.said).toMatch(
    /^instance terminated: shut down\nits console output could not be read: GetConsoleOutput failed/,
  );
});

describe('the template', () => {
  const over = (data: object) => {
    const ec2 = fakeClient({
      DescribeLaunchTemplateVersions: () => ({
        LaunchTemplateVersions: [{ LaunchTemplateId: 'lt-1', VersionNumber: 3, LaunchTemplateData: data }],
      }),
    });
    return { ec2, fleet: fleetOf({ ec2, elb: fakeClient({}) }) };
  };

  test('is its default version as a number, by name or by id', async () => {
    const { ec2, fleet } = over({ TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a/b' }] }] });
    expect(await fleet.template(service)).toEqual({ id: 'lt-1', version: '3' });
    await fleet.template(shop({ fleet: { ...service.fleet, launchTemplate: 'lt-1' } }));
    expect(ec2.sent.map(({ input }) => input)).toEqual([
      { LaunchTemplateName: 'shop', Versions: ['$Default'] },
      { LaunchTemplateId: 'lt-1', Versions: ['$Default'] },
    ]);
  });

  test('is refused when its tags cannot be read from instance metadata, or it fixes the network', async () => {
    const tagged = {
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team/name' }, { Key: 'cost center' }] }],
    };
    await expect(over(tagged).fleet.template(service)).rejects.toMatchObject({
      name: 'Rejected',
      message: expect.stringContaining('"team/name", "cost center"'),
    });
    await expect(over({ NetworkInterfaces: [{}] }).fleet.template(service)).rejects.toMatchObject({ name: 'Rejected' });
  });
});
