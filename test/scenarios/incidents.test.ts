/** A database is slow for four minutes; both versions fail alike. Nothing is concluded, as docs/analysis.md says. */
import { expect, it } from 'vitest';
import { liveStory, releaseNamed } from '../build.ts';

for (const rate of [0.03, 0.2])
  it(`a failure of both versions of ${100 * rate} % rolls nothing back`, async () => {
    const story = await liveStory();
    story.push('v2');
    await story.after(11 * 60);
    for (const version of ['v1', 'v2']) story.machines.describe(story.reference(version), { errorRate: rate });
    await story.after(4 * 60);
    for (const version of ['v1', 'v2']) story.machines.describe(story.reference(version), {});
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });
