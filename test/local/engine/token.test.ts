/** Task tokens of the local engine: woken, timed out, kept alive, told apart. */
import { describe, expect, test } from 'vitest';
import { build, tokenTask } from './build.ts';

describe('a task token', () => {
  const parked = (fields: object = {}) => {
    const tokens: string[] = [];
    const made = build({
      states: { A: tokenTask(fields), B: { Type: 'Succeed' } },
      work: (payload) => {
        tokens.push((payload as { token: string }).token);
        return 'parked';
      },
    });
    return { ...made, tokens, token: () => tokens.at(-1) ?? '' };
  };

  test('wakes its task once; a second wake is told that the task has timed out', async () => {
    const { machine, run, time, token, types } = parked();
    await run({}, 30);
    machine.sendTaskSuccess(token(), '{"woken":true}');
    expect(() => machine.sendTaskSuccess(token(), '{}')).toThrow(expect.objectContaining({ name: 'TaskTimedOut' }));
    await time.run();
    expect(machine.describe('one')).toMatchObject({ status: 'SUCCEEDED', output: '{"woken":true}' });
    expect(types().slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  test('times out, and wakes nothing afterwards', async () => {
    const { machine, run, token } = parked({ TimeoutSeconds: 60 });
    expect(await run()).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(machine.describe('one').cause).toBeUndefined();
    expect(() => machine.sendTaskSuccess(token(), '{}')).toThrow(expect.objectContaining({ name: 'TaskTimedOut' }));
  });

  test('is a new one with each retry', async () => {
    const { run, tokens } = parked({
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 2 }],
    });
    await run();
    expect(new Set(tokens).size).toBe(3);
  });

  test('fails its task with the error and cause given, or with none', async () => {
    for (const why of [{ error: 'Refused', cause: 'no' }, {}]) {
      const { machine, run, time, token } = parked();
      await run({}, 1);
      machine.sendTaskFailure(token(), why);
      await time.run();
      const { status, error, cause } = machine.describe('one');
      expect({ status, error, cause }).toEqual({ status: 'FAILED', error: undefined, cause: undefined, ...why });
    }
  });

  test('expires without heartbeats, which are recorded as a timeout and may be caught by name', async () => {
    const { machine, run, forward, time, token } = parked({
      HeartbeatSeconds: 10,
      Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'B' }],
    });
    await run({}, 8);
    machine.sendTaskHeartbeat(token());
    await forward(8);
    expect(machine.describe('one').status).toBe('RUNNING');
    await time.run();
    expect(machine.describe('one').output).toBe('{"Error":"States.Timeout","Cause":null}');
    expect(time.now()).toBe(18_000);
  });

  test('may come back before the function has returned', async () => {
    const made = build({
      states: { A: tokenTask() },
      work: (payload) => {
        made.machine.sendTaskSuccess((payload as { token: string }).token, '"at once"');
      },
    });
    expect(await made.run()).toMatchObject({ status: 'SUCCEEDED', output: '"at once"' });
    expect(made.types()).not.toContain('TaskSubmitted');
  });

  test('that was never one is invalid; one of an execution that is gone names no task', async () => {
    const { machine, run, token } = parked();
    await run({}, 1);
    const other = build({ states: { A: tokenTask() } }).machine;
    expect(() => machine.sendTaskSuccess('rubbish', '{}')).toThrow(expect.objectContaining({ name: 'InvalidToken' }));
    expect(() => other.sendTaskSuccess(token(), '{}')).toThrow(expect.objectContaining({ name: 'TaskDoesNotExist' }));
    expect(() => machine.sendTaskSuccess(token(), '{')).toThrow(expect.objectContaining({ name: 'InvalidOutput' }));
  });
});
