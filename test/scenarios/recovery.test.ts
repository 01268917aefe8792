/** An execution that ends from outside leaves nothing half-done: what was committed goes forward, everything else back. */
import { expect, it } from 'vitest';
import { allAtOnce } from '../../core/index.ts';
import { createStory, liveStory, releaseNamed, type Story } from '../build.ts';

const rolling = async (): Promise<{ story: Story; name: string }> => {
  const story = await createStory();
  story.push('v1');
  await story.rest();
  story.push('v2');
  return { story, name: `shop-${releaseNamed('v2')}-1` };
};

/** Runs until the execution of v2 enters a state, and stops it there. */
const stopIn = async (story: Story, name: string, state: string): Promise<void> => {
  const entered = () => {
    try {
      return story.cloud.machine.history(name).some((event) => JSON.stringify(event).includes(`"name":"${state}"`));
    } catch {
      return false;
    }
  };
  await story.time.run({ done: entered });
  story.cloud.machine.stop(name, { error: 'by hand' });
};

for (const state of ['Provision', 'CheckReady', 'Shift', 'Bake', 'Judge'])
  it(`stopped in ${state}, it is brought back by a recovery that succeeds (R9, P6)`, async () => {
    const { story, name } = await rolling();
    await stopIn(story, name, state);
    await story.rest();
    expect(story.statuses.get(name)).toBe('ABORTED');
    const recoveries = [...story.statuses].filter(([other]) => other.startsWith('recover-'));
    expect(recoveries.map(([, status]) => status)).toEqual(['SUCCEEDED']);
    const row = await story.row();
    expect(row.live?.release).toBe(releaseNamed('v1'));
    expect(story.running()).toEqual(Array(4).fill(releaseNamed('v1')));
    const [rollout] = await story.rollouts();
    expect(rollout?.outcome).toBe('failed');
  });

it('stopped after commit, it is brought forward (R2, P6, P12)', async () => {
  const { story, name } = await rolling();
  await stopIn(story, name, 'WaitToRetire');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
  expect((await story.rollouts())[0]?.outcome).toBe('live');
});

it('redriven after its recovery has reported, it starts over (R9, P5)', async () => {
  const { story, name } = await rolling();
  await stopIn(story, name, 'Bake');
  await story.rest();
  story.cloud.machine.redrive(name);
  await story.rest();
  expect(story.statuses.get(name)).toBe('SUCCEEDED');
  expect((await story.row()).live).toMatchObject({ release: releaseNamed('v2'), attempt: 2 });
});

it('a start that was reserved and never made is made by reconcile (R6, P2)', async () => {
  const story = await createStory({ schedule: true });
  story.cloud.intercept((service, command, _input, next) => {
    if (service === 'sfn' && command === 'StartExecution')
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    return next();
  });
  story.push('v1');
  await story.after(30);
  expect((await story.row()).lock.state).toBe('reserved');
  story.cloud.intercept(undefined);
  await story.after(40 * 60);
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it('an AWS that throttles every seventeenth call slows a rollout down and breaks nothing (R5)', async () => {
  const story = await createStory();
  let calls = 0;
  story.cloud.intercept((service, _command, _input, next) => {
    calls++;
    if (calls % 17 === 0 && service !== 'events')
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client' });
    return next();
  });
  story.push('v1');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it('weights edited minutes after their decision are waited for like any others (R4, P22)', async () => {
  const story = await liveStory({ service: { strategy: allAtOnce() } });
  const before = story.cloud.traffic.totals().failed;
  let edited = Number.POSITIVE_INFINITY;
  /** Looked at in the end: what throws in here is a failed call, which is tried again until it may. */
  const removed: number[] = [];
  story.cloud.intercept(async (_service, command, input, next) => {
    const { since, seq } = (await story.row()).wanted;
    if (command === 'ModifyRule' && seq > 1 && story.time.now() < since + 30_000)
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client' });
    if (command === 'ModifyRule') edited = Math.min(edited, story.time.now());
    const { DesiredCapacity } = input as { DesiredCapacity?: number };
    if (command === 'DeregisterTargets' || DesiredCapacity === 0) removed.push(story.time.now());
    return next();
  });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(Math.min(...removed)).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(Math.min(...removed)).toBeGreaterThanOrEqual(edited + 120_000);
  expect(story.cloud.traffic.totals().failed).toBe(before);
});

it('stopped while the event that tells of it is lost, it is recovered by reconcile (R9, P6)', async () => {
  const story = await createStory({ schedule: true });
  story.push('v1');
  await story.rest();
  story.push('v2');
  story.cloud.intercept(async (service, command, input, next) => {
    const { function: target } = input as { function?: string };
    if (service === 'eventbridge' && command === 'Deliver' && target === 'on-stopped') throw new Error('lost');
    return next();
  });
  await stopIn(story, `shop-${releaseNamed('v2')}-1`, 'Bake');
  await story.after(3600);
  const recoveries = [...story.statuses].filter(([name]) => name.startsWith('recover-'));
  expect(recoveries.map(([, status]) => status)).toEqual(['SUCCEEDED']);
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v1')));
  expect((await story.rollouts())[0]?.outcome).toBe('failed');
});
