/** The stores that the contract suites run against, each opened fresh. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttributeValue,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  type Update,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Client } from '../../../adapters/aws/client.ts';
import { dynamoStore } from '../../../adapters/ledger/dynamodb.ts';
import { sqliteStore } from '../../../adapters/ledger/sqlite.ts';
import type { Store } from '../../../adapters/ledger/store.ts';
import { ledgerTable } from '../../ledger-table.ts';
import { memoryStore } from '../../simulator/memory-store.ts';

export interface Opened {
  store: Store;
  close(): Promise<void>;
}

const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;

const inMemory = async (): Promise<Opened> => {
  const store = await sqliteStore(':memory:');
  return { store, close: async () => store.close() };
};

const inFile = async (): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-'));
  const store = await sqliteStore(join(folder, 'ledger.db'));
  return {
    store,
    close: async () => {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
};

const onDynamo = async (): Promise<Opened> => {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  });
  await client.send(ledgerTable('ledger'));
  // Even with no time to wait for, the table is made a moment after the answer.
  const status = async () => (await client.send(new DescribeTableCommand({ TableName: 'ledger' }))).Table?.TableStatus;
  while ((await status()) !== 'ACTIVE');
  return {
    store: dynamoStore(withTransactions(client), 'ledger'),
    close: () =>
      new Promise((resolve) => {
        client.destroy();
        server.close(() => resolve());
      }),
  };
};

export const stores: [name: string, open: () => Promise<Opened>][] = [
  ['SQLite in memory', inMemory],
  ['plain memory', async () => ({ store: memoryStore(), close: async () => undefined })],
  ['SQLite in a file', inFile],
  ['DynamoDB', onDynamo],
];

/**
 * Dynalite has no transactions. It does evaluate every update and condition; that they go together, and that nobody looks in between,
 * is done here: one command at a time, and what went before a failed condition is taken back.
 */
const withTransactions = (client: DynamoDBClient): Client => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    send: (command: unknown) => {
      const run = (): Promise<unknown> =>
        command instanceof TransactWriteItemsCommand
          ? transact(client, command.input)
          : client.send(command as GetItemCommand);
      const result = last.then(run, run);
      last = result;
      return result;
    },
  };
};

type Item = Record<string, AttributeValue>;

const transact = async (client: DynamoDBClient, { TransactItems = [] }: TransactWriteItemsCommandInput) => {
  const updates = TransactItems.map(({ Update }) => Update as Update & { Key: Item; TableName: string });
  if (updates.length > 100 || new Set(updates.map(({ Key }) => JSON.stringify(Key))).size < updates.length)
    throw new Error('a transaction has 100 actions at most, each on another item');
  const takeBack: (() => Promise<unknown>)[] = [];
  for (const update of updates) {
    const { TableName, Key } = update;
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    try {
      await client.send(new UpdateItemCommand(update));
    } catch (error) {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      for (const back of takeBack) await back();
      const CancellationReasons = updates.map((other) => ({
        Code: other === update ? 'ConditionalCheckFailed' : 'None',
      }));
      throw new TransactionCanceledException({ message: 'Transaction cancelled', $metadata: {}, CancellationReasons });
    }
    takeBack.push(() =>
      Item === undefined
        ? client.send(new DeleteItemCommand({ TableName, Key }))
        : client.send(new PutItemCommand({ TableName, Item })),
    );
  }
};
