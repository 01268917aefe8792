import { describe, expect, it } from 'vitest';
import { cloudForTests, service, type TestCloud } from './fixture.ts';

const { blue, green } = service.slots;
const [rule = ''] = service.rules;

/** A fleet of an image behind a target group, registered and healthy after a minute. */
const fleet = (cloud: TestCloud, group: string, image: string, count: number): string[] => {
  const target = cloud.world.targetGroups.get(group);
  if (target === undefined) throw new Error(`no ${group}`);
  return Array.from({ length: count }, () => {
    const subnet = { id: 'subnet-a', zone: 'eu-west-1a' };
    const instance = cloud.world.launch({
      ami: 'ami-1',
      subnet,
      tags: { 'cutover:image': image },
      clientToken: undefined,
    });
    cloud.world.reportHealth(instance.id, true);
    cloud.world.register(target, instance, 8080);
    return instance.id;
  });
};

const weights = (cloud: TestCloud, blueWeight: number, greenWeight: number): void =>
  cloud.editRule(rule, [
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: blueWeight },
          { TargetGroupArn: green, Weight: greenWeight },
        ],
      },
    },
  ]);

const share = (cloud: TestCloud, image: string): number => {
  const { requests, images } = cloud.traffic.totals();
  return (images.get(image)?.requests ?? 0) / requests;
};

describe('traffic', () => {
  it('flows by weights, and none fails while all targets are healthy', async () => {
    const cloud = cloudForTests();
    fleet(cloud, blue, 'old', 4);
    fleet(cloud, green, 'new', 2);
    await cloud.pass(60);
    weights(cloud, 75, 25);
    await cloud.pass(60);
    cloud.traffic.set(rule, 1000);
    await cloud.pass(3600);
    const { requests, failed } = cloud.traffic.totals();
    expect(requests).toBeGreaterThan(59_000);
    expect(requests).toBeLessThan(61_000);
    expect(failed).toBe(0);
    expect(share(cloud, 'new')).toBeCloseTo(0.25, 1);
  });

  it('goes on to the old group until new weights have propagated', async () => {
    const cloud = cloudForTests();
    fleet(cloud, blue, 'old', 1);
    fleet(cloud, green, 'new', 1);
    await cloud.pass(60);
    cloud.traffic.set(rule, 60_000);
    weights(cloud, 0, 100);
    await cloud.pass(20);
    expect(share(cloud, 'new')).toBeCloseTo(0.5, 1);
  });

  it('fails at the rate of the image, which shows in its target group only', async () => {
    const cloud = cloudForTests();
    cloud.machines.describe('new', { errorRate: 0.08 });
    fleet(cloud, blue, 'old', 1);
    fleet(cloud, green, 'new', 1);
    await cloud.pass(60);
    weights(cloud, 50, 50);
    cloud.traffic.set(rule, 1000);
    await cloud.pass(3600);
    const { images } = cloud.traffic.totals();
    const { requests = 0, failed = 0 } = images.get('new') ?? {};
    expect(failed / requests).toBeCloseTo(0.08, 2);
    expect(images.get('old')?.failed).toBe(0);
    const errors = [...(cloud.world.targetGroups.get(green)?.counts.values() ?? [])].reduce(
      (sum, counts) => sum + counts.errors,
      0,
    );
    expect(errors).toBe(failed);
  });

  it('fails for an instance that is gone until checks notice, and no longer', async () => {
    const cloud = cloudForTests();
    const [first = ''] = fleet(cloud, blue, 'old', 4);
    await cloud.pass(60);
    cloud.traffic.set(rule, 6000);
    await cloud.pass(60);
    expect(cloud.traffic.totals().failed).toBe(0);
    cloud.world.kill(first);
    await cloud.pass(60);
    const { failed } = cloud.traffic.totals();
    expect(failed).toBeGreaterThan(500);
    expect(failed).toBeLessThan(2000);
    await cloud.pass(600);
    expect(cloud.traffic.totals().failed).toBe(failed);
  });

  it('reaches unhealthy targets when a group has no healthy one, and nobody when it is empty', async () => {
    const cloud = cloudForTests();
    cloud.machines.describe('new', { neverHealthy: true });
    for (const id of fleet(cloud, green, 'new', 2)) cloud.world.reportHealth(id, false);
    await cloud.pass(120);
    weights(cloud, 50, 50);
    cloud.traffic.set(rule, 1000);
    await cloud.pass(600);
    const { requests, failed, images } = cloud.traffic.totals();
    expect(failed).toBe(requests);
    expect(images.get('new')?.failed).toBe(images.get('new')?.requests);
    expect(images.get('')?.requests).toBeGreaterThan(4000);
    const counted = cloud.world.targetGroups.get(green)?.counts.values() ?? [];
    expect([...counted].every(({ connectionErrors, requests: all }) => connectionErrors === all)).toBe(true);
  });

  it('follows a rate that changes with time, and is the same for the same seed', async () => {
    const run = async (seed: number) => {
      const cloud = cloudForTests({ seed });
      fleet(cloud, blue, 'old', 1);
      const start = cloud.time.now();
      cloud.traffic.set(rule, (at) => (at < start + 600_000 ? 100 : 300));
      await cloud.pass(600);
      const before = cloud.traffic.totals().requests;
      await cloud.pass(600);
      return [before, cloud.traffic.totals().requests - before];
    };
    const [before = 0, after = 0] = await run(7);
    expect(after / before).toBeGreaterThan(2.5);
    expect(await run(7)).toEqual([before, after]);
    expect(await run(8)).not.toEqual([before, after]);
  });
});
