/** The document store on one DynamoDB table: keys `pk` and `sk`, the value as a JSON string, the version as a number. */
import {
  type AttributeValue,
  type CancellationReason,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type Update,
} from '@aws-sdk/client-dynamodb';
import { Transient } from '../../core/basics/errors.ts';
import { codeOf, send } from '../aws/aws-errors.ts';
import type { Client } from '../aws/client.ts';
import { type Change, type Item, type Store, valueIn } from './store.ts';

type Stored = Record<string, AttributeValue>;

const itemOf = ({ value, version }: Stored): Item => ({
  value: valueIn(value?.S ?? 'null'),
  version: Number(version?.N),
});

/** The table's time-to-live attribute, as infra/ledger.ts names it. */
const timeToLive = 'expires';

const setOf = ({ when, expires }: Change): string =>
  when === 'once'
    ? `SET #value = if_not_exists(#value, :value), #version = if_not_exists(#version, :one)${expires === undefined ? '' : ', #expires = if_not_exists(#expires, :expires)'}`
    : `SET #value = :value${expires === undefined ? '' : ', #expires = :expires'} ADD #version :one`;

const updateOf = (TableName: string, change: Change): Update => {
  const { pk, sk, value, when, expires } = change;
  return {
    TableName,
    Key: { pk: { S: pk }, sk: { S: sk } },
    UpdateExpression: setOf(change),
    ...(when === 'absent' && { ConditionExpression: 'attribute_not_exists(pk)' }),
    ...(typeof when === 'number' && { ConditionExpression: '#version = :expected' }),
    ExpressionAttributeNames: {
      '#value': 'value',
      '#version': 'version',
      ...(expires !== undefined && { '#expires': timeToLive }),
    },
    ExpressionAttributeValues: {
      ':value': { S: JSON.stringify(value) },
      ':one': { N: '1' },
      ...(typeof when === 'number' && { ':expected': { N: String(when) } }),
      ...(expires !== undefined && { ':expires': { N: String(expires) } }),
    },
  };
};

/** A store over a table that exists. Reads are consistent. Throws Transient when throttled, Rejected for what a retry does not help. */
export const dynamoStore = (client: Client, TableName: string): Store => ({
  get: async (pk, sk) => {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const { Item } = await send(client, new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && itemOf(Item);
  },

  query: async (
    pk,
    skPrefix,
    { limit = Number.POSITIVE_INFINITY, before, newestFirst = before !== undefined } = {},
  ) => {
    const found: (Item & { sk: string })[] = [];
    // A key condition cannot have both a prefix and an upper end. A page can begin at any key, whether there is an item or not.
    let from: Stored | undefined = before === undefined ? undefined : { pk: { S: pk }, sk: { S: before } };
    do {
      const page = await send(
        client,
        new QueryCommand({
          TableName,
          // An empty string is no valid prefix to DynamoDB.
          KeyConditionExpression: skPrefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: pk }, ...(skPrefix !== '' && { ':prefix': { S: skPrefix } }) },
          ConsistentRead: true,
          ScanIndexForward: !newestFirst,
          Limit: Number.isFinite(limit) ? limit - found.length : undefined,
          ExclusiveStartKey: from,
        }),
      );
      for (const stored of page.Items ?? []) found.push({ sk: stored.sk?.S ?? '', ...itemOf(stored) });
      from = page.LastEvaluatedKey;
    } while (from !== undefined && found.length < limit);
    return found;
  },

  // A transaction even for one change: the SDK gives it a token, so that its own retry after a lost answer does not meet its own write
  // and call it a conflict.
  write: async (changes) => {
    try {
      const TransactItems = changes.map((change) => ({ Update: updateOf(TableName, change) }));
      await send(client, new TransactWriteItemsCommand({ TransactItems }));
      return 'written';
    } catch (error) {
      if (codeOf(error) !== 'TransactionCanceledException') throw error;
      const codes = reasonsOf(error).map(({ Code }) => Code ?? 'None');
      if (codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict')) return 'conflict';
      if (codes.some((code) => code === 'ThrottlingError' || code === 'ProvisionedThroughputExceeded'))
        throw new Transient(`DynamoDB throttles writes to ${TableName} (${codes.join(', ')}); this is tried again`, {
          cause: error,
        });
      throw error;
    }
  },
});

const reasonsOf = (error: unknown): CancellationReason[] =>
  ((error as Error).cause as { CancellationReasons?: CancellationReason[] }).CancellationReasons ?? [];
