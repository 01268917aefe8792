/** What leaves the account's machinery: notices that may be lost, probes past the load balancer. */
import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from 'vitest';
import { probeOf } from '../../../adapters/aws/load-balancer/probe.ts';
import { notifyOf } from '../../../adapters/notifications/eventbridge.ts';
import { fails, fakeClient, inputsOf, sdkError } from './fake.ts';

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
    expect(inputsOf<PutEventsCommandInput>(events, 'PutEvents')[0]?.Entries).toEqual([
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
