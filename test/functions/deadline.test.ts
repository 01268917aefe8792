/** Every request of a real SDK client ends, whatever becomes of its connection. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { send } from '../../adapters/aws/aws-errors.ts';
import { clientOptions, eachOnce, requestTries } from '../../functions/clients.ts';

const servers: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A server that does with each connection what it is told, and its port. */
const serving = async (connected: (socket: Socket) => void): Promise<{ port: number; sockets: Set<Socket> }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    connected(socket);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, sockets };
};

const seconds = 0.4;
const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
const at = (port: number) => ({ region: 'eu-west-1', credentials, endpoint: `http://127.0.0.1:${port}` });

/** How a call ends, and after how many milliseconds. */
const asked = async (port: number) => {
  const client = eachOnce(clientOptions, seconds)(
    'dynamodb',
    (options) => new DynamoDBClient({ ...options, ...at(port) }),
  );
  const began = performance.now();
  const failure = await send(client, new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'a' } } })).then(
    () => null,
    (error: Error) => error,
  );
  return { failure, took: performance.now() - began };
};

const longest = (seconds * requestTries + 3) * 1000;

test('a socket that never answers is given up after the time-out, in each try', async () => {
  let connections = 0;
  const { port, sockets } = await serving(() => connections++);
  const { failure, took } = await asked(port);
  expect(failure).toMatchObject({ name: 'Transient', message: expect.stringContaining('no answer within 0.4 s') });
  expect(took).toBeLessThan(longest);
  expect(connections).toBe(requestTries);
  await expect.poll(() => sockets.size).toBe(0);
}, 10_000);

test.each([
  ['headers', 'HTTP/1.1 200 OK\r\nx-amz-header: '],
  ['a body', 'HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 1000\r\n\r\n{'],
])(
  'a socket that sends %s a byte at a time is given up after the time-out',
  async (_, beginning) => {
    const { port } = await serving((socket) => {
      socket.write(beginning);
      const drip = setInterval(() => socket.write(' '), 50);
      socket.on('close', () => clearInterval(drip));
    });
    const { failure, took } = await asked(port);
    expect(failure).toMatchObject({ name: 'Transient' });
    expect(took).toBeLessThan(longest);
  },
  10_000,
);

test('a port that refuses is Transient at once', async () => {
  const { port } = await serving(() => undefined);
  servers.splice(0).map(({ server }) => server.close());
  const { failure, took } = await asked(port);
  expect(failure).toMatchObject({ name: 'Transient', message: expect.stringContaining('ECONNREFUSED') });
  expect(took).toBeLessThan(longest);
}, 10_000);

test('an answer in time is read whole, also after its deadline has passed for the next one', async () => {
  const { port } = await serving((socket) =>
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}'),
    ),
  );
  const client = eachOnce(clientOptions, seconds)(
    'dynamodb',
    (options) => new DynamoDBClient({ ...options, ...at(port) }),
  );
  const read = () => send(client, new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'a' } } }));
  await read();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1500));
  await expect(read()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
}, 10_000);

test('holds for a client of another protocol as well', async () => {
  const { port } = await serving(() => undefined);
  const client = eachOnce(clientOptions, seconds)(
    'cloudwatch',
    (options) => new CloudWatchClient({ ...options, ...at(port) }),
  );
  await expect(send(client, new DescribeAlarmsCommand({}))).rejects.toMatchObject({ name: 'Transient' });
}, 10_000);
