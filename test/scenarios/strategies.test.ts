/** Each strategy takes a healthy image live, and no request fails on the way. */
import { expect, it } from 'vitest';
import { allAtOnce, blueGreen, canary, linear } from '../../core/index.ts';
import { createStory, releaseNamed, type Story } from '../build.ts';

const liveAndAtRest = async (story: Story, version: string): Promise<void> => {
  const row = await story.row();
  expect(row.live?.release).toBe(releaseNamed(version));
  expect(row.lock.state).toBe('free');
  expect(story.running()).toEqual(Array(4).fill(releaseNamed(version)));
  expect(story.weights()).toEqual({ [row.live?.slot ?? '']: 100, [row.live?.slot === 'blue' ? 'green' : 'blue']: 0 });
  expect([...story.statuses.values()].every((status) => status === 'SUCCEEDED')).toBe(true);
};

it('the first rollout ever takes a service live in one step (R10)', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  await liveAndAtRest(story, 'v1');
});

const strategies = [
  { name: 'canary', strategy: canary([5, 25, 50], { bake: '5 minutes' }), weights: [5, 25, 50, 100] },
  { name: 'linear', strategy: linear(25, { bake: '2 minutes' }), weights: [25, 50, 75, 100] },
  { name: 'blue/green', strategy: blueGreen({ keepOldFor: '10 minutes' }), weights: [100] },
  { name: 'all at once', strategy: allAtOnce(), weights: [100] },
];

for (const { name, strategy, weights } of strategies)
  it(`${name} goes ${weights.join(', ')} and loses no request (R3, R4)`, async () => {
    const story = await createStory({ service: { strategy } });
    story.push('v1');
    await story.rest();
    // The very first weights still spread when a first rollout without a bake is over.
    await story.after(120);
    const before = story.cloud.traffic.totals();
    story.push('v2');
    await story.rest();
    await liveAndAtRest(story, 'v2');
    const [rollout] = await story.rollouts();
    expect(rollout?.outcome).toBe('live');
    expect(rollout?.steps.map(({ weight }) => weight)).toEqual(weights);
    expect(story.cloud.traffic.totals().failed - before.failed).toBe(0);
  });
