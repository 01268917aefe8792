/** What else scales two Auto Scaling groups while a rollout runs: policies, schedules, operators, other tools. It converges, or goes back with the reason. */
import { expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { fleetOf, liveStory, releaseNamed, type Story, type StoryOptions } from '../build.ts';

const group = (story: Story, slot: 'blue' | 'green') => {
  const found = story.cloud.world.autoScalingGroups.get(`shop-${slot}`);
  if (found === undefined) throw new Error(`there is no group of ${slot}`);
  return found;
};
const problems = async (story: Story): Promise<string> =>
  (await story.events())
    .filter(({ kind }) => kind === 'problem')
    .map(({ text }) => text)
    .join('\n');

/** v1 is live in green, and has been for so long that nothing of its rollout is left. */
const settled = async (options: StoryOptions = {}): Promise<Story> => {
  const story = await liveStory(options);
  await story.after(600);
  before = story.cloud.traffic.totals().failed;
  return story;
};

let before = 0;
/** Requests that nobody answered well since it was. */
const failed = (story: Story): number => story.cloud.traffic.totals().failed - before;

/** Both groups follow their own target group's requests, at 250 a minute for each instance. */
const tracked = async (options: StoryOptions = {}): Promise<Story> => {
  const story = await settled({ rpm: 950, ...options });
  for (const slot of ['blue', 'green'] as const)
    story.cloud.changeGroup(`shop-${slot}`, {
      policies: [{ targetGroup: story.service.slots[slot], perTarget: 250 }],
    });
  return story;
};

it('a demand that doubles in the middle is followed by both groups, and no request fails', async () => {
  const story = await tracked({ service: { strategy: canary([5, 25, 50], { bake: '10 minutes' }) } });
  story.push('v2');
  await story.after(12 * 60);
  expect((await story.row()).phase).toBe('shifting');
  story.cloud.traffic.set(story.service.rules[0] as string, 1900);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(story.running()).toEqual(Array(8).fill(releaseNamed('v2')));
  expect(failed(story)).toBe(0);
});

it('policies that see less and less traffic do not shrink what traffic would go back to', async () => {
  const story = await tracked({ service: { strategy: canary([50], { bake: '40 minutes', keepOldFor: '1 hour' }) } });
  story.push('v2');
  for (let minutes = 0; minutes < 80; minutes += 5) {
    await story.after(5 * 60);
    expect(group(story, 'green').desired).toBe(4);
  }
  expect((await story.row()).phase).toBe('settling');
  expect(await story.during(story.abort('not this one'))).toBeNull();
  await story.after(10);
  expect(story.weights()).toEqual({ blue: 0, green: 100 });
  await story.rest();
  expect(failed(story)).toBe(0);
});

it('a scheduled action during a rollout neither fills the idle group nor empties the live one', async () => {
  const story = await settled();
  const at = story.time.now() + 15 * 60_000;
  story.cloud.schedule('shop-green', { name: 'evening', at, min: 0, desired: 1 });
  story.cloud.schedule('shop-green', { name: 'morning', at: at + 86_400_000, desired: 6 });
  story.push('v2', { errorRate: 0.5 });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(group(story, 'green').desired).toBe(4);
  await story.after(2 * 86_400);
  expect(story.running()).toEqual(Array(6).fill(releaseNamed('v1')));
});

it.each([
  ['more instances', { desired: 7 }, 7],
  ['fewer instances', { min: 1, desired: 1 }, 4],
])(
  'an operator who asks the old group for %s meanwhile gets a fleet that carries its traffic',
  async (_, sizes, end) => {
    const story = await settled({ service: { strategy: canary([5, 50], { bake: '10 minutes' }) } });
    story.push('v2');
    await story.after(10 * 60);
    expect((await story.row()).step).toBe(1);
    story.cloud.setGroup('shop-green', sizes);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    expect(story.running()).toEqual(Array(end).fill(releaseNamed('v2')));
    expect(failed(story)).toBe(0);
    if (end === 4) expect(await problems(story)).toContain('shop-green was kept at 1 instances: it is kept at 4 again');
  },
);

it('an operator who empties the new group is told, and it is filled again or goes back', async () => {
  const story = await settled();
  story.push('v2');
  await story.after(12 * 60);
  story.cloud.setGroup('shop-blue', { min: 0, desired: 0 });
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(['live', 'failed']).toContain(rollout?.outcome);
  expect(new Set(story.running()).size).toBe(1);
  expect(story.running()).toHaveLength(4);
});

it('a maximum that somebody lowers below what is needed sends it back with the remedy', async () => {
  const story = await settled({
    service: { growth: 'withWeight', strategy: canary([25, 50], { bake: '5 minutes' }), fleet: fleetOf(8) },
  });
  story.push('v2');
  await story.after(8 * 60);
  expect((await story.row()).step).toBe(1);
  story.limits?.maximumIs('blue', 2);
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('failed');
  expect(rollout?.reason).toContain('shop-blue is allowed 2 instances at most and needs 4: raise its maximum');
});

it('a template version that another tool puts back is corrected before the next launch', async () => {
  const story = await settled({
    service: { growth: 'withWeight', strategy: canary([25, 50], { bake: '5 minutes' }), fleet: fleetOf(8) },
  });
  const before = group(story, 'blue').template;
  story.push('v2');
  await story.after(8 * 60);
  const ofRelease = group(story, 'blue').template;
  expect(ofRelease).not.toEqual(before);
  story.cloud.changeGroup('shop-blue', { template: before });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(group(story, 'blue').template).toEqual(ofRelease);
  expect(story.running()).toEqual(Array(8).fill(releaseNamed('v2')));
});

it('at rest, what the live group launches from is seen to as well', async () => {
  const story = await settled({ schedule: true });
  const ofRelease = group(story, 'green').template;
  story.cloud.changeGroup('shop-green', { template: { ...ofRelease, version: '1' } });
  await story.after(5 * 60);
  expect(group(story, 'green').template).toEqual(ofRelease);
  story.cloud.world.kill([...group(story, 'green').members.keys()][0] as string);
  await story.after(10 * 60);
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v1')));
});

it('a warm pool, lifecycle hooks and the policy of mixed instances stay the group’s own', async () => {
  const story = await settled();
  const mixed = {
    InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 50 },
    LaunchTemplate: {
      LaunchTemplateSpecification: {
        LaunchTemplateId: group(story, 'blue').template.id,
        Version: group(story, 'blue').template.version,
      },
      Overrides: [{ InstanceType: 'm7g.large' }, { InstanceType: 'm7a.large' }],
    },
  };
  story.cloud.changeGroup('shop-blue', {
    mixed,
    hooks: { launch: 40_000, terminate: 20_000 },
    capacityRebalance: true,
  });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  const { mixed: after, hooks, capacityRebalance } = group(story, 'blue');
  expect({ hooks, capacityRebalance }).toEqual({
    hooks: { launch: 40_000, terminate: 20_000 },
    capacityRebalance: true,
  });
  expect(after).toMatchObject({
    InstancesDistribution: mixed.InstancesDistribution,
    LaunchTemplate: { Overrides: mixed.LaunchTemplate.Overrides },
  });
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
});

it('from ten instances on, the new group grows with its weight', async () => {
  const story = await settled({ service: { fleet: fleetOf(12), strategy: canary([25, 50], { bake: '5 minutes' }) } });
  story.push('v2');
  const seen = new Set<string>();
  const looking = async () => {
    for (let minutes = 0; minutes < 40; minutes++) {
      await story.after(60);
      seen.add(`${(await story.row()).step}: ${group(story, 'blue').desired}`);
    }
  };
  await looking();
  await story.rest();
  expect([...seen]).toEqual(expect.arrayContaining(['1: 3', '2: 6', '3: 12']));
  expect(seen.has('1: 12')).toBe(false);
});
