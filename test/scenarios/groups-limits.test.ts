/** Limits as found: whatever a rollout did to what its groups scale within, and whichever way it ended. */
import { describe, expect, it } from 'vitest';
import { liveStory, releaseNamed, type Story, type StoryOptions } from '../build.ts';

const pinned = { suspended: ['AZRebalance', 'ScheduledActions'] };

/** v1 serves from a group that may have 2 to 12, whose owner has switched some things off, and v2 is on its way at some weight. */
const rolling = async (options: StoryOptions = {}, behaviour = {}): Promise<{ story: Story; name: string }> => {
  const story = await liveStory(options);
  await story.after(600);
  story.cloud.setGroup('shop-green', { min: 2, max: 12 });
  story.cloud.changeGroup('shop-green', { suspended: new Set(['AZRebalance']) });
  story.cloud.changeGroup('shop-blue', { suspended: new Set(['ScheduledActions', 'AZRebalance']) });
  story.limits?.areFound();
  story.push('v2', behaviour);
  return { story, name: `shop-${releaseNamed('v2')}-1` };
};

describe('limits are as found', () => {
  it('after it has gone live: minimum and schedules have gone with the traffic (P23)', async () => {
    const { story } = await rolling();
    await story.after(10 * 60);
    expect(story.limits?.now().green).toEqual({ min: 4, max: 12, ...pinned });
    await story.rest();
    expect((await story.row()).live?.slot).toBe('blue');
    expect(story.limits?.now()).toEqual({
      blue: { min: 2, max: 1000, suspended: ['AZRebalance'] },
      green: { min: 0, max: 12, suspended: ['AZRebalance', 'ScheduledActions'] },
    });
  });

  it('after it has failed', async () => {
    const { story } = await rolling({}, { neverHealthy: true });
    await story.after(5 * 60);
    expect(story.limits?.now().green).toEqual({ min: 4, max: 12, ...pinned });
    await story.rest();
    expect((await story.rollouts())[0]?.outcome).toBe('failed');
    expect(story.limits?.now()).toMatchObject({ blue: { min: 0 }, green: { min: 2 } });
  });

  it('after a person has stopped it, and after it was back and forth', async () => {
    const { story } = await rolling();
    await story.after(12 * 60);
    await story.during(story.abort('it looks wrong'));
    await story.rest();
    await story.during(story.roll('v2'));
    await story.rest();
    await story.during(story.roll('v1'));
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
    expect(story.limits?.now()).toMatchObject({
      blue: { min: 0, suspended: pinned.suspended },
      green: { min: 2, suspended: ['AZRebalance'] },
    });
  });

  it.each(['Provision', 'CheckReady', 'Shift', 'Bake', 'Judge', 'WaitToRetire'])(
    'after its execution was stopped in %s and recovered',
    async (state) => {
      const { story, name } = await rolling();
      await story.after(10);
      const entered = () =>
        story.statuses.has(name) && JSON.stringify(story.cloud.machine.history(name)).includes(`"name":"${state}"`);
      await story.time.run({ done: entered });
      story.cloud.machine.stop(name, { error: 'by hand' });
      await story.rest();
      expect([...story.statuses].filter(([other]) => other.startsWith('recover-'))).toHaveLength(1);
    },
  );

  it('after a call in the middle of taking them back failed for a while', async () => {
    const { story } = await rolling();
    let refused = 0;
    story.cloud.intercept((_service, command, _input, next) => {
      if (command !== 'ResumeProcesses' || refused >= 9) return next();
      refused++;
      throw Object.assign(new Error('no'), { name: 'ServiceUnavailable', $fault: 'server' });
    });
    await story.rest();
    expect(refused).toBe(9);
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });

  it('a few minutes after something late has set them otherwise', async () => {
    const { story } = await rolling({ schedule: true });
    await story.rest();
    // As a Provision would whose task has long timed out.
    story.cloud.setGroup('shop-blue', { min: 4 });
    story.cloud.changeGroup('shop-blue', { suspended: new Set(['ScheduledActions', 'AZRebalance']) });
    await story.after(6 * 60);
    story.limits?.expectAsFound(await story.row());
  });

  it('and from then on they are their owner’s alone', async () => {
    const { story } = await rolling({ schedule: true });
    await story.rest();
    await story.after(15 * 60);
    story.cloud.setGroup('shop-blue', { min: 3, desired: 6 });
    await story.after(15 * 60);
    expect(story.limits?.now().blue.min).toBe(3);
    expect(story.running()).toHaveLength(6);
  });

  it('where somebody has let schedules run again in the second before the end', async () => {
    const found: { story?: Story } = {};
    const around = (name: string, call: () => Promise<unknown>): Promise<unknown> => {
      if (name === 'finish') found.story?.cloud.changeGroup('shop-green', { suspended: new Set(['AZRebalance']) });
      return call();
    };
    const { story } = await rolling({ around });
    found.story = story;
    await story.rest();
    expect((await story.row()).live?.slot).toBe('blue');
  });

  it('where somebody has protected instances from scale-in: that went with them', async () => {
    const { story } = await rolling();
    await story.after(10 * 60);
    for (const member of story.cloud.world.autoScalingGroups.get('shop-green')?.members.values() ?? [])
      member.protected = true;
    await story.rest();
    expect((await story.row()).live?.slot).toBe('blue');
    expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
  });
});
