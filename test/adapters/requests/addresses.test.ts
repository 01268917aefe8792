/** Where a configuration's requests never go, however the address is written. */
import type { lookup } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isRefused, lookupWith } from '../../../adapters/requests/addresses.ts';
import { getHere } from '../../../adapters/requests/send.ts';

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const asked = (url: string) =>
  getHere(null)({ url, within: 2, most: 100, speaks: 'http1', verify: true }).then(
    ({ status, body }) => `${status} ${body}`,
    ({ message }: Error) => message,
  );

describe('a link-local address is refused', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/v2/credentials',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/latest/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://0251.0376.0251.0376/',
    'http://0.0.0.0/',
    'https://169.254.169.254/',
  ])('%s', async (url) => {
    expect(await asked(url)).toMatch(
      / is a link-local address, where a machine keeps its metadata: nothing there is asked$/,
    );
  });

  it.each(['http2', 'grpc'] as const)('over %s as well', async (speaks) => {
    const get = getHere(null)({ url: 'http://169.254.169.254/', within: 2, most: 9, speaks, verify: false });
    await expect(get).rejects.toThrow('link-local');
  });
});

it('others are not: private, public, of this machine', () => {
  for (const address of [
    '10.0.0.7',
    '172.31.1.1',
    '192.168.0.1',
    '127.0.0.1',
    '::1',
    '8.8.8.8',
    'fd00::1',
    '2a05:d018::1',
  ])
    expect([address, isRefused(address)]).toEqual([address, false]);
});

it('a name is refused by any address that it resolves to for this very connection', () => {
  const resolving = (...addresses: string[]) =>
    lookupWith(((_name: string, _options: object, answer: (error: null, found: object[]) => void) =>
      answer(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never as typeof lookup);
  const answers: unknown[] = [];
  const keep = (...answer: unknown[]): void =>
    void answers.push(answer[0] instanceof Error ? answer[0].message : answer);
  resolving('10.0.0.7')('prometheus', {}, keep);
  resolving('10.0.0.7', 'fd00::1')('prometheus', { all: true }, keep);
  for (const address of ['169.254.169.254', '::ffff:a9fe:a9fe', 'fe80::1%eth0'])
    resolving('10.0.0.7', address)('evil', { all: true }, keep);
  expect(answers).toEqual([
    [null, '10.0.0.7', 4],
    [
      null,
      [
        { address: '10.0.0.7', family: 4 },
        { address: 'fd00::1', family: 6 },
      ],
    ],
    ...['169.254.169.254', '::ffff:a9fe:a9fe', 'fe80::1%eth0'].map((address) =>
      expect.stringContaining(`evil, which is ${address}, is a link-local`),
    ),
  ]);
});

it('a redirect there is an answer to judge, and not followed; a body is read to its limit', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/' });
    response.end('x'.repeat(1_000_000));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await asked(`http://localhost:${port}/`)).toBe(`302 ${'x'.repeat(100)}`);
});
