/** A data folder over several runs of the local cloud: what is kept, what has ended, and that every command says so. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { afterwards, folderWith, program } from './command-line.ts';
import { localCloud, rule } from './in-process.ts';

const files = { ...program('one'), ...program('two') };
const half = {
  strategy: {
    steps: [
      { weight: 50, bake: 3600 },
      { weight: 100, bake: 1 },
    ],
  },
};

test('history and images are kept, what was live or under way has ended, and commands say so', {
  timeout: 240_000,
}, async () => {
  const first = await localCloud(files, { change: half });
  const { release } = await first.publish('one');
  expect(await first.outcome('release-one')).toBe('live');
  await first.publish('two');
  await expect.poll(async () => (await first.cloud.ledger.row('shop'))?.phase, { timeout: 60_000 }).toBe('shifting');
  await first.cloud.close();

  const next = await localCloud(files, { change: half, cwd: first.cwd });
  expect(next.cloud.notes).toEqual([
    `shop: release-one was live in the earlier run; cutover deploy shop ${release} brings it back`,
    expect.stringMatching(/^shop: the rollout of release-two \(\w+\) ended with the earlier run$/),
  ]);
  expect(next.url).toBe(first.url);
  const status = (await next.run('status')).output;
  expect(status).toContain(
    `live      nothing; release-one (${release}) is not live any more: its instances ended with the local cloud`,
  );
  expect(status).not.toContain('rollout ');
  const history = async () => JSON.parse((await next.run('history', 'shop', '--json')).output);
  expect(await history()).toMatchObject([
    { label: 'release-two', outcome: 'superseded', reason: expect.stringContaining('the local cloud ended') },
    { label: 'release-one', outcome: 'live' },
  ]);

  expect(await next.run('deploy', 'shop', 'release-one')).toMatchObject({ code: 0, errors: '' });
  await expect
    .poll(async () => (await next.cloud.ledger.row('shop'))?.live?.release, { timeout: 60_000 })
    .toBe(release);
  expect(await (await fetch(next.url)).text()).toBe('one');
  // Its execution is forgotten, so it is a fresh attempt.
  expect(await next.run('retry', 'shop', 'release-two')).toMatchObject({ code: 0, errors: '' });
  await expect.poll(async () => (await next.cloud.ledger.row('shop'))?.phase, { timeout: 60_000 }).toBe('shifting');
  expect(await history()).toMatchObject([
    { label: 'release-two', attempt: 2, outcome: null },
    { label: 'release-one', attempt: 2, outcome: 'live' },
    { label: 'release-two', attempt: 1 },
    { label: 'release-one', attempt: 1 },
  ]);
});

test('an image whose rollout the end interrupted is rolled out when it is published again', {
  timeout: 240_000,
}, async () => {
  const asking = { approval: { within: '1 hour' } };
  const first = await localCloud(files, { change: asking });
  await first.publish('one');
  await expect.poll(async () => (await first.cloud.ledger.row('shop'))?.phase, { timeout: 60_000 }).toBe('preparing');
  await first.cloud.close();
  const next = await localCloud(files, { cwd: first.cwd });
  await next.publish('one');
  await expect.poll(async () => (await next.cloud.ledger.row('shop'))?.live?.attempt, { timeout: 60_000 }).toBe(2);
});

test('a ledger that cannot be read is set aside, and the start says so', { timeout: 60_000 }, async () => {
  const { cloud } = await localCloud({
    ...files,
    '.cutover/ledger.sqlite': 'no database, though as long as one may be',
  });
  expect(cloud.notes[0]).toMatch(
    /cannot be used .*: it is set aside as .*ledger-\d+\.sqlite, and history begins anew$/,
  );
});

test('a port that is in use by now is told of, with the one that is taken instead', { timeout: 60_000 }, async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  afterwards(() => server.close());
  const { port } = server.address() as AddressInfo;
  const cwd = folderWith({ ...files, '.cutover/ports.json': '' });
  writeFileSync(join(cwd, '.cutover', 'ports.json'), JSON.stringify({ [rule]: port }));
  const { cloud, url } = await localCloud(files, { cwd });
  expect(cloud.notes).toEqual([
    `port ${port}, where shop answered before, is in use by another program: shop has port ${new URL(url).port} instead`,
  ]);
  expect((await localCloud(files)).cloud.notes.filter((note) => note.includes('answered before'))).toEqual([]);
});
