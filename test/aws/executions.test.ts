/** Executions by name, notices that may be lost, probes past the load balancer. */
import { describe, expect, test } from 'vitest';
import { executionsOf } from '../../aws/executions.ts';
import { notifyOf } from '../../aws/notify.ts';
import { probeOf } from '../../aws/probe.ts';
import { fails, fakeClient, paged, sdkError } from './fake.ts';

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

  test('that was started already is running or closed', async () => {
    for (const [status, expected] of [
      ['RUNNING', 'running'],
      ['PENDING_REDRIVE', 'running'],
      ['SUCCEEDED', 'closed'],
      ['ABORTED', 'closed'],
    ]) {
      const sfn = fakeClient({
        StartExecution: fails('ExecutionAlreadyExists'),
        DescribeExecution: () => ({ status }),
      });
      expect(await executionsOf({ sfn }, machine).start('shop-abc-1', input)).toBe(expected);
      expect(sfn.sent[1]?.input).toEqual({
        executionArn: `${machine.replace('stateMachine', 'execution')}:shop-abc-1`,
      });
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

describe('a notice', () => {
  const event = {
    id: 'a',
    at: 1000,
    release: 'abc',
    attempt: 1,
    by: 'Judge',
    kind: 'judged',
    text: 'good',
    service: 'shop',
  } as const;

  test('is one event with the whole event of the history in it', async () => {
    const events = fakeClient({ PutEvents: () => ({ FailedEntryCount: 0 }) });
    await notifyOf({ events }, { lost: fail })(event);
    expect(events.sent[0]?.input.Entries).toEqual([
      {
        EventBusName: 'default',
        Source: 'cutover',
        DetailType: 'Cutover Rollout Event',
        Detail: JSON.stringify(event),
        Time: new Date(1000),
      },
    ]);
  });

  test('that is lost is told and stops nothing', async () => {
    const told: string[] = [];
    const lost = (error: unknown) => told.push(String(error));
    await notifyOf({ events: fakeClient({ PutEvents: fails('AccessDeniedException') }) }, { lost })(event);
    const refused = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'later' }] };
    await notifyOf({ events: fakeClient({ PutEvents: () => refused }) }, { lost })(event);
    expect(told).toEqual([
      expect.stringContaining('AccessDeniedException'),
      expect.stringContaining('InternalFailure later'),
    ]);
  });
});

const fail = (error: unknown) => {
  throw error;
};

describe('a probe', () => {
  const ec2 = fakeClient({
    DescribeInstances: () => ({ Reservations: [{ Instances: [{ PrivateIpAddress: '10.0.0.5' }] }] }),
  });
  const target = { instance: 'i-1', port: 8080, path: '/health', within: 5 };

  test('asks the instance itself and does not follow it elsewhere', async () => {
    const asked: unknown[] = [];
    const probe = probeOf({ ec2 }, async (url, { redirect }) => {
      asked.push(url, redirect);
      return new Response('fine', { status: 303 });
    });
    expect(await probe(target)).toEqual({ status: 303, body: 'fine' });
    expect(asked).toEqual(['http://10.0.0.5:8080/health', 'manual']);
  });

  test('reads no more of an endless answer than it keeps', async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new TextEncoder().encode('x'.repeat(500)));
      },
    });
    const { body } = await probeOf({ ec2 }, async () => new Response(endless))(target);
    expect(body).toBe('x'.repeat(2048));
    expect(pulled).toBeLessThan(10);
  });

  test('of an instance without an address is Transient', async () => {
    for (const answer of [
      () => ({ Reservations: [] }),
      fails('InvalidInstanceID.NotFound'),
      () => Promise.reject(sdkError('Throttling')),
    ]) {
      const probe = probeOf({ ec2: fakeClient({ DescribeInstances: answer }) }, async () => new Response());
      await expect(probe(target)).rejects.toMatchObject({ name: 'Transient' });
    }
  });
});
