/** The DynamoDB store’s own part: which errors are a conflict, which pass, and what is sent. The contract of stores holds the rest. */
import type { QueryCommandInput, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { dynamoStore } from '../../../adapters/ledger/dynamodb.ts';
import { ledgerOf } from '../../../adapters/ledger/ledger.ts';
import { fakeClient, inputsOf, sdkError } from '../aws/fake.ts';

const cancelled = (...codes: (string | undefined)[]) =>
  Object.assign(sdkError('TransactionCanceledException'), { CancellationReasons: codes.map((Code) => ({ Code })) });

const writing = (error?: Error) => {
  const client = fakeClient({
    TransactWriteItems: () => {
      if (error !== undefined) throw error;
      return {};
    },
  });
  const store = dynamoStore(client, 'ledger');
  return { client, write: () => store.write([{ pk: 'p', sk: 'row', value: { a: 1 }, when: 3 }]) };
};

describe('a transaction that DynamoDB cancels', () => {
  test.each([
    ['a condition that does not hold', ['ConditionalCheckFailed']],
    ['another transaction on the item', ['TransactionConflict']],
    ['a condition among other items', ['None', 'ConditionalCheckFailed', 'None']],
    ['another transaction among other items', [undefined, 'TransactionConflict']],
    ['a conflict beside throttling', ['ThrottlingError', 'TransactionConflict']],
  ])('for %s is a conflict', async (_, codes) => {
    expect(await writing(cancelled(...codes)).write()).toBe('conflict');
  });

  test.each([['ThrottlingError'], ['ProvisionedThroughputExceeded']])('for %s is tried again', async (code) => {
    await expect(writing(cancelled(undefined, code)).write()).rejects.toMatchObject({
      name: 'Transient',
      cause: { cause: { name: 'TransactionCanceledException' } },
      message: `DynamoDB throttles writes to ledger (None, ${code}); this is tried again`,
    });
  });

  test('for any other reason is no conflict and is not tried again', async () => {
    for (const error of [
      cancelled('ValidationError'),
      cancelled('ItemCollectionSizeLimitExceeded'),
      cancelled(),
      sdkError('TransactionCanceledException'),
    ])
      await expect(writing(error).write()).rejects.toMatchObject({ name: 'Rejected' });
  });

  test('is one: an error of another name with the same reasons is thrown as it is', async () => {
    const other = Object.assign(sdkError('AccessDeniedException'), {
      CancellationReasons: [{ Code: 'ConditionalCheckFailed' }],
    });
    await expect(writing(other).write()).rejects.toMatchObject({ name: 'Rejected' });
    await expect(writing(sdkError('TransactionInProgressException')).write()).rejects.toMatchObject({
      name: 'Transient',
    });
  });
});

test('a write under a version is conditional on it, and one of an absent item on its absence', async () => {
  const { client, write } = writing();
  expect(await write()).toBe('written');
  await dynamoStore(client, 'ledger').write([
    { pk: 'p', sk: 'a', value: 1, when: 'absent' },
    { pk: 'p', sk: 'b', value: 1, when: 'any' },
    { pk: 'p', sk: 'c', value: 1, when: 'once' },
  ]);
  const updates = inputsOf<TransactWriteItemsCommandInput>(client, 'TransactWriteItems').flatMap(
    ({ TransactItems = [] }) => TransactItems.map(({ Update }) => Update),
  );
  expect(updates.map((update) => update?.ConditionExpression)).toEqual([
    '#version = :expected',
    'attribute_not_exists(pk)',
    undefined,
    undefined,
  ]);
  expect(updates[0]).toEqual({
    TableName: 'ledger',
    Key: { pk: { S: 'p' }, sk: { S: 'row' } },
    UpdateExpression: 'SET #value = :value ADD #version :one',
    ConditionExpression: '#version = :expected',
    ExpressionAttributeNames: { '#value': 'value', '#version': 'version' },
    ExpressionAttributeValues: { ':value': { S: '{"a":1}' }, ':one': { N: '1' }, ':expected': { N: '3' } },
  });
  expect(updates[1]?.ExpressionAttributeValues).toEqual({ ':value': { S: '1' }, ':one': { N: '1' } });
  expect(updates[3]?.UpdateExpression).toBe(
    'SET #value = if_not_exists(#value, :value), #version = if_not_exists(#version, :one)',
  );
});

test('an item is written with the time from which it may be removed, and once if the item is', async () => {
  const { client } = writing();
  await dynamoStore(client, 'ledger').write([
    { pk: 'p', sk: 'a', value: 1, when: 'any', expires: 7 },
    { pk: 'p', sk: 'b', value: 1, when: 'once', expires: 8 },
  ]);
  const [{ TransactItems = [] } = {}] = inputsOf<TransactWriteItemsCommandInput>(client, 'TransactWriteItems');
  const updates = TransactItems.map(({ Update }) => Update);
  expect(updates.map((update) => update?.UpdateExpression)).toEqual([
    'SET #value = :value, #expires = :expires ADD #version :one',
    'SET #value = if_not_exists(#value, :value), #version = if_not_exists(#version, :one), #expires = if_not_exists(#expires, :expires)',
  ]);
  expect(updates.map((update) => update?.ExpressionAttributeNames?.['#expires'])).toEqual(['expires', 'expires']);
  expect(updates.map((update) => update?.ExpressionAttributeValues?.[':expires'])).toEqual([{ N: '7' }, { N: '8' }]);
});

test('every read is consistent, and a query reads page after page up to its limit', async () => {
  const item = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk }, value: { S: '1' }, version: { N: '2' } });
  const pages = [['a', 'b'], ['c'], ['d']];
  const client = fakeClient({
    GetItem: () => ({ Item: item('row') }),
    Query: ({ ExclusiveStartKey }: QueryCommandInput) => {
      const page = Number(ExclusiveStartKey?.pk?.N ?? 0);
      const next = page + 1 < pages.length ? { pk: { N: String(page + 1) } } : undefined;
      return { Items: pages[page]?.map(item), LastEvaluatedKey: next };
    },
  });
  const store = dynamoStore(client, 'ledger');
  expect(await store.get('p', 'row')).toEqual({ value: 1, version: 2 });
  expect((await store.query('p', 'event#')).map(({ sk }) => sk)).toEqual(['a', 'b', 'c', 'd']);
  expect((await store.query('p', '', { limit: 3, newestFirst: true })).map(({ sk }) => sk)).toEqual(['a', 'b', 'c']);
  expect(client.sent[0]?.input).toMatchObject({ TableName: 'ledger', Key: { pk: { S: 'p' }, sk: { S: 'row' } } });
  const queries = inputsOf<QueryCommandInput>(client, 'Query');
  expect(client.sent.map(({ input }) => (input as { ConsistentRead?: boolean }).ConsistentRead)).toEqual(
    client.sent.map(() => true),
  );
  expect(queries.map(({ Limit, ScanIndexForward }) => [Limit, ScanIndexForward])).toEqual([
    [undefined, true],
    [undefined, true],
    [undefined, true],
    [3, false],
    [1, false],
  ]);
  expect(queries[0]?.KeyConditionExpression).toBe('pk = :pk AND begins_with(sk, :prefix)');
  expect(queries[0]?.ExpressionAttributeValues).toEqual({ ':pk': { S: 'p' }, ':prefix': { S: 'event#' } });
  // An empty prefix is none at all.
  expect(queries[3]?.KeyConditionExpression).toBe('pk = :pk');
  expect(queries[3]?.ExpressionAttributeValues).toEqual({ ':pk': { S: 'p' } });
});

test('a query before a key begins there, and asks for no page beyond its limit', async () => {
  const item = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk }, value: { S: '1' }, version: { N: '2' } });
  const client = fakeClient({
    Query: ({ ExclusiveStartKey, Limit = 2 }: QueryCommandInput) => {
      const from = Number(ExclusiveStartKey?.sk?.S?.slice(2));
      const Items = Array.from({ length: Math.min(2, Limit) }, (_, index) => item(`e#${from - 1 - index}`));
      return { Items, LastEvaluatedKey: { pk: { S: 'p' }, sk: Items.at(-1)?.sk } };
    },
  });
  const found = await dynamoStore(client, 'ledger').query('p', 'e#', { before: 'e#90', limit: 5 });
  expect(found.map(({ sk }) => sk)).toEqual(['e#89', 'e#88', 'e#87', 'e#86', 'e#85']);
  const queries = inputsOf<QueryCommandInput>(client, 'Query');
  expect(queries.map(({ ExclusiveStartKey, Limit }) => [ExclusiveStartKey?.sk?.S, Limit])).toEqual([
    ['e#90', 5],
    ['e#88', 3],
    ['e#86', 1],
  ]);
  expect(queries.every(({ ScanIndexForward }) => ScanIndexForward === false)).toBe(true);
});

test('an item whose value is no JSON any more is its text, for its reader to refuse', async () => {
  const damaged = { pk: { S: 'service#shop' }, sk: { S: 'row' }, value: { S: '{"token": 7,}' }, version: { N: '3' } };
  const over = (Item?: object) => dynamoStore(fakeClient({ GetItem: () => ({ Item }), Query: () => ({}) }), 'ledger');
  expect(await over(damaged).get('service#shop', 'row')).toEqual({ value: '{"token": 7,}', version: 3 });
  await expect(ledgerOf(over(damaged)).row('shop')).rejects.toThrow(
    'the row of shop cannot be read: expected an object, found "{\\"token\\": 7,}": another version',
  );
  expect(await over().get('p', 'row')).toBeUndefined();
  expect(await over().query('p', 'x')).toEqual([]);
  expect(await over({ version: { N: '1' } }).get('p', 'row')).toEqual({ value: null, version: 1 });
});
