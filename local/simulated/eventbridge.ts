/** EventBridge: PutEvents onto the default bus. */
import type * as eventbridge from '@aws-sdk/client-eventbridge';
import { type Answer, awsError, type Handlers, only } from '../client.ts';
import type { Bus } from '../events.ts';
import type { World } from './world.ts';

/** AWS gives a hundred at the most. */
const rulesInPage = 100;

export const eventbridgeHandlers = (world: World, bus: Bus) =>
  ({
    ListRules: (input: eventbridge.ListRulesCommandInput): Answer<eventbridge.ListRulesCommandOutput> => {
      only('eventbridge ListRules', input, ['NextToken']);
      const from = Number(input.NextToken ?? 0);
      const to = Math.min(world.deployment.otherRules, from + rulesInPage);
      return {
        Rules: Array.from({ length: to - from }, (_, index) => ({ Name: `rule-${from + index}` })),
        ...(to < world.deployment.otherRules && { NextToken: String(to) }),
      };
    },

    PutEvents: (input: eventbridge.PutEventsCommandInput): Answer<eventbridge.PutEventsCommandOutput> => {
      only('eventbridge PutEvents', input, ['Entries']);
      const entries = input.Entries ?? [];
      if (entries.length === 0 || entries.length > 10)
        throw awsError('ValidationException', `Between 1 and 10 entries are allowed, not ${entries.length}`);
      return {
        FailedEntryCount: 0,
        Entries: entries.map((entry) => {
          only('eventbridge PutEvents entry', entry, [
            'Source',
            'DetailType',
            'Detail',
            'Resources',
            'EventBusName',
            'Time',
          ]);
          const detail: unknown = JSON.parse(entry.Detail ?? '{}');
          const event = bus.put({
            source: entry.Source ?? '',
            'detail-type': entry.DetailType ?? '',
            resources: entry.Resources ?? [],
            detail,
          });
          return { EventId: event.id };
        }),
      };
    },
  }) satisfies Handlers;
