/** Functions that run over their time-out: the caller is told as AWS tells it, and the function changes nothing afterwards. */
import { expect, test } from 'vitest';
import { type TimeoutName, timeoutNames } from '../../local/engine/fault.ts';
import { sleep } from '../../local/time.ts';
import { liveStory, type Story, timeouts } from '../build.ts';

/** A live service, one of whose functions takes so long to begin, the first time that it is called from `arm` on. */
const delayed = async (name: string, seconds: number, timedOutAs: TimeoutName = 'Sandbox.Timedout') => {
  const calls: { from: number; answer: string | null }[] = [];
  let isArmed = false;
  const holder: { story?: Story } = {};
  const story = await liveStory({
    timedOutAs,
    around: async (called, call) => {
      if (!isArmed || called !== name || holder.story === undefined) return call();
      const { time } = holder.story;
      const told = { from: time.now(), answer: null as string | null };
      calls.push(told);
      if (calls.length === 1) await sleep(time, seconds * 1000);
      const answer = await call();
      told.answer = JSON.stringify(answer ?? null);
      return answer;
    },
  });
  holder.story = story;
  return {
    story,
    calls,
    arm: () => {
      isArmed = true;
    },
  };
};

test.each(timeoutNames)(
  'a step that times out, told as %s, shifts nothing later, and is tried again',
  async (error) => {
    const over = 30;
    const { story, calls, arm } = await delayed('shift', (timeouts.shift ?? 0) + over, error);
    arm();
    story.push('v2');
    const shifts = () => story.cloud.calls.get('elbv2:ModifyRule') ?? 0;
    const before = shifts();
    await story.time.run({ done: () => calls.length === 2 });
    const [first, second] = calls;
    expect((second?.from ?? 0) - (first?.from ?? 0)).toBeGreaterThanOrEqual((timeouts.shift ?? 0) * 1000);
    const execution = [...story.statuses.keys()].at(-1) ?? '';
    const failed = story.cloud.machine.history(execution).filter(({ type }) => type === 'LambdaFunctionFailed');
    expect(failed.at(-1)?.lambdaFunctionFailedEventDetails).toMatchObject({
      error,
      cause: expect.stringContaining(
        error === 'States.TaskFailed' ? 'cannot determine' : `Task timed out after ${timeouts.shift}.00 seconds`,
      ),
    });
    await story.rest();
    expect(first?.answer).toBeNull();
    expect(second?.answer).not.toBeNull();
    expect(shifts()).toBeGreaterThan(before);
    expect((await story.rollouts())[0]).toMatchObject({ outcome: 'live' });
    story.close();
  },
);

test('a trigger that runs over its time-out publishes nothing later, and is tried again', async () => {
  const { story, calls, arm } = await delayed('on-image', (timeouts['on-image'] ?? 0) + 1);
  const executions = story.statuses.size;
  arm();
  story.push('v2');
  await story.time.run({ done: () => calls.length === 2 });
  // The first one has woken long ago.
  expect(story.statuses.size).toBe(executions);
  const [first, second] = calls;
  // Lambda waits a minute before it calls an asynchronous function again.
  expect((second?.from ?? 0) - (first?.from ?? 0)).toBeGreaterThanOrEqual(60_000 + (timeouts['on-image'] ?? 0) * 1000);
  await story.rest();
  expect(first?.answer).toBeNull();
  expect(second?.answer).not.toBeNull();
  expect((await story.rollouts())[0]).toMatchObject({ outcome: 'live' });
  story.close();
});
