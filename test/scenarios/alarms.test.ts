/** Alarms: which of them speak about a rollout, and how soon it is aborted by one that does. */
import { expect, it } from 'vitest';
import { liveStory, releaseNamed, type Story, type StoryOptions, serviceOf } from '../build.ts';

const watched = (changes: Record<string, unknown> = {}, options: StoryOptions = {}) =>
  liveStory({ ...options, service: { checks: { alarms: ['shop-5xx'] }, ...changes } });

/** A rollout at its second weight, whose alarm has been quiet. */
const underWay = async (options: StoryOptions = {}): Promise<Story> => {
  const story = await watched({}, options);
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
  story.push('v2');
  await story.after(15 * 60);
  expect((await story.row()).phase).toBe('shifting');
  return story;
};

const backOnV1 = async (story: Story): Promise<string> => {
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v1')));
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('failed');
  return rollout?.reason ?? '';
};

it('an alarm sends traffic back within seconds, and the record names it (P8)', async () => {
  const story = await underWay();
  story.cloud.setAlarm('shop-5xx', 'ALARM', '7 of 100 requests failed', { dataFrom: story.time.now() - 60_000 });
  await story.after(3);
  const row = await story.row();
  expect(row.phase).toBe('rollingBack');
  expect(row.wanted.weights[row.live?.slot ?? 'blue']).toBe(100);
  expect(await backOnV1(story)).toContain('alarm shop-5xx went off: 7 of 100 requests failed');
});

it('from the alarm’s event to the rule there is one function, cold, and less than two seconds', async () => {
  const story = await underWay();
  const acts: [string, number][] = [];
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = await next();
    acts.push([command, story.time.now()]);
    return answer;
  });
  const began = story.time.now();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'bad', { dataFrom: began - 60_000 });
  await story.after(3);
  const [first] = acts.filter(([command]) => command === 'ModifyRule');
  expect((first?.[1] ?? Infinity) - began).toBeLessThan(2000);
  // Nothing was started to get there.
  const before = acts.slice(0, acts.indexOf(first as [string, number])).map(([command]) => command);
  expect(before).not.toContain('StartExecution');
});

it('a composite alarm is one, too', async () => {
  const story = await underWay();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'shop-a is in ALARM', { kind: 'CompositeAlarm' });
  await story.after(3);
  expect((await story.row()).phase).toBe('rollingBack');
  expect(await backOnV1(story)).toContain('shop-a is in ALARM');
});

it('a service that watches a composite alarm is admitted with the rights that functions have', async () => {
  const story = await watched();
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet', { kind: 'CompositeAlarm' });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  story.close();
});

it('one that is off again when it is looked at aborts nothing', async () => {
  const story = await underWay();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'a blink');
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('one whose data is from before the rollout aborts nothing', async () => {
  const story = await watched();
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
  story.push('v2');
  await story.after(5 * 60);
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'an hour of it', { dataFrom: story.time.now() - 3_600_000 });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('one that several services watch aborts every rollout that it speaks about, and no other', async () => {
  const story = await underWay();
  const other = serviceOf({ checks: { alarms: ['shop-5xx'] } }, 'other');
  await story.ledger.applyConfiguration([story.service, other], {
    author: 'a test',
    commit: 'none',
    at: story.time.now(),
  });
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'bad');
  const event = { detail: { alarmName: 'shop-5xx', state: { value: 'ALARM' } } };
  const results = await story.during(story.cloud.invoke('on-alarm', event));
  expect(results).toEqual([{ service: 'shop', result: 'aborted' }]);
  await backOnV1(story);
});

it('one that was on before the rollout does not block the fix (R8)', async () => {
  const story = await watched();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'sick since yesterday');
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('nor does it when it flaps all the while, as the alarm of an unhealthy service does (R8)', async () => {
  const story = await watched();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'sick');
  story.push('v2');
  for (let turn = 0; turn < 60; turn++) {
    await story.after(40);
    const state = turn % 2 === 0 ? 'OK' : 'ALARM';
    story.cloud.setAlarm('shop-5xx', state, 'it comes and goes', { dataFrom: story.time.now() - 30_000 });
  }
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('after a full period of quiet it speaks again', async () => {
  const story = await watched();
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'sick');
  story.push('v2');
  await story.after(6 * 60);
  story.cloud.setAlarm('shop-5xx', 'OK', 'better');
  await story.after(70);
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'worse than ever');
  expect(await backOnV1(story)).toContain('worse than ever');
});
