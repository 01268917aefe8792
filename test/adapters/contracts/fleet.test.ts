/** What a fleet is, whatever stands behind it: the adapters of both kinds over the simulated account, held to one suite. */
import { describe, expect, test } from 'vitest';
import { fleetOf } from '../../../adapters/aws/fleet.ts';
import { trafficOf } from '../../../adapters/aws/load-balancer/traffic.ts';
import { preflightOf } from '../../../adapters/aws/preflight/preflight.ts';
import { Transient } from '../../../core/basics/errors.ts';
import { findingText } from '../../../core/basics/finding.ts';
import type { Slot } from '../../../core/basics/slot.ts';
import type { FleetConfiguration, Service } from '../../../core/config/service.ts';
import type { SetUp } from '../../../local/simulated/set-up.ts';
import type { FleetRelease } from '../../../pipeline/ports/fleet.ts';
import type { TargetHealth } from '../../../pipeline/ports/traffic.ts';
import { cloudForTests, service as shop } from '../../local/fixture.ts';

const kinds: Record<FleetConfiguration['kind'], FleetConfiguration> = {
  instances: { kind: 'instances', launchTemplate: 'shop', subnets: ['subnet-a', 'subnet-b', 'subnet-c'], count: 4 },
  groups: { kind: 'groups', blue: 'shop-blue', green: 'shop-green', count: 4 },
};

const openFleet = async (fleet: FleetConfiguration, setUp: SetUp = {}) => {
  const service: Service = { ...shop, name: 'store', rules: [`${shop.rules[0]}-2`], slots: slotsOf('store'), fleet };
  const cloud = cloudForTests();
  cloud.setUp(service, setUp);
  const { ec2, elbv2: elb, autoscaling, cloudwatch, servicequotas: quotas } = cloud.clients;
  const port = fleetOf({ ec2, elb, autoscaling });
  const traffic = trafficOf({ elb });
  /** As the machine does it: what may pass is tried again a little later. */
  const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries++)
      try {
        return await cloud.done(call());
      } catch (error) {
        if (!(error instanceof Transient) || tries === 5) throw error;
        await cloud.pass(3);
      }
  };
  const image = (version: string) => `acme/shop@sha256:${version.padEnd(64, '0')}`;
  const template = {
    blue: await cloud.done(port.template(service, 'blue')),
    green: await cloud.done(port.template(service, 'green')),
  };
  const releaseOf = (version: string, slot: Slot, attempt = 1): FleetRelease => ({
    service: service.name,
    release: version.padEnd(12, '0'),
    image: { reference: image(version), label: version },
    attempt,
    template: template[slot],
    fleet,
    targetGroup: service.slots[slot],
    from: null,
    since: cloud.time.now(),
  });
  const healthy = async (slot: Slot): Promise<TargetHealth[]> =>
    (await cloud.done(traffic.health(service, slot))).filter(({ state }) => state === 'healthy');
  const seen = async (slot: Slot) => cloud.done(port.observe(service, slot));
  return {
    cloud,
    service,
    port,
    traffic,
    image,
    releaseOf,
    patiently,
    healthy,
    seen,
    running: async (slot: Slot) => (await seen(slot)).instances.filter(({ state }) => state === 'running'),
    /** As CheckReady does it: asks again and again, while time passes. */
    ensure: async (version: string, slot: Slot, count: number, seconds = 300) => {
      const release = releaseOf(version, slot);
      let last = await patiently(() => port.ensure(release, slot, count));
      for (let passed = 0; passed < seconds; passed += 15) {
        await cloud.pass(15);
        const next = await cloud.done(port.ensure(release, slot, count));
        last = { launched: last.launched + next.launched, short: next.short ?? last.short };
      }
      return last;
    },
    /** Until nothing is left; at most half an hour. */
    remove: async (slot: Slot) => {
      const lefts: number[] = [];
      for (let round = 0; round < 120 && lefts.at(-1) !== 0; round++) {
        lefts.push((await cloud.done(port.remove(service, slot))).left);
        await cloud.pass(15);
      }
      return lefts;
    },
    findings: (needs = { old: 'blue' as Slot, new: 'green' as Slot, count: 4, extra: 4, template: template.green }) =>
      cloud.done(
        preflightOf({ ec2, elb, autoscaling, cloudwatch, quotas }, cloud.time.now, async () => true)(service, needs),
      ),
  };
};

const slotsOf = (name: string) => ({
  blue: shop.slots.blue.replace('shop-blue', `${name}-blue`),
  green: shop.slots.green.replace('shop-green', `${name}-green`),
});

describe.each(Object.values(kinds))('a fleet of $kind', (fleet) => {
  test('that nobody asked for anything is empty, and removing it is done at once', async () => {
    const { seen, remove } = await openFleet(fleet);
    expect(await seen('blue')).toMatchObject({ instances: [], number: 0 });
    expect(await remove('blue')).toEqual([0]);
  });

  test('has the count of instances that was asked for, in every zone, healthy in its slot alone', async () => {
    const { ensure, seen, running, healthy, image, cloud } = await openFleet(fleet);
    expect(await ensure('a', 'green', 4)).toEqual({ launched: 4, short: null });
    const instances = await running('green');
    expect(instances.map(({ release }) => release)).toEqual(Array(4).fill('a'.padEnd(12, '0')));
    expect(new Set(instances.map(({ zone }) => zone)).size).toBe(3);
    expect((await healthy('green')).map(({ id }) => id).sort()).toEqual(instances.map(({ id }) => id).sort());
    expect((await seen('green')).number).toBe(4);
    expect(await seen('blue')).toMatchObject({ instances: [], number: 0 });
    for (const { id } of instances)
      expect(cloud.world.instances.get(id)).toMatchObject({
        image: image('a'),
        tags: {
          'cutover:service': 'store',
          'cutover:slot': 'green',
          'cutover:release': 'a'.padEnd(12, '0'),
          'cutover:image': image('a'),
        },
      });
  });

  test('launches only the instances that are missing, and is never lowered', async () => {
    const { ensure, running, releaseOf, cloud, port } = await openFleet(fleet);
    await ensure('a', 'blue', 2);
    const first = (await running('blue')).map(({ id }) => id);
    expect(await cloud.done(port.ensure(releaseOf('a', 'blue'), 'blue', 2))).toEqual({ launched: 0, short: null });
    expect((await ensure('a', 'blue', 5)).launched).toBe(3);
    expect(await running('blue')).toHaveLength(5);
    await ensure('a', 'blue', 1);
    expect((await running('blue')).map(({ id }) => id)).toEqual(expect.arrayContaining(first));
    expect(await running('blue')).toHaveLength(5);
  });

  test('is asked twice at once and gets what was asked for, once', async () => {
    const { port, releaseOf, patiently, running, ensure } = await openFleet(fleet);
    const release = releaseOf('a', 'blue');
    await patiently(() => Promise.all([port.ensure(release, 'blue', 3), port.ensure(release, 'blue', 3)]));
    await ensure('a', 'blue', 3);
    expect(await running('blue')).toHaveLength(3);
  });

  test('that loses an instance has it replaced by its like', async () => {
    const { ensure, running, cloud, seen } = await openFleet(fleet);
    await ensure('a', 'blue', 3);
    const [lost] = await running('blue');
    cloud.world.kill(lost?.id ?? '');
    await ensure('a', 'blue', 3);
    const now = await running('blue');
    expect(now).toHaveLength(3);
    expect(now.map(({ id }) => id)).not.toContain(lost?.id);
    expect(new Set(now.map(({ release }) => release)).size).toBe(1);
    expect((await seen('blue')).instances.find(({ id }) => id === lost?.id)).toMatchObject({
      state: 'gone',
      reason: expect.stringContaining('the host failed'),
    });
  });

  test('shrinks in steps: leaving instances are drained first, and the others go on serving', async () => {
    const { ensure, running, healthy, cloud, port, service } = await openFleet(fleet, { deregistrationDelay: 60 });
    await ensure('a', 'blue', 5);
    const first = await cloud.done(port.shrink(service, 'blue', 3));
    expect(first.left).toBe(2);
    await cloud.pass(30);
    expect([...cloud.world.instances.values()].filter(({ state }) => state === 'running')).toHaveLength(5);
    expect(await healthy('blue')).toHaveLength(3);
    let left = first.left;
    for (let round = 0; round < 40 && left > 0; round++) {
      await cloud.pass(15);
      left = (await cloud.done(port.shrink(service, 'blue', 3))).left;
    }
    expect(left).toBe(0);
    await cloud.pass(120);
    expect(await running('blue')).toHaveLength(3);
    expect(await healthy('blue')).toHaveLength(3);
    expect(await cloud.done(port.shrink(service, 'blue', 4))).toEqual({ left: 0 });
  });

  test('gives none away that has lost some, while fewer healthy ones than asked for would stay', async () => {
    const { ensure, running, cloud, port, service } = await openFleet(fleet, { deregistrationDelay: 60 });
    await ensure('a', 'blue', 4);
    const [lost] = cloud.world.instances.values();
    cloud.world.kill(lost?.id ?? '');
    await cloud.pass(60);
    expect(await cloud.done(port.shrink(service, 'blue', 2, 3))).toMatchObject({ short: true });
    await cloud.pass(60);
    expect((await running('blue')).length).toBeGreaterThanOrEqual(3);
  });

  test('ends one whose program has died, where there is no group that would', async () => {
    const { ensure, running, cloud, port, service } = await openFleet(fleet);
    await ensure('a', 'blue', 3);
    const [dead] = await running('blue');
    await cloud.done(port.replace(service, 'blue', dead?.id ?? ''));
    await cloud.pass(60);
    expect(await running('blue')).toHaveLength(service.fleet.kind === 'groups' ? 3 : 2);
  });

  test('is deregistered, then drained, then ended, and the other slot is left alone', async () => {
    const { ensure, remove, running, cloud, seen, service } = await openFleet(fleet, { deregistrationDelay: 60 });
    await ensure('a', 'blue', 3);
    await ensure('b', 'green', 2);
    const began = cloud.time.now();
    const ends: number[] = [];
    const watched = [...cloud.world.instances.values()].filter(({ tags }) => tags['cutover:slot'] === 'blue');
    const lefts = await remove('blue');
    for (const { goneAt } of watched) ends.push(goneAt);
    expect(lefts[0]).toBe(3);
    expect(lefts.at(-1)).toBe(0);
    expect(Math.min(...ends) - began).toBeGreaterThanOrEqual(60_000);
    await cloud.pass(120);
    expect(await running('blue')).toEqual([]);
    expect((await seen('blue')).number).toBe(0);
    expect(cloud.world.targetsOf(service.slots.blue)).toEqual([]);
    expect(await running('green')).toHaveLength(2);
  });

  test('is filled again after it was removed, with another release alone', async () => {
    const { ensure, remove, running } = await openFleet(fleet);
    await ensure('a', 'blue', 2);
    await remove('blue');
    await ensure('b', 'blue', 2);
    expect((await running('blue')).map(({ release }) => release)).toEqual(Array(2).fill('b'.padEnd(12, '0')));
  });

  test('says in words what was not to be had, and takes what other zones have', async () => {
    const { ensure, running, cloud } = await openFleet(fleet);
    cloud.world.capacity.set('eu-west-1b', 0);
    const { short } = await ensure('a', 'blue', 3);
    if (short !== null) expect(short).toContain('eu-west-1b');
    expect(await running('blue')).toHaveLength(3);
    expect((await running('blue')).map(({ zone }) => zone)).not.toContain('eu-west-1b');
    for (const zone of ['eu-west-1a', 'eu-west-1c']) cloud.world.capacity.set(zone, 0);
    expect((await ensure('b', 'green', 2)).short).toMatch(/capacity/);
    expect(await running('green')).toEqual([]);
  });

  test('keeps what its unready instances said, and nothing of those that are healthy', async () => {
    const { ensure, cloud, port, service, image } = await openFleet(fleet);
    cloud.machines.describe(image('bad'), { neverHealthy: true, output: 'cannot reach the database' });
    await ensure('a', 'blue', 1);
    await ensure('bad', 'green', 1, 120);
    const said = await cloud.done(port.evidence(service, 'green', 'bad'.padEnd(12, '0')));
    expect(said).toHaveLength(1);
    expect(said[0]?.said).toContain('cannot reach the database');
    expect(said[0]?.said).toContain('Health checks failed');
    expect(await cloud.done(port.evidence(service, 'blue', 'a'.padEnd(12, '0')))).toEqual([]);
  });

  test('knows its own running instances outside a group by the tags of service and release', async () => {
    const { ensure, cloud, port, service } = await openFleet(fleet);
    await ensure('a', 'green', 2);
    const [subnet] = [...cloud.world.subnets.values()];
    if (subnet === undefined) throw new Error('there is no subnet');
    const launch = (tags: Record<string, string>) =>
      cloud.world.launch({ ami: 'ami-0000000000000ba5e', subnet, tags, clientToken: undefined }).id;
    const mine = { 'cutover:service': 'store', 'cutover:release': 'b' };
    launch(mine);
    launch({ ...mine, 'cutover:service': 'another' });
    launch({ 'cutover:service': 'store' });
    const odd = launch({ ...mine, 'cutover:slot': 'purple', 'cutover:number': 'one' });
    const dead = launch(mine);
    cloud.world.kill(dead);
    await cloud.pass(60);
    const own = await cloud.done(port.own(service));
    const beside = own.filter(({ release }) => release === 'b');
    expect(beside).toHaveLength(2);
    expect(beside.find(({ id }) => id === odd)).toMatchObject({ slot: null, number: null });
    const fleetOwn = own.filter(({ release }) => release !== 'b').map(({ slot, number }) => `${slot} ${number}`);
    expect(fleetOwn.sort()).toEqual(service.fleet.kind === 'groups' ? [] : ['green 1', 'green 2']);
  });

  test('takes orphans out of both target groups, and ends drained ones where no group launches', async () => {
    const { ensure, running, cloud, port, service } = await openFleet(fleet, { deregistrationDelay: 60 });
    await ensure('a', 'blue', 2);
    const [subnet] = [...cloud.world.subnets.values()];
    const groups = [service.slots.blue, service.slots.green].flatMap((arn) => cloud.world.targetGroups.get(arn) ?? []);
    if (subnet === undefined) throw new Error('there is no subnet');
    const tags = { 'cutover:service': 'store', 'cutover:release': 'b' };
    const beside = [1, 2].map(() =>
      cloud.world.launch({ ami: 'ami-0000000000000ba5e', subnet, tags, clientToken: undefined }),
    );
    await cloud.pass(60);
    const [served, idle] = beside;
    for (const group of groups) if (served !== undefined) cloud.world.register(group, served, 8080);
    await cloud.pass(60);
    const evict = () =>
      cloud.done(
        port.evict(
          service,
          beside.map(({ id }) => id),
        ),
      );
    await evict();
    await cloud.pass(20);
    await evict();
    expect(served?.state).toBe('running');
    const ends = service.fleet.kind === 'instances';
    expect(idle?.state === 'running').toBe(!ends);
    await cloud.pass(60);
    await evict();
    await cloud.pass(60);
    expect(served?.state).toBe(ends ? 'terminated' : 'running');
    for (const { arn } of groups) expect(cloud.world.targetsOf(arn).map(String)).not.toContain(served?.id);
    expect(await running('blue')).toHaveLength(2);
  });

  test('knows whose an instance is, and that of strangers is nobody’s', async () => {
    const { ensure, running, cloud, port, service } = await openFleet(fleet);
    await ensure('a', 'green', 1);
    const [one] = await running('green');
    expect(await cloud.done(port.slotOf([service], one?.id ?? ''))).toEqual({
      service,
      slot: 'green',
      takenBack: false,
    });
    const [subnet] = [...cloud.world.subnets.values()];
    if (subnet === undefined) throw new Error('there is no subnet');
    const stranger = cloud.world.launch({ ami: 'ami-0000000000000ba5e', subnet, tags: {}, clientToken: undefined });
    await cloud.pass(60);
    expect(await cloud.done(port.slotOf([service], stranger.id))).toBeNull();
  });

  test('stays at its number while it is pinned, whoever asks for less', async () => {
    const { ensure, running, cloud, port, service } = await openFleet(fleet);
    await ensure('a', 'blue', 4);
    await cloud.done(port.pin(service, 'blue', 4));
    if (service.fleet.kind === 'groups') cloud.setGroup(service.fleet.blue, { min: 1, desired: 1 });
    await cloud.pass(30);
    const said = await cloud.done(port.pin(service, 'blue', 4));
    if (service.fleet.kind === 'groups') expect(said).toContain('kept at 4 again');
    else expect(said).toBeNull();
    await ensure('a', 'blue', 4, 600);
    expect(await running('blue')).toHaveLength(4);
  });

  test('has the limits that were found once they are restored', async () => {
    const { ensure, cloud, port, service, seen } = await openFleet(fleet);
    const found = { blue: (await seen('blue')).limits, green: (await seen('green')).limits };
    await cloud.done(port.pin(service, 'blue', 2));
    await ensure('a', 'green', 3);
    await cloud.done(port.pin(service, 'green', 0));
    if (found.blue === null || found.green === null) return;
    expect((await seen('green')).limits).toMatchObject({ min: 3, suspended: ['ScheduledActions'] });
    await cloud.done(port.restore(service, { blue: found.blue, green: found.green }));
    expect((await seen('blue')).limits).toMatchObject({ ...found.blue, desired: expect.any(Number) });
    expect((await seen('green')).limits).toEqual({ ...found.green, desired: 3 });
  });

  test('has no findings in a sound account', async () => {
    const { findings } = await openFleet(fleet);
    expect(await findings()).toEqual([]);
  });

  test('is told of too few addresses, vCPUs and zones for a second one beside it', async () => {
    const { findings, cloud } = await openFleet(fleet);
    for (const id of cloud.world.subnets.keys()) cloud.world.addresses.set(id, 1);
    expect((await findings()).map(findingText)).toEqual([
      expect.stringMatching(/have 3 free addresses, and 4 more instances need one each/),
    ]);
    cloud.world.addresses.clear();
    cloud.world.vcpuQuota.raised = 4;
    expect((await findings()).map(findingText)).toEqual([
      expect.stringMatching(/may run 4 vCPUs .* 4 more m7g.large need 8: raise the quota L-1216C47A/),
    ]);
  });
});
