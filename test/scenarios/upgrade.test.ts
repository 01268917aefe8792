/** Version n's rollout while version n + 1 is deployed: it finishes, goes back and is redriven on the functions that it began with. */
import { expect, it } from 'vitest';
import { createFunctions } from '../../functions/index.ts';
import { functionSettings, liveStory, releaseNamed, type Story } from '../build.ts';
import { recorded } from '../recorded.ts';

/** Deploys functions of which no step would work, and answers which of them have been called. */
const deployed = (story: Story, environment = story.environment()): Set<string> => {
  const called = new Set<string>();
  const working = createFunctions((name) => recorded(name, environment));
  const next = Object.entries(working).map(([name, run]): [string, typeof run] => [
    name,
    (event, context) => {
      called.add(name);
      if (functionSettings[name]?.step === true) throw new Error(`version n + 1 of ${name} was called`);
      return run(event, context);
    },
  ]);
  story.cloud.deploy(Object.fromEntries(next));
  return called;
};
const steps = (called: Set<string>): string[] => [...called].filter((name) => functionSettings[name]?.step === true);

/** v2 is on its way, at its first weights. */
const underWay = async (service: Record<string, unknown> = {}): Promise<Story> => {
  const story = await liveStory({ service });
  story.push('v2');
  await story.after(15 * 60);
  expect((await story.row()).phase).toBe('shifting');
  return story;
};

it('a rollout that began before a deployment finishes on what it began with', async () => {
  const story = await underWay();
  const called = deployed(story);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(steps(called)).toEqual([]);
});

it('it goes back on what it began with, though the alarm is heard by the new version', async () => {
  const story = await underWay({ checks: { alarms: ['shop-5xx'] } });
  const called = deployed(story);
  story.cloud.setAlarm('shop-5xx', 'ALARM', 'bad');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect([...called]).toContain('on-alarm');
  expect(steps(called)).toEqual([]);
});

it('a redrive after the deployment goes on with what it began with', async () => {
  const story = await underWay();
  expect(await story.during(story.abort('not this one'))).toBeNull();
  await story.rest();
  const called = deployed(story);
  const [name = ''] = [...story.statuses.keys()].slice(-1);
  story.cloud.machine.redrive(name);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(steps(called)).toEqual([]);
});

it('the next rollout begins on the new version', async () => {
  const story = await liveStory();
  const called = deployed(story);
  story.push('v2');
  await story.after(60);
  expect(steps(called)).toEqual(['admit']);
});
