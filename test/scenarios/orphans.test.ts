/** Orphaned instances that do not stand in the idle slot: in the live one, in none, or while nothing is live. */
import { describe, expect, it } from 'vitest';
import { otherSlot, type Slot } from '../../core/basics/slot.ts';
import { canary } from '../../core/index.ts';
import type { Instance } from '../../local/simulated/resources.ts';
import { createStory, fleetOf, kind, liveStory, releaseNamed, type Story, type StoryOptions } from '../build.ts';
import { expectAtRest } from './at-rest.ts';

const quick: StoryOptions = {
  rpm: 600,
  service: { strategy: canary([50], { bake: '2 minutes', keepOldFor: '2 minutes' }) },
};
const other = 'feedfacecafe';

const problems = async (story: Story): Promise<string[]> =>
  (await story.events()).filter(({ kind: one }) => one === 'problem').map(({ text }) => text);
const told = async (story: Story, text: string): Promise<number> =>
  (await problems(story)).filter((one) => one.includes(text)).length;

const failed = (story: Story): number => story.cloud.traffic.totals().failed;
const look = (story: Story): Promise<unknown> => story.during(story.cloud.invoke('reconcile', {}));

/** Something launches an instance with these of our tags. */
const launch = ({ cloud: { world } }: Story, tags: Record<string, string>): Instance => {
  const [subnet] = world.subnets.values();
  if (subnet === undefined) throw new Error('the story has no subnet');
  const ours = Object.entries({ service: 'shop', ...tags }).map(([key, value]) => [`cutover:${key}`, value]);
  return world.launch({ ami: 'ami-0000000000000ba5e', subnet, tags: Object.fromEntries(ours), clientToken: undefined });
};

/** Somebody makes them targets of a slot, and they come to serve there. */
const serveIn = async (story: Story, slot: Slot, instances: Instance[]): Promise<void> => {
  const { world } = story.cloud;
  const group = world.targetGroups.get(story.service.slots[slot]);
  if (group === undefined) throw new Error('the story has no such slot');
  await story.after(30);
  for (const instance of instances) world.register(group, instance, 8080);
};

const liveSlot = async (story: Story): Promise<Slot> => (await story.row()).live?.slot ?? 'blue';
const statesOf = (instances: Instance[]): string[] => instances.map(({ state }) => state);
const all = <T>(instances: Instance[], one: T): T[] => Array(instances.length).fill(one);

/** Of another release in the live slot, one of its numbers again, and of no slot. */
const outsiders = async (story: Story): Promise<Instance[]> => {
  const slot = await liveSlot(story);
  return [
    launch(story, { slot, release: other, number: '1' }),
    launch(story, { slot, release: releaseNamed('v1'), number: '2' }),
    launch(story, { release: other }),
  ];
};

const resting = async (options: StoryOptions = {}): Promise<Story> => {
  const story = await liveStory({ ...quick, schedule: true, ...options });
  await story.after(600);
  return story;
};

describe('an instance of ours outside the live fleet', () => {
  it('ends at rest, and lives on beside a group: a person put it there (R10, P18)', async () => {
    const story = await resting();
    const outside = await outsiders(story);
    await story.after(1200);
    if (kind === 'instances') {
      await expectAtRest(story, 'v1');
      expect(statesOf(outside)).toEqual(all(outside, 'terminated'));
    } else expect(statesOf(outside)).toEqual(all(outside, 'running'));
    expect(await told(story, 'are orphaned instances: being ended')).toBe(kind === 'instances' ? 1 : 0);
    expect(await told(story, 'left running, because Cutover did not launch')).toBe(kind === 'groups' ? 1 : 0);
  });

  it('leaves the traffic first, drained, while the fleet serves on with all its instances', async () => {
    const story = await resting({ schedule: false });
    const slot = await liveSlot(story);
    const fleet = story.targets(slot);
    const [stranger, again] = (await outsiders(story)) as [Instance, Instance];
    const beside = kind === 'instances' ? [stranger, again] : [stranger];
    await serveIn(story, slot, beside);
    await story.after(120);
    const before = failed(story);
    await look(story);
    expect(story.targets(slot)).toEqual(fleet);
    await look(story);
    expect(statesOf(beside)).toEqual(all(beside, 'running'));
    for (let minutes = 0; minutes < 20; minutes += 2) {
      await story.after(120);
      await look(story);
      expect(story.targets(slot)).toEqual(fleet);
    }
    expect(failed(story)).toBe(before);
    if (kind === 'instances') return expectAtRest(story, 'v1');
    expect(stranger.state).toBe('running');
    expect(await told(story, 'taken out of traffic')).toBe(1);
  });

  it('stays as long as the live fleet is not whole, and people are told', async () => {
    const story = await resting();
    const slot = await liveSlot(story);
    const { capacity } = story.cloud.world;
    for (const zone of ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']) capacity.set(zone, 0);
    const stranger = launch(story, { slot, release: other, number: '1' });
    await serveIn(story, slot, [stranger]);
    story.cloud.world.kill(story.targets(slot)[0] ?? '');
    await story.after(1200);
    expect(story.targets(slot)).toContain(stranger.id);
    expect(await told(story, 'left running until the live fleet is complete')).toBe(1);
    capacity.clear();
    await story.after(1800);
    expect(story.targets(slot)).not.toContain(stranger.id);
    expect(story.targets(slot)).toHaveLength(4);
    if (kind === 'instances') await expectAtRest(story, 'v1');
  });

  it('is none that bears the service’s tag alone, nor one beyond a number that was lowered', async () => {
    const story = await resting({ service: { ...quick.service, fleet: fleetOf(8) } });
    const bastion = launch(story, {});
    const slot = await liveSlot(story);
    await story.want(4);
    await story.after(3600);
    expect(bastion.state).toBe('running');
    if (kind === 'instances') expect(story.targets(slot)).toHaveLength(8);
    expect(await problems(story)).toEqual([]);
  });

  it.each([0, 1, 2, 3, 5, 8])('costs a rollout that begins %i s after it is found nothing', async (seconds) => {
    const story = await liveStory(quick);
    await story.after(600);
    await serveIn(story, await liveSlot(story), (await outsiders(story)).slice(0, 2));
    await story.after(60);
    const before = failed(story);
    const looking = Promise.all([look(story), look(story)]);
    await story.after(seconds);
    story.push('v2');
    await looking;
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    const fresh = [...story.cloud.world.instances.values()].filter(
      ({ tags }) => tags['cutover:release'] === releaseNamed('v2'),
    );
    expect(fresh.length).toBeGreaterThanOrEqual(4);
    expect(statesOf(fresh)).toEqual(all(fresh, 'running'));
    expect(failed(story)).toBe(before);
  });
});

describe('while nothing is live', () => {
  /** A first release that never serves: its rollout has come to nothing. */
  const nothingLive = async (): Promise<{ story: Story; idle: Slot }> => {
    const story = await createStory({ ...quick, schedule: true });
    story.push('v1', { neverHealthy: true });
    await story.rest();
    await story.after(1200);
    const { live, wanted } = await story.row();
    expect(live).toBeNull();
    expect(story.running()).toEqual([]);
    return { story, idle: wanted.weights.blue === 0 ? 'blue' : 'green' };
  };

  it('what is left of ours in a slot without weight is removed (R10)', async () => {
    const { story, idle } = await nothingLive();
    if (kind === 'groups') story.cloud.setGroup(`shop-${idle}`, { desired: 2 });
    else launch(story, { slot: idle, release: releaseNamed('v1'), number: '1' });
    await story.after(kind === 'groups' ? 60 : 0);
    expect(story.running().length).toBeGreaterThan(0);
    await story.after(1200);
    expect(story.running()).toEqual([]);
    expect(await told(story, kind === 'groups' ? 'and nothing is live: they are being removed' : 'being ended')).toBe(
      1,
    );
  });

  it('what has weight stays, and people are told', async () => {
    const { story, idle } = await nothingLive();
    const one = launch(story, { slot: otherSlot(idle), release: releaseNamed('v1'), number: '1' });
    await serveIn(story, otherSlot(idle), [one]);
    await story.after(3600);
    expect(story.targets(otherSlot(idle))).toEqual([one.id]);
    expect(await told(story, 'left running, because they are in a slot with weight')).toBe(1);
  });
});
