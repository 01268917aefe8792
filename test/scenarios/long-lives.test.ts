/** Rollouts that last: paused for weeks, redriven ten times, and on in another execution when the history of the first has grown long. */
import { describe, expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { latencies } from '../../local/latencies.ts';
import type { World } from '../../local/simulated/world.ts';
import { longestHistory } from '../../pipeline/shared/history-limit.ts';
import { agedBy, liveStory, releaseNamed, type Story, type StoryOptions } from '../build.ts';
import { expectAtRest, reach } from './at-rest.ts';

const service = {
  strategy: canary([50], { bake: '2 minutes', keepOldFor: '2 minutes' }),
  checks: { alarms: ['shop-5xx'] },
};
const first = `shop-${releaseNamed('v2')}-1`;
const continued = (story: Story): string[] => [...story.statuses.keys()].filter((name) => name.startsWith('continue-'));

/** v2 has half the traffic, and its alarm has been deleted: a person is asked. */
const paused = async (options: StoryOptions): Promise<Story> => {
  const story = await liveStory(options);
  story.push('v2');
  await reach(story, 'preparing');
  story.cloud.world.alarms.delete('shop-5xx');
  await reach(story, 'shifting');
  await story.after(3600);
  return story;
};
const comesBack = (story: Story): void => story.cloud.setAlarm('shop-5xx', 'OK', 'it is back');

it('a rollout that is paused for weeks goes on when a person says so, in its second execution', async () => {
  // Without a request a person is asked; groups look after themselves once an hour, as they have nothing to do. The week before is left out.
  const before = 700;
  const latency = { ...latencies, scalingCheck: 3_600_000 };
  const story = await liveStory({ service, rpm: 0, latency, definition: agedBy(before) });
  story.push('v2');
  await story.after(6 * 86_400);
  expect((await story.row()).step).toBe(1);
  expect(continued(story)).toHaveLength(1);
  const eventsOfAStep = story.cloud.machine.history(first).length / (longestHistory - before);
  expect(eventsOfAStep * longestHistory).toBeLessThan(15_500);
  story.cloud.traffic.set(story.service.rules[0] ?? '', 600);
  await story.during(story.answer('approve'));
  await story.rest();
  await expectAtRest(story, 'v2');
});

describe('going on in another execution', () => {
  /** Some thirty steps until it is paused, and then one every 15 minutes. */
  const aged: StoryOptions = { service, rpm: 60, definition: agedBy(longestHistory - 40) };
  const handedOver = async (story: Story): Promise<void> => {
    for (let looks = 0; looks < 200 && continued(story).length === 0; looks++) await story.after(300);
    expect(continued(story)).toHaveLength(1);
  };
  const onItsWay = async (): Promise<Story> => {
    const story = await paused(aged);
    await handedOver(story);
    return story;
  };

  it('keeps weight and attempt, and the first one ends succeeded (P19)', async () => {
    const story = await paused(aged);
    const before = await story.row();
    expect(before.lock).toMatchObject({ execution: first });
    await handedOver(story);
    const after = await story.row();
    expect(after.plan).toEqual(before.plan);
    expect(after.wanted).toEqual(before.wanted);
    expect(story.statuses.get(first)).toBe('SUCCEEDED');
    comesBack(story);
    await story.during(story.answer('approve'));
    await story.rest();
    await expectAtRest(story, 'v2');
    expect((await story.row()).live?.attempt).toBe(1);
  });

  it.each([
    {
      what: 'the image',
      delete: ({ repositories }: World) => repositories.set('acme/shop', []),
      says: /^vanished: v2/,
    },
    { what: 'the repository', delete: ({ repositories }: World) => repositories.clear(), says: /RepositoryNotFound/ },
  ])('looks for the image anew: without $what it gets no further weight', async ({ delete: remove, says }) => {
    const story = await paused(aged);
    remove(story.cloud.world);
    await story.rest();
    await expectAtRest(story, 'v1');
    expect((await story.rollouts())[0]?.reason).toMatch(says);
  });

  it('looks at capacity anew: what has gone meanwhile is there again before the next weight', async () => {
    const story = await onItsWay();
    const fresh = (await story.row()).plan?.new.slot ?? 'blue';
    story.cloud.world.kill(story.targets(fresh)[0] ?? '');
    comesBack(story);
    await story.during(story.answer('approve'));
    await story.rest();
    await expectAtRest(story, 'v2');
  });

  it('hears alarms: one that goes off afterwards sends traffic back', async () => {
    const story = await onItsWay();
    story.cloud.setAlarm('shop-5xx', 'ALARM', 'bad');
    await story.after(5);
    expect((await story.row()).phase).toBe('rollingBack');
    await story.rest();
    await expectAtRest(story, 'v1');
  });

  it('is brought back by a recovery when it is stopped, and may be asked for anew', async () => {
    const story = await onItsWay();
    story.cloud.machine.stop(continued(story)[0] ?? '');
    await story.rest();
    await expectAtRest(story, 'v1');
    comesBack(story);
    await story.during(story.roll('v2'));
    await story.rest();
    await expectAtRest(story, 'v2');
  });

  it.each(['cut off', 'refused for an hour'])('survives a start that is %s', async (how) => {
    const story = await paused({ ...aged, schedule: true });
    let [tries, end] = [0, 0];
    story.cloud.intercept((_service, command, input, next) => {
      if (command !== 'StartExecution' || !JSON.stringify(input).includes('continue-')) return next();
      if (end === 0) end = story.time.now() + 3_600_000;
      if (how === 'cut off') return tries++ === 0 ? new Promise(() => undefined) : next();
      return story.time.now() < end ? Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })) : next();
    });
    for (let looks = 0; looks < 100 && end === 0; looks++) await story.after(300);
    await story.after(2 * 3600);
    expect((await story.row()).step).toBe(1);
    comesBack(story);
    await story.during(story.answer('approve'));
    await story.rest();
    await expectAtRest(story, 'v2');
  });
});

it('a rollout that is stopped and redriven ten times goes live as the first attempt', async () => {
  const story = await liveStory({ service, rpm: 600 });
  story.push('v2');
  await story.after(30);
  for (let times = 0; times < 10; times++) {
    story.cloud.machine.stop(first);
    story.cloud.machine.redrive(first);
    await story.after(50);
  }
  await story.rest();
  await expectAtRest(story, 'v2');
  expect((await story.row()).live?.attempt).toBe(1);
});

it('a failed rollout begins anew with each redrive, and goes live once its image is good', async () => {
  const story = await liveStory({ service, rpm: 600 });
  story.push('v2', { exits: 'exited with code 1' });
  await story.rest();
  for (let times = 2; times <= 11; times++) {
    if (times === 11) story.machines.describe(story.reference('v2'), {});
    story.cloud.machine.redrive(first);
    await story.rest();
  }
  await expectAtRest(story, 'v2');
  expect((await story.row()).live?.attempt).toBe(11);
});
