/** What functions log: a line in, a line out, and nothing that opens anything. */
import { expect, it } from 'vitest';
import { liveStory } from '../build.ts';

it('a task’s token is in no line', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.after(6 * 60);
  const { parked } = await story.row();
  expect(parked.length).toBeGreaterThan(0);
  expect(story.log.some((line) => line.includes('"function":"park"'))).toBe(true);
  for (const token of parked) expect(story.log.filter((line) => line.includes(token))).toEqual([]);
  await story.rest();
});
