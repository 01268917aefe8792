/** `mode: "observe"`: plans and notices for every image, and nothing is touched. */
import { expect, it } from 'vitest';
import type { Service } from '../../core/config/service.ts';
import { createStory, liveStory, releaseNamed, type Story } from '../build.ts';

const changing =
  /^(Run|Terminate|Modify|Register|Deregister|Create|Update|Suspend|Resume|Set|Attach|Detach|Delete|Start|Add|Remove)/;

/** Every call from here on that would change anything in the account. */
const changes = (story: Story): string[] => {
  const seen: string[] = [];
  story.cloud.intercept((service, command, _input, next) => {
    if (changing.test(command)) seen.push(`${service}:${command}`);
    return next();
  });
  return seen;
};

const configure = async (story: Story, mode: Service['mode']): Promise<void> => {
  await story.ledger.applyConfiguration([{ ...story.service, mode }], {
    author: 'ada',
    commit: 'mode',
    at: story.time.now(),
  });
};

it('an image that is published is planned and announced, and nothing is touched', async () => {
  const story = await createStory({ service: { mode: 'observe' }, schedule: true });
  const seen = changes(story);
  story.push('v1');
  await story.after(30 * 60);
  expect(seen).toEqual([]);
  expect(story.statuses.size).toBe(0);
  expect(story.running()).toEqual([]);
  const told = (await story.events()).filter(({ kind }) => kind === 'observed');
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toMatch(/v1/);
  // The plan stands where people look for it, and nothing is under way.
  expect(await story.rollouts()).toMatchObject([
    {
      observed: true,
      outcome: null,
      reason: expect.stringContaining('would be rolled out, if shop did more than observe'),
    },
  ]);
});

it('what an admission would refuse is announced as well', async () => {
  const story = await createStory({ service: { mode: 'observe', checks: { alarms: ['nobody-made-it'] } } });
  story.cloud.world.alarms.clear();
  story.push('v1');
  await story.after(60);
  const told = (await story.events()).filter(({ kind }) => kind === 'observed');
  expect(told[0]?.text).toContain('there is no alarm nobody-made-it');
});

it('a person’s roll is planned only, too', async () => {
  const story = await createStory({ service: { mode: 'observe' } });
  story.push('v1');
  await story.after(60);
  const seen = changes(story);
  expect((await story.during(story.roll('v1'))).state).toBe('observed');
  await story.after(600);
  expect(seen).toEqual([]);
});

it('a service switched to observe is not corrected, and its rollout under way ends', async () => {
  const story = await liveStory({ schedule: true });
  story.push('v2');
  await story.after(12 * 60);
  expect((await story.row()).phase).toBe('shifting');
  await configure(story, 'observe');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  await story.after(600);
  const seen = changes(story);
  story.cloud.world.kill([...story.cloud.world.instances.keys()].at(-1) as string);
  await story.after(600);
  expect(seen).toEqual([]);
  await configure(story, 'automatic');
  story.push('v3');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v3'));
});
