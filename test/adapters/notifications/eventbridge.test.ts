/** Notices on EventBridge: what is sent, and that a lost one fails nothing. */
import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { notifyOf } from '../../../adapters/notifications/eventbridge.ts';
import { fails, fakeClient, inputsOf } from '../aws/fake.ts';

const event = {
  id: 'b-1/Shift/shifted/1',
  at: 1_767_603_600_000,
  release: 'b',
  attempt: 1,
  by: 'Shift',
  kind: 'shifted' as const,
  text: '5 % to b',
  service: 'shop',
};

const sending = async (answer: () => unknown, bus?: string) => {
  const events = fakeClient({ PutEvents: answer });
  const lost: string[] = [];
  const say = (error: unknown) => void lost.push((error as Error).message);
  await notifyOf({ events }, { ...(bus !== undefined && { bus }), lost: say })(event);
  return { lost, sent: inputsOf<PutEventsCommandInput>(events, 'PutEvents') };
};

test('an event is sent whole, with its time, to the bus that was named or to the default one', async () => {
  const { lost, sent } = await sending(() => ({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] }));
  expect(lost).toEqual([]);
  expect(sent).toHaveLength(1);
  const [entry] = sent[0]?.Entries ?? [];
  expect(entry).toMatchObject({ EventBusName: 'default', Source: 'cutover', Time: new Date(event.at) });
  expect(JSON.parse(entry?.Detail ?? '')).toEqual(event);
  expect((await sending(() => ({}), 'ours')).sent[0]?.Entries?.[0]?.EventBusName).toBe('ours');
});

test('an event that is refused or cannot be sent is reported as lost, and fails nothing', async () => {
  const refused = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'later' }] };
  expect((await sending(() => refused)).lost).toEqual(['PutEvents refused the event: InternalFailure later']);
  expect((await sending(fails('AccessDeniedException'))).lost).toEqual([
    expect.stringMatching(/^PutEvents failed with AccessDeniedException/),
  ]);
});
