/** A cap on what runs beside the old fleet, both ways. */
import { describe, expect, it } from 'vitest';
import { linear } from '../../core/index.ts';
import { fleetOf, liveStory, releaseNamed, type Story } from '../build.ts';

it.each(['it goes live', 'it goes back'])(
  'with a cap on what runs beside the old fleet, and %s, neither cap nor demand is missed',
  async (end) => {
    const cap = 4;
    const story = await liveStory({
      schedule: true,
      service: { fleet: fleetOf(12), maxExtra: cap, strategy: linear(25, { bake: '5 minutes' }) },
    });
    const before = story.cloud.traffic.totals().failed;
    story.push('v2');
    let most = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let seconds = 0; seconds < 90 * 60; seconds += 10) {
      await story.after(10);
      if (end === 'it goes back' && seconds === 40 * 60) await story.during(story.abort('not this one'));
      most = Math.max(most, story.running().length);
      least = Math.min(least, story.running().length);
    }
    await story.rest();
    await story.after(300);
    expect((await story.row()).live?.release).toBe(releaseNamed(end === 'it goes back' ? 'v1' : 'v2'));
    expect(most).toBeLessThanOrEqual(12 + cap);
    expect(most).toBeGreaterThan(12);
    // On the way back, three quarters are enough.
    expect(least).toBeGreaterThanOrEqual(end === 'it goes back' ? 9 : 12);
    expect(story.running()).toHaveLength(12);
    expect(story.cloud.traffic.totals().failed - before).toBe(0);
  },
);

it('a cap that no order of launching and ending can keep is refused, with what would do', async () => {
  const story = await liveStory({
    service: { fleet: fleetOf(12), maxExtra: 2, strategy: linear(50, { bake: '5 minutes' }) },
  });
  story.push('v2');
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('refused');
  expect(rollout?.reason).toContain('take smaller steps, or allow 6');
});

describe('an old fleet that dies while traffic comes back to it', () => {
  const weightOfOld = async (story: Story): Promise<number | undefined> => {
    const { plan, wanted } = await story.row();
    return plan === null ? undefined : wanted.weights[plan.old.slot];
  };
  /** Half of the traffic is on the old fleet again, and the rest waits for it to grow. */
  const halfBack = async (): Promise<Story> => {
    const story = await liveStory({
      schedule: true,
      service: { fleet: fleetOf(4), maxExtra: 2, strategy: linear(50, { bake: '5 minutes' }) },
    });
    story.push('v2');
    while ((await story.row()).step < 2) await story.after(10);
    await story.during(story.abort('not this one'));
    while ((await story.row()).abort?.waits !== true) await story.after(1);
    expect(await weightOfOld(story)).toBe(50);
    await story.after(30);
    return story;
  };
  const lose = (story: Story): void => {
    for (const one of story.cloud.world.instances.values())
      if (one.tags['cutover:release'] === releaseNamed('v1') && one.state === 'running') story.cloud.world.kill(one.id);
  };
  const failedIn = async (story: Story, seconds: number): Promise<number> => {
    const before = story.cloud.traffic.totals();
    const { failed } = { ...before };
    await story.after(seconds);
    return story.cloud.traffic.totals().failed - failed;
  };

  it('gives its weight to the new one until it answers again, and then gets all of it', async () => {
    const story = await halfBack();
    story.machines.describe(story.reference('v1'), { boot: 120_000 });
    lose(story);
    // A look, two checks of the load balancer and the edit.
    await story.after(60);
    expect(await weightOfOld(story)).toBe(0);
    expect(await failedIn(story, 60 * 60)).toBe(0);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
    expect(story.running().filter((release) => release === releaseNamed('v1'))).toHaveLength(4);
  });

  it('is waited for no longer than an instance may take to be ready', async () => {
    const story = await halfBack();
    story.machines.describe(story.reference('v1'), { neverHealthy: true });
    lose(story);
    await story.after(60);
    expect(await failedIn(story, 60 * 60)).toBe(0);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    expect((await story.rollouts())[0]?.outcome).toBe('failed');
  });

  it('gets what it can carry while it grows again, and never what it cannot', async () => {
    const story = await halfBack();
    const [one] = [...story.cloud.world.instances.values()].filter(
      ({ tags, state }) => tags['cutover:release'] === releaseNamed('v1') && state === 'running',
    );
    story.cloud.world.kill(one?.id as string);
    for (let seconds = 0; seconds < 60; seconds += 5) {
      await story.after(5);
      expect(await weightOfOld(story)).toBeLessThanOrEqual(50);
    }
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  });
});
