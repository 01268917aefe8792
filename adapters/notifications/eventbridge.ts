/** The notify port on EventBridge: sends each event of a rollout to a bus, for chats and other systems. */
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Notify } from '../../pipeline/ports/notify.ts';
import { send } from '../aws/aws-errors.ts';
import type { Client } from '../aws/client.ts';

export const source = 'cutover';
export const detailType = 'Cutover Rollout Event';

export const notifyOf =
  (
    { events }: { events: Client },
    { bus = 'default', lost }: { bus?: string; lost: (error: unknown) => void },
  ): Notify =>
  async (event) => {
    try {
      const entry = {
        EventBusName: bus,
        Source: source,
        DetailType: detailType,
        Detail: JSON.stringify(event),
        Time: new Date(event.at),
      };
      const { FailedEntryCount = 0, Entries = [] } = await send(events, new PutEventsCommand({ Entries: [entry] }));
      // A refused entry is an answer like any other, not an error.
      if (FailedEntryCount > 0)
        lost(new Error(`PutEvents refused the event: ${Entries[0]?.ErrorCode} ${Entries[0]?.ErrorMessage}`));
    } catch (error) {
      // A notice that nobody gets must not roll a good release back.
      lost(error);
    }
  };
