/** Executions by name: started by anyone, woken by tokens that may be old. */
import { describe, expect, test } from 'vitest';
import { executionsOf } from '../../../adapters/aws/executions.ts';
import { Transient } from '../../../core/basics/errors.ts';
import { fails, fakeClient, paged } from './fake.ts';

const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:rollout';
const input = { service: 'shop', release: 'abc', attempt: 1 };

describe('an execution', () => {
  test('is started once, with an input that is the same to the byte', async () => {
    const sfn = fakeClient({ StartExecution: () => ({}) });
    const { start } = executionsOf({ sfn }, `${machine}:7`);
    expect(await start('shop-abc-1', input)).toBe('started');
    await start('shop-abc-1', { attempt: 1, release: 'abc', service: 'shop' });
    const sent = { stateMachineArn: `${machine}:7`, name: 'shop-abc-1', input: JSON.stringify(input) };
    expect(sfn.sent.map((one) => one.input)).toEqual([sent, sent]);
  });

  test('is started with the token of the holder that it follows, where there is one', async () => {
    const sfn = fakeClient({ StartExecution: () => ({}) });
    await executionsOf({ sfn }, machine).start('recover-shop-7-1', { ...input, token: 7 });
    expect(sfn.sent[0]?.input).toMatchObject({ input: JSON.stringify({ ...input, token: 7 }) });
  });

  test('that was started already is running or closed', async () => {
    for (const [status, expected] of [
      ['RUNNING', 'running'],
      ['PENDING_REDRIVE', 'running'],
      ['SUCCEEDED', 'closed'],
      ['ABORTED', 'closed'],
    ]) {
      const sfn = fakeClient({
        StartExecution: fails('ExecutionAlreadyExists'),
        DescribeExecution: () => ({ status, input: JSON.stringify(input) }),
      });
      expect(await executionsOf({ sfn }, machine).start('shop-abc-1', input)).toBe(expected);
      expect(sfn.sent[1]?.input).toEqual({
        executionArn: `${machine.replace('stateMachine', 'execution')}:shop-abc-1`,
      });
    }
  });

  test('that has just been started and cannot be read yet is asked for again', async () => {
    const sfn = fakeClient({
      StartExecution: fails('ExecutionAlreadyExists'),
      DescribeExecution: fails('ExecutionDoesNotExist'),
    });
    await expect(executionsOf({ sfn }, machine).start('shop-abc-1', input)).rejects.toBeInstanceOf(Transient);
  });

  test('that somebody else started under the name, with another input, is foreign, running or not', async () => {
    for (const other of [{ ...input, service: 'cart' }, { ...input, token: 7 }, {}])
      for (const status of ['RUNNING', 'SUCCEEDED']) {
        const DescribeExecution = () => ({ status, input: JSON.stringify(other) });
        const sfn = fakeClient({ StartExecution: fails('ExecutionAlreadyExists'), DescribeExecution });
        expect(await executionsOf({ sfn }, machine).start('shop-abc-1', input)).toBe('foreign');
      }
  });

  test('that nobody started is absent', async () => {
    const sfn = fakeClient({ DescribeExecution: fails('ExecutionDoesNotExist') });
    expect(await executionsOf({ sfn }, machine).status('shop-abc-1')).toBe('absent');
  });

  test('is woken by a token, and an old token is fine', async () => {
    for (const code of ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])
      await executionsOf({ sfn: fakeClient({ SendTaskSuccess: fails(code) }) }, machine).wake('old');
    const sfn = fakeClient({ SendTaskSuccess: () => ({}) });
    await executionsOf({ sfn }, machine).wake('new');
    expect(sfn.sent[0]?.input).toEqual({ taskToken: 'new', output: '{}' });
    const denied = executionsOf({ sfn: fakeClient({ SendTaskSuccess: fails('AccessDeniedException') }) }, machine);
    await expect(denied.wake('new')).rejects.toMatchObject({ name: 'Rejected' });
  });

  test('was last moved by its newest event, and one that nobody started never', async () => {
    const sfn = fakeClient({ GetExecutionHistory: () => ({ events: [{ id: 7, timestamp: new Date(1234) }] }) });
    expect(await executionsOf({ sfn }, `${machine}:7`).moved('shop-abc-1')).toBe(1234);
    const executionArn = `${machine.replace('stateMachine', 'execution')}:shop-abc-1`;
    expect(sfn.sent[0]?.input).toEqual({ executionArn, reverseOrder: true, maxResults: 1 });
    const absent = fakeClient({ GetExecutionHistory: fails('ExecutionDoesNotExist') });
    expect(await executionsOf({ sfn: absent }, machine).moved('shop-abc-1')).toBeNull();
    const denied = fakeClient({ GetExecutionHistory: fails('AccessDeniedException') });
    await expect(executionsOf({ sfn: denied }, machine).moved('a')).rejects.toMatchObject({ name: 'Rejected' });
  });

  test('is stopped with the reason, and one that nobody started is fine', async () => {
    const sfn = fakeClient({ StopExecution: () => ({ stopDate: new Date(0) }) });
    await executionsOf({ sfn }, `${machine}:7`).stop('shop-abc-1', 'it stands still');
    const executionArn = `${machine.replace('stateMachine', 'execution')}:shop-abc-1`;
    expect(sfn.sent[0]?.input).toEqual({ executionArn, error: 'cutover.stuck', cause: 'it stands still' });
    await executionsOf({ sfn: fakeClient({ StopExecution: fails('ExecutionDoesNotExist') }) }, machine).stop('a', '');
    const denied = executionsOf({ sfn: fakeClient({ StopExecution: fails('AccessDeniedException') }) }, machine);
    await expect(denied.stop('a', '')).rejects.toMatchObject({ name: 'Rejected' });
  });

  test('that recovers a service is found on every page, and not mistaken for that of a longer name', async () => {
    const names = ['shop-abc-1', 'recover-shop-4-0', 'recover-shop-eu-4-0', 'recover-shop-12-3'];
    const sfn = fakeClient({
      ListExecutions: ({ nextToken }: { nextToken?: string }) => {
        const { items, next } = paged(names, 1, nextToken);
        return { executions: items.map((name) => ({ name })), nextToken: next };
      },
    });
    expect(await executionsOf({ sfn }, `${machine}:7`).recoveries('shop')).toEqual([
      'recover-shop-4-0',
      'recover-shop-12-3',
    ]);
    expect(sfn.sent[0]?.input).toMatchObject({ stateMachineArn: machine, statusFilter: 'RUNNING' });
  });
});
