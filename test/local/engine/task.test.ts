/** Retry, Catch and deadlines of the local engine's Task. */
import { describe, expect, test } from 'vitest';
import { build, failure, functionArn, task } from './build.ts';

const always = (error: Error) => () => {
  throw error;
};

describe('Retry', () => {
  test('waits longer each time, at most MaxDelaySeconds, and gives up after MaxAttempts', async () => {
    const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 3 };
    const { run, called, types } = build({ states: { A: task({ Retry: [retry] }) }, work: always(failure('Busy')) });
    expect(await run()).toMatchObject({ status: 'FAILED', error: 'Busy' });
    expect(called).toEqual([0, 2, 8, 18]);
    const attempt = ['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'];
    expect(types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      ...[1, 2, 3, 4].flatMap(() => attempt),
      'ExecutionFailed',
    ]);
  });

  test('with full jitter waits a random part of that', async () => {
    const retry = { ErrorEquals: ['States.ALL'], IntervalSeconds: 4, MaxAttempts: 2, JitterStrategy: 'FULL' };
    const { run, called } = build({
      states: { A: task({ Retry: [retry] }) },
      work: always(failure('Busy')),
      random: () => 0.25,
    });
    await run();
    expect(called).toEqual([0, 1, 3]);
  });

  test('takes the first retrier that names the error, with a count of its own', async () => {
    const never = { ErrorEquals: ['Broken'], MaxAttempts: 0 };
    const errors = [failure('Busy'), failure('Busy'), failure('Broken'), failure('Busy')];
    const { run, called } = build({
      states: { A: task({ Retry: [never, { ErrorEquals: ['States.ALL'], BackoffRate: 1 }] }) },
      work: () => {
        throw errors.shift();
      },
    });
    expect(await run()).toMatchObject({ error: 'Broken' });
    expect(called).toEqual([0, 1, 2]);
  });

  test('tells the function which try this is', async () => {
    const seen: unknown[] = [];
    const { run } = build({
      states: {
        A: task({
          Arguments: { n: '{% $states.context.State.RetryCount %}' },
          Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
        }),
      },
      work: (payload) => {
        seen.push(payload);
        throw failure('Busy');
      },
    });
    await run();
    expect(seen).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  test('tries again when an expression fails', async () => {
    const { run, types } = build({
      states: {
        A: task({ Arguments: '{% $states.input.missing %}', Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }),
      },
    });
    expect(await run()).toMatchObject({ error: 'States.QueryEvaluationError' });
    expect(types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'EvaluationFailed',
      'EvaluationFailed',
      'ExecutionFailed',
    ]);
  });
});

describe('Catch', () => {
  const states = (...names: string[]) => ({
    A: task({ Catch: names.map((name) => ({ ErrorEquals: [name], Next: 'B', Output: name })) }),
    B: { Type: 'Succeed' },
  });

  test.each([
    ['Busy', ['Broken', 'Busy', 'States.ALL'], 'Busy'],
    ['Busy', ['States.ALL', 'Busy'], 'States.ALL'],
    ['Busy', ['States.TaskFailed', 'Busy'], 'States.TaskFailed'],
  ])('of %s among %j is done by %s, the first that names it', async (error, names, first) => {
    const { run } = build({ states: states(...names), work: always(failure(error)) });
    expect((await run()).output).toBe(JSON.stringify(first));
  });

  test('gives the error and its cause as JSON text, and assigns', async () => {
    const { run } = build({
      states: {
        A: task({
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B', Assign: { why: '{% $states.errorOutput.Error %}' } }],
        }),
        B: { Type: 'Pass', Output: { why: '{% $why %}', caught: '{% $parse($states.input.Cause) %}' }, End: true },
      },
      work: always(failure('Broken', 'the disk is full')),
    });
    expect(JSON.parse((await run()).output ?? '')).toEqual({
      why: 'Broken',
      caught: { errorType: 'Broken', errorMessage: 'the disk is full' },
    });
  });

  test('does not take States.Runtime', async () => {
    const spoiled = { FunctionName: functionArn('work'), Payload: 1 };
    const { run } = build({
      states: {
        A: task({
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: `{% $merge([${JSON.stringify(spoiled)}, {"Qualifier": "1"}]) %}`,
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
        }),
        B: { Type: 'Succeed' },
      },
    });
    expect(await run()).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining('Qualifier'),
    });
  });
});

describe('TimeoutSeconds', () => {
  test('fails the task, not the function, whose late answer is ignored', async () => {
    let finished = false;
    const made = build({
      states: {
        A: task({ TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B', Output: 'late' }] }),
        B: { Type: 'Wait', Seconds: 60, End: true },
      },
      work: () =>
        new Promise((resolve) => {
          made.time.after(20_000, () => {
            finished = true;
            resolve('an answer');
          });
        }),
    });
    expect(await made.run()).toMatchObject({ status: 'SUCCEEDED', output: '"late"' });
    expect(finished).toBe(true);
    expect(made.types()).toContain('LambdaFunctionTimedOut');
  });

  test('may be computed, and must be a whole number', async () => {
    const { run } = build({ states: { A: task({ TimeoutSeconds: '{% 1.5 %}' }) } });
    expect(await run()).toMatchObject({ error: 'States.QueryEvaluationError', cause: expect.stringContaining('1.5') });
  });

  test('of the machine closes the execution as TIMED_OUT', async () => {
    const { run, types } = build({
      states: { A: { Type: 'Wait', Seconds: 60, End: true } },
      machine: { TimeoutSeconds: 10 },
    });
    const { status, error, startDate, stopDate } = await run();
    expect([status, error]).toEqual(['TIMED_OUT', undefined]);
    expect(Number(stopDate) - Number(startDate)).toBe(10_000);
    expect(types().at(-1)).toBe('ExecutionTimedOut');
  });
});
