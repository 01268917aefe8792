/** `cutover rerun`, told over the ports that it works with: a failed execution is redriven, and only where that cannot be is an attempt asked for. */
import { expect, it } from 'vitest';
import { liveStory, releaseNamed, type Story } from '../build.ts';

const failed = async (): Promise<{ story: Story; execution: string }> => {
  const story = await liveStory();
  story.push('v2');
  await story.after(15 * 60);
  expect(await story.during(story.abort('not this one'))).toBeNull();
  await story.rest();
  const admitted = (await story.events()).findLast(({ kind }) => kind === 'admitted');
  return { story, execution: String(admitted?.data?.execution) };
};

it('a failed execution is redriven, and goes live', async () => {
  const { story, execution } = await failed();
  expect(await story.during(story.ports().executions.redrive(execution))).toBe(true);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('one that runs, has succeeded or is forgotten is not', async () => {
  const { story } = await failed();
  const first = (await story.events()).find(({ kind }) => kind === 'admitted');
  const { executions } = story.ports();
  expect(await story.during(executions.redrive(String(first?.data?.execution)))).toBe(false);
  expect(await story.during(executions.redrive('never-started'))).toBe(false);
});
