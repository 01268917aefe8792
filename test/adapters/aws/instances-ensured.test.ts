/** Numbered instances: launched once however often it is asked, registered in batches, with words for what could not be had. */
import type { Instance } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { sdkError } from './fake.ts';
import { type Given, instance, range, release, world } from './instances.ts';

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

  test('moves on to another subnet where one is full, under another token, and says so', async () => {
    const { fleet, launches } = world({
      run: ({ SubnetId }) => {
        if (SubnetId === 'subnet-a') throw sdkError('InsufficientInstanceCapacity', 500);
        return [{}];
      },
    });
    expect(await fleet.ensure(release, 'green', 1)).toEqual({
      launched: 1,
      short: expect.stringMatching(/^1 of 1 .* no capacity in subnet-a \(InsufficientInstanceCapacity: /),
    });
    const [a, b] = launches();
    expect([a?.SubnetId, b?.SubnetId]).toEqual(['subnet-a', 'subnet-b']);
    expect(a?.ClientToken).not.toBe(b?.ClientToken);
  });

  test.each([
    'InsufficientInstanceCapacity',
    'InsufficientFreeAddressesInSubnet',
    'InsufficientHostCapacity',
    'UnfulfillableCapacity',
    'Unsupported',
  ])('moves on to another subnet after %s', async (code) => {
    const { fleet, launches } = world({
      run: ({ SubnetId }) => {
        if (SubnetId === 'subnet-a') throw sdkError(code);
        return [{}];
      },
    });
    expect((await fleet.ensure(release, 'green', 1)).launched).toBe(1);
    expect(launches().map(({ SubnetId }) => SubnetId)).toEqual(['subnet-a', 'subnet-b']);
  });

  test.each(['VcpuLimitExceeded', 'InstanceLimitExceeded', 'MaxSpotInstanceCountExceeded'])(
    'tries no other subnet after %s, as the quota is the account’s',
    async (code) => {
      const { fleet, launches } = world({
        run: () => {
          throw sdkError(code);
        },
      });
      expect(await fleet.ensure(release, 'green', 1)).toEqual({
        launched: 0,
        short: expect.stringContaining("the account's quota is reached"),
      });
      expect(launches()).toHaveLength(1);
    },
  );

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
      short: expect.stringMatching(/^3 of 4 .*subnet-b \(InsufficientInstanceCapacity: .* happened\), subnet-a/),
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

  test('registers running instances by the hundred and deregisters ended ones, on all pages', async () => {
    const instances = [...range(250, 'running'), instance(251, 'pending'), instance(252, 'terminated')];
    const targets = { 'i-1': 'healthy', 'i-2': 'draining', 'i-252': 'unused' };
    const { fleet, registered, deregistered } = world({ instances, targets, pageSize: 100 });
    await fleet.ensure(release, 'green', 251);
    expect(registered().map((ids) => ids.length)).toEqual([100, 100, 49]);
    expect(registered()[0]?.slice(0, 2)).toEqual(['i-2', 'i-3']);
    expect(deregistered()).toEqual([['i-252']]);
  });

  test('registers one instance a number: the serving one, else the oldest that may stay', async () => {
    const again = (id: string, number: number, more: Partial<Instance> = {}) => ({
      ...instance(number, 'running', { LaunchTime: new Date(9), ...more }),
      InstanceId: id,
    });
    const instances = [again('i-1b', 1), instance(1, 'running'), again('i-2b', 2), instance(2, 'running')];
    const served = world({ instances, targets: { 'i-1b': 'unhealthy', 'i-2': 'draining' } });
    await served.fleet.ensure(release, 'green', 2);
    expect(served.registered()).toEqual([['i-2']]);
    const without = { ...instance(3, 'running'), Tags: [{ Key: 'cutover:release', Value: 'abc' }] };
    const numberless = world({ instances: [...range(2, 'running'), without] });
    await numberless.fleet.ensure(release, 'green', 2);
    expect(numberless.registered()).toEqual([['i-1', 'i-2']]);
  });
});
