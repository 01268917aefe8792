/** Redriving executions of the local engine: where they go on, and which may not. */
import { describe, expect, test } from 'vitest';
import { build, failure, task, tokenTask } from './build.ts';

const wait = { Type: 'Wait', Seconds: 60, End: true };
const named = (name: string) => expect.objectContaining({ name });

describe('redrive', () => {
  test('schedules a failed task again with its retries, variables and name, and is counted', async () => {
    let broken = true;
    const seen: unknown[] = [];
    const states = {
      A: { Type: 'Pass', Assign: { kept: 7 }, Next: 'B' },
      B: task({
        Arguments: { kept: '{% $kept %}', again: '{% $exists($states.context.Execution.RedriveTime) %}' },
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
      }),
    };
    const { machine, run, time, types, called } = build({
      states,
      work: (payload) => {
        seen.push(payload);
        if (broken) throw failure('Broken');
        return 'done';
      },
    });
    await run();
    const { executionArn } = machine.describe('one');
    machine.redrive('one');
    await time.run();
    expect(called).toHaveLength(4);
    broken = false;
    machine.redrive('one');
    await time.run();
    expect(machine.describe('one')).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 2,
      executionArn,
      output: '"done"',
    });
    expect([seen[0], seen.at(-1)]).toEqual([
      { kept: 7, again: false },
      { kept: 7, again: true },
    ]);
    const redriven = types().lastIndexOf('ExecutionRedriven');
    expect(types().slice(redriven)).toEqual([
      'ExecutionRedriven',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('enters a Fail state again, and fails again', async () => {
    const { machine, run, time, types } = build({ states: { A: { Type: 'Fail', Error: 'Over' } } });
    await run();
    machine.redrive('one');
    await time.run();
    expect(machine.describe('one')).toMatchObject({ status: 'FAILED', error: 'Over', redriveCount: 1 });
    expect(types()).toEqual([
      'ExecutionStarted',
      'FailStateEntered',
      'ExecutionFailed',
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  test('of a stopped execution that waits for a token gives a new token', async () => {
    const tokens: string[] = [];
    const { machine, run, forward, time } = build({
      states: { A: tokenTask() },
      work: (payload) => void tokens.push((payload as { token: string }).token),
    });
    await run({}, 1);
    machine.stop('one');
    machine.redrive('one');
    await forward(1);
    expect(() => machine.sendTaskSuccess(tokens[0] ?? '', '1')).toThrow(named('TaskTimedOut'));
    machine.sendTaskSuccess(tokens[1] ?? '', '2');
    await time.run();
    expect(machine.describe('one')).toMatchObject({ status: 'SUCCEEDED', output: '2' });
  });

  test('is refused while running, after success and after 14 days', async () => {
    const { machine, run, forward, time } = build({ states: { A: wait } });
    await run({}, 1);
    expect(() => machine.redrive('one')).toThrow(named('ExecutionNotRedrivable'));
    machine.stop('one');
    expect(machine.describe('one').redriveStatus).toBe('REDRIVABLE');
    await forward(14 * 86_400 + 1);
    expect(() => machine.redrive('one')).toThrow(named('ExecutionNotRedrivable'));
    machine.start({ name: 'two' });
    await time.run();
    expect(() => machine.redrive('two')).toThrow(named('ExecutionNotRedrivable'));
  });
});
