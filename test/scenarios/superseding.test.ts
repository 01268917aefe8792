/** Many publications: the newest goes live, each of the others is accounted for, and no crash in between loses any. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { functionSettings, liveStory, releaseNamed, type Story, type StoryOptions } from '../build.ts';
import { expectAtRest, reach } from './at-rest.ts';

const service = { strategy: canary([50], { bake: '2 minutes', keepOldFor: '2 minutes' }) };
const quick: StoryOptions = { service, rpm: 600 };

/** How each release ended; one that nobody has heard of is absent. */
const outcomesOf = async (story: Story) =>
  new Map((await story.rollouts()).map(({ release, outcome }) => [release, outcome]));
const versions = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `v${from + index}`);

for (const seconds of [0, 1, 4])
  it(`of 20 published ${seconds} s apart before traffic, only the newest goes live`, async () => {
    const story = await liveStory(quick);
    for (const version of versions(2, 21)) {
      story.push(version);
      await story.after(seconds);
    }
    await story.rest();
    await expectAtRest(story, 'v21');
    const outcomes = await outcomesOf(story);
    expect(versions(2, 20).filter((version) => outcomes.get(releaseNamed(version)) !== 'superseded')).toEqual([]);
  });

it('of 20 that are heard of in another order, none older than what waits already is begun', async () => {
  const story = await liveStory(quick);
  for (const version of versions(2, 21)) {
    story.push(version);
    await story.after(0.1);
  }
  await story.rest();
  await expectAtRest(story, 'v21');
  const ended = new Map((await story.rollouts()).map(({ release, outcome, reason }) => [release, { outcome, reason }]));
  const { refused = [], superseded = [] } = Object.groupBy(
    versions(2, 20).map((version) => ended.get(releaseNamed(version))),
    (one) => one?.outcome ?? 'live',
  );
  expect([refused.length > 0, refused.length + superseded.length]).toEqual([true, 19]);
  for (const one of refused) expect(one?.reason).toMatch(/^older: /);
});

it('of 20 published while traffic moves, the one that moves it goes live, then the newest', async () => {
  const story = await liveStory(quick);
  story.push('v2');
  await reach(story, 'shifting');
  for (const version of versions(3, 22)) story.push(version);
  await story.rest();
  await expectAtRest(story, 'v22');
  const outcomes = await outcomesOf(story);
  expect(outcomes.get(releaseNamed('v2'))).toBe('live');
  expect(versions(3, 21).filter((version) => outcomes.get(releaseNamed(version)) !== 'superseded')).toEqual([]);
});

it('with one every minute for six hours, images keep going live, and the newest in the end', async () => {
  const story = await liveStory({ ...quick, schedule: true });
  const lives: number[] = [story.time.now()];
  let live = releaseNamed('v1');
  for (const version of versions(2, 361)) {
    story.push(version);
    await story.after(60);
    const now = (await story.row()).live?.release ?? '';
    if (now !== live) lives.push(story.time.now());
    live = now;
  }
  lives.push(story.time.now());
  const longest = Math.max(...lives.slice(1).map((at, index) => (at - (lives[index] ?? 0)) / 60_000));
  expect(longest).toBeLessThan(60);
  await story.rest();
  await expectAtRest(story, 'v361');
});

describe('the newest is not lost when a function crashes: ', () => {
  const cutOff = 'cut off in the middle';
  const answerLost = 'its answer lost';
  /** The function that makes a call. */
  const inside = new AsyncLocalStorage<string>();

  /** What leads to a function that a good rollout never calls. */
  const leadsTo: Record<string, (story: Story) => unknown> = {
    'roll-back': (story) => story.during(story.abort('it looks wrong')),
    'on-alarm': ({ cloud }) => cloud.setAlarm('shop-5xx', 'ALARM', 'bad'),
    'on-stopped': ({ cloud }) => cloud.machine.stop(`shop-${releaseNamed('v2')}-1`),
    'on-interruption': ({ cloud }) => {
      const spot = [...cloud.world.instances.values()].find(({ state, spot }) => state === 'running' && spot);
      cloud.interruptSpot(spot?.id ?? '');
    },
  };

  // What park sends, if anything, is a wake.
  // The probe is asked only where it stands in a VPC: test/scenarios/vpc.test.ts.
  for (const name of Object.keys(functionSettings).filter((one) => one !== 'probe'))
    for (const how of name === 'park' ? [answerLost] : [cutOff, answerLost])
      it(`${name}, ${how}`, async () => {
        let [armed, crashed] = [false, false];
        const around = async (called: string, call: () => Promise<unknown>): Promise<unknown> => {
          if (called !== name) return call();
          const answer = await inside.run(called, call);
          if (!armed || how !== answerLost) return answer;
          [armed, crashed] = [false, true];
          throw Object.assign(new Error('Runtime exited'), { name: 'Runtime.ExitError' });
        };
        const checks = { alarms: ['shop-5xx'], smoke: [{ path: '/health' }] };
        const story = await liveStory({
          ...quick,
          service: { ...service, checks },
          setUp: { spot: true },
          schedule: true,
          around,
        });
        story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
        story.cloud.intercept(async (_service, _command, _input, next) => {
          const answer = await next();
          if (!armed || how !== cutOff || inside.getStore() !== name) return answer;
          [armed, crashed] = [false, true];
          return new Promise(() => undefined);
        });
        armed = true;
        story.push('v2');
        await reach(story, 'shifting');
        story.push('v3');
        await story.after(5);
        await leadsTo[name]?.(story);
        await story.after(1800);
        await story.rest();
        expect(crashed).toBe(true);
        await expectAtRest(story, 'v3');
        expect((await outcomesOf(story)).get(releaseNamed('v2'))).toBe(
          leadsTo[name] === undefined || name === 'on-interruption' ? 'live' : 'failed',
        );
        story.close();
      });
});
