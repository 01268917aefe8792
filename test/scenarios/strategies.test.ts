import { expect, it } from 'vitest';
import { createStory, releaseNamed } from '../build.ts';

it('the first rollout ever takes a service live in one step', async () => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  console.log((await story.events()).map((e) => `${new Date(e.at).toISOString().slice(11, 19)} ${e.by} ${e.kind} ${e.text}`).join('\n'));
  console.log(story.log.filter((l) => l.includes('failed')).slice(0, 3));
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});
