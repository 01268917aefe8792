/** Alarms before the first weight: UnHealthyHostCount of a slot's target group rises at every rollout while a new fleet boots. */
import { expect, it } from 'vitest';
import { createStory } from '../build.ts';

const booting = async (approval: { within: string } | null = null) => {
  const story = await createStory({ service: { checks: { alarms: ['blue-unhealthy-hosts'] }, approval } });
  story.push('v1');
  await story.after(600);
  if (approval !== null) await story.during(story.answer('approve'));
  await story.rest();
  story.cloud.setAlarm('blue-unhealthy-hosts', 'OK', 'quiet');
  await story.after(600);
  story.push('v2');
  await story.after(45);
  expect((await story.row()).phase).toBe('preparing');
  return story;
};
type Story = Awaited<ReturnType<typeof booting>>;

const goesOff = (story: Story) =>
  story.cloud.setAlarm('blue-unhealthy-hosts', 'ALARM', 'UnHealthyHostCount of shop-blue is 4', {
    dataFrom: story.time.now(),
  });

it('an alarm that goes off and is OK again before the first weight fails no image', async () => {
  const story = await booting();
  goesOff(story);
  await story.after(60);
  story.cloud.setAlarm('blue-unhealthy-hosts', 'OK', 'booted');
  await story.rest();
  expect((await story.rollouts())[0]?.outcome).toBe('live');
});

it('an alarm that stays on holds the rollout without traffic, and says so once', async () => {
  const story = await booting();
  goesOff(story);
  await story.after(2 * 3600);
  const row = await story.row();
  expect(row).toMatchObject({ phase: 'preparing', step: 0, abort: null });
  expect(story.weights()[row.plan?.new.slot ?? 'blue']).toBe(0);
  const waiting = (await story.events()).filter(({ kind }) => kind === 'waiting');
  expect(waiting.map(({ text }) => text)).toEqual([
    expect.stringContaining('alarm blue-unhealthy-hosts went off before the first weight'),
  ]);
  story.cloud.setAlarm('blue-unhealthy-hosts', 'OK', 'booted');
  await story.rest();
  expect((await story.rollouts())[0]?.outcome).toBe('live');
});

it('an alarm that goes off while a person is asked holds the first weight after the approval', async () => {
  const story = await booting({ within: '1 day' });
  await story.after(1800);
  goesOff(story);
  await story.after(60);
  expect(await story.during(story.answer('approve'))).toBe(true);
  await story.after(1800);
  expect((await story.row()).step).toBe(0);
  story.cloud.setAlarm('blue-unhealthy-hosts', 'OK', 'booted');
  await story.rest();
  expect((await story.rollouts())[0]?.outcome).toBe('live');
});

it('an alarm that goes off at the first weight sends all traffic back', async () => {
  const story = await booting();
  while ((await story.row()).step < 1) await story.after(15);
  goesOff(story);
  await story.rest();
  expect((await story.rollouts())[0]).toMatchObject({ outcome: 'failed' });
});
