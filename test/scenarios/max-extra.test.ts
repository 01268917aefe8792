/** A cap on what runs beside the old fleet, both ways. */
import { expect, it } from 'vitest';
import { linear } from '../../core/index.ts';
import { fleetOf, liveStory, releaseNamed } from '../build.ts';

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
