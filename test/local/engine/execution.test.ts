/** Executions of the local engine: starting twice, stopping, forgetting, telling, waiting and choosing. */
import { describe, expect, test } from 'vitest';
import type { Description } from '../../../local/engine/machine.ts';
import { build, failure, task } from './build.ts';

const wait = { Type: 'Wait', Seconds: 60, End: true };
const named = (name: string) => expect.objectContaining({ name });

describe('start', () => {
  test('is idempotent while name and input run, and refused for another input or once closed', async () => {
    const { machine, time, forward } = build({ states: { A: wait } });
    const first = machine.start({ name: 'one', input: '{"a":1}' });
    await forward(10);
    expect(machine.start({ name: 'one', input: '{"a":1}' })).toEqual(first);
    expect(() => machine.start({ name: 'one', input: '{"a":2}' })).toThrow(named('ExecutionAlreadyExists'));
    await time.run();
    expect(() => machine.start({ name: 'one', input: '{"a":1}' })).toThrow(named('ExecutionAlreadyExists'));
    expect(machine.list()).toHaveLength(1);
  });

  test.each(['', 'a:b', 'two words', 'x'.repeat(81)])('refuses the name %j', (name) => {
    expect(() => build({ states: { A: wait } }).machine.start({ name })).toThrow(named('InvalidName'));
  });

  test('refuses an input that is not JSON', () => {
    const { machine } = build({ states: { A: wait } });
    expect(() => machine.start({ input: '{' })).toThrow(named('InvalidExecutionInput'));
  });
});

describe('stop', () => {
  test('in the middle of a task aborts the execution, and ignores the function’s late answer', async () => {
    let finished = false;
    const made = build({
      states: { A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], Next: 'B' }), B: { Type: 'Succeed' } },
      work: () =>
        new Promise((resolve) => {
          made.time.after(20_000, () => {
            finished = true;
            resolve({});
          });
        }),
    });
    await made.run({}, 10);
    made.machine.stop('one', { cause: 'by hand' });
    await made.time.run();
    expect(finished).toBe(true);
    expect(made.machine.describe('one')).toMatchObject({
      status: 'ABORTED',
      cause: 'by hand',
      stopDate: new Date(10_000),
    });
    expect(made.machine.history('one').at(-1)).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0 });
  });

  test('of a closed execution changes nothing', async () => {
    const { machine, run } = build({ states: { A: { Type: 'Succeed' } } });
    await run();
    machine.stop('one');
    expect(machine.describe('one').status).toBe('SUCCEEDED');
  });
});

test('every change of status is told, with what DescribeExecution says', async () => {
  const told: string[] = [];
  const { machine, run, time } = build({
    states: { A: task() },
    work: () => {
      throw failure('Broken');
    },
    onStatus: ({ name, status, error }: Description) => void told.push([name, status, error].join(' ').trim()),
  });
  await run();
  machine.redrive('one');
  machine.stop('one');
  await time.run();
  expect(told).toEqual(['one RUNNING', 'one FAILED Broken', 'one RUNNING', 'one ABORTED']);
});

test('every event is told as it happens', async () => {
  const told: string[] = [];
  const { run } = build({
    states: { A: wait },
    onEvent: (name, { type, timestamp }) => void told.push(`${name} ${type} ${timestamp}`),
  });
  await run();
  expect(told).toEqual([
    'one ExecutionStarted 0',
    'one WaitStateEntered 0',
    'one WaitStateExited 60000',
    'one ExecutionSucceeded 60000',
  ]);
});

test('the closed executions beyond those kept are forgotten, running ones never', async () => {
  const { machine, time, forward } = build({ states: { A: wait }, keepClosed: 2 });
  for (const name of ['a', 'b', 'c']) machine.start({ name });
  await forward(30);
  machine.start({ name: 'late' });
  await forward(30);
  expect(machine.list().map(({ name }) => name)).toEqual(['late', 'c', 'b']);
  expect(() => machine.describe('a')).toThrow(named('ExecutionDoesNotExist'));
  await time.run();
  expect(machine.list('SUCCEEDED').map(({ name }) => name)).toEqual(['late', 'c']);
});

test('an execution that never ends fails at 25,000 events', async () => {
  const { machine, run } = build({ states: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } } });
  expect(await run()).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  expect(machine.history('one').at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  expect(machine.describe('one').redriveStatus).toBe('NOT_REDRIVABLE');
});

test('a transition takes the time it is said to take', async () => {
  const { run } = build({ states: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } }, transition: 50 });
  expect((await run()).stopDate).toEqual(new Date(50));
});

test('a wait lasts until a moment of its own, or not at all if that has passed', async () => {
  for (const [Timestamp, ms] of [
    ['1970-01-01T01:00:30+01:00', 30_000],
    ['1969-12-31T23:59:59.123456789Z', 0],
  ] as const) {
    const { run } = build({ states: { A: { Type: 'Wait', Timestamp, End: true } } });
    expect((await run()).stopDate).toEqual(new Date(ms));
  }
});

test('a choice without a matching rule and without Default ends the execution', async () => {
  const { run } = build({
    states: { A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }] }, B: { Type: 'Succeed' } },
  });
  expect(await run()).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining('does not point to a next state'),
  });
});

test('a condition that is not a boolean ends the execution', async () => {
  const { run, machine } = build({
    states: {
      A: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'B' }], Default: 'B' },
      B: { Type: 'Succeed' },
    },
  });
  expect(await run()).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  expect(machine.history('one')[2]).toMatchObject({
    evaluationFailedEventDetails: { location: 'Choices[0]/Condition' },
  });
});

test('assigned variables are seen from the next state on, and Output sees the old ones', async () => {
  const { run } = build({
    states: {
      A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: '{% $n %}', Next: 'C' },
      C: { Type: 'Pass', Output: ['{% $states.input %}', '{% $n %}'], End: true },
    },
  });
  expect((await run()).output).toBe('[1,2]');
});
