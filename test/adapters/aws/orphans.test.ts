/** What leaves the account's machinery: notices that may be lost. */
import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from 'vitest';
import { notifyOf } from '../../../adapters/notifications/eventbridge.ts';
import { fails, fakeClient, inputsOf } from './fake.ts';

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
