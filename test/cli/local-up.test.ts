/** The local cloud as its user has it: one terminal that runs it, others that use it, each a process of its own. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test as one } from 'vitest';
import { sqliteStore } from '../../adapters/ledger/sqlite.ts';
import { isAlive } from '../../local/process-list.ts';
import { afterwards, cutover, folderWith, program, shop, start } from './command-line.ts';

/** They wait more than they work: side by side they take as long as the longest. */
const test = one.concurrent;

const files = { 'cutover.config.ts': shop, ...program('one'), ...program('two') };

/** A port that something else listens on. */
const taken = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  afterwards(() => server.close());
  return (server.address() as AddressInfo).port;
};

test('a published program gets half the traffic, is aborted by a person, and ends with Ctrl-C', {
  timeout: 180_000,
}, async () => {
  const cwd = folderWith(files);
  // Nobody waits for AWS's five minutes here.
  const up = start(cwd, 'local', 'up', '--deregistration-delay', '1');
  const [, url = ''] = await up.says(/shop answers on (\S+)/);

  expect(await cutover(cwd, 'publish', 'one', '--service', 'shop')).toMatchObject({ code: 0, errors: '' });
  expect(await cutover(cwd, 'wait', 'shop', '--image', 'release-one')).toMatchObject({ code: 0, errors: '' });
  expect(await cutover(cwd, 'wait', 'shop', '--image', 'nothing', '--timeout', '1 second')).toMatchObject({
    code: 3,
    errors: 'cutover: shop: nobody has published nothing yet after 1 second\n',
  });
  await up.says(/Complete .* is live/);
  expect(await (await fetch(url)).text()).toBe('one');

  expect((await cutover(cwd, 'publish', 'two', '--service', 'shop', '--json')).output).toMatch(/"tag": "release-two"/);
  await up.says(/Shift .* 50 %/);
  const [status] = JSON.parse((await cutover(cwd, 'status', '--json')).output);
  expect(status).toMatchObject({
    service: 'shop',
    live: { label: 'release-one' },
    rollout: { label: 'release-two', phase: 'shifting', step: 1 },
  });
  const answers = await Promise.all(Array.from({ length: 10 }, async () => (await fetch(url)).text()));
  expect(answers.filter((answer) => answer === 'two')).toHaveLength(5);

  expect(await cutover(cwd, 'abort', 'shop', '--reason', 'the wrong one')).toMatchObject({ code: 0, errors: '' });
  await up.says(/ReportFailure failed/);
  expect(await (await fetch(url)).text()).toBe('one');
  const history = JSON.parse((await cutover(cwd, 'history', 'shop', '--json')).output);
  expect(history).toMatchObject([
    { label: 'release-two', outcome: 'failed', reason: expect.stringMatching(/^aborted by \S+: the wrong one$/) },
    { label: 'release-one', outcome: 'live' },
  ]);

  const pids = readdirSync(join(cwd, '.cutover', 'processes')).map((name) => Number(name.split('-')[1]));
  expect(pids).toHaveLength(1);
  up.child.kill('SIGINT');
  expect((await up.ended).code).toBe(130);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(join(cwd, '.cutover', 'control.json'))).toBe(false);
});

test('mistakes beside a running local cloud change nothing there', { timeout: 180_000 }, async () => {
  const cwd = folderWith({ ...files, 'empty/readme.txt': 'nothing to start' });
  const up = start(cwd, 'local', 'up');
  await up.says(/Nothing is live yet/);
  const [mistyped, startless, second, unaimed, unasked] = await Promise.all([
    cutover(cwd, 'publish', 'one', '--service', 'shpo'),
    cutover(cwd, 'publish', 'empty', '--service', 'shop'),
    cutover(cwd, 'local', 'up'),
    cutover(cwd, 'publish', 'one', '--service', 'shop', '--tag', 'mine'),
    cutover(cwd, 'abort', 'shop'),
  ]);
  expect(mistyped.errors).toBe('cutover: there is no service shpo; did you mean shop?\n');
  expect(startless.errors).toMatch(/^cutover: .*empty has no start command; add image\.json with .*\n$/);
  expect(second.errors).toMatch(/^cutover: another cutover local cloud \(pid \d+\) uses .*\n$/);
  expect(unaimed.errors).toBe(
    'cutover: shop takes no image under the tag mine; its tags are release-*: choose one of these with --tag\n',
  );
  expect(unasked.errors).toMatch(
    /^cutover: nothing is being rolled out to shop, so nothing was changed; no version is live: see cutover history shop\n$/,
  );
  for (const { code, output } of [mistyped, startless, second, unaimed, unasked])
    expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(JSON.parse((await cutover(cwd, 'history', '--json')).output)).toEqual([]);
});

test('a port that was named and is in use is one clear line, and no data folder is left', async () => {
  const cwd = folderWith(files);
  const port = await taken();
  const { code, errors } = await cutover(cwd, 'local', 'up', '--port', String(port));
  expect(code).toBe(2);
  expect(errors).toBe(`cutover: port ${port} is in use; stop what listens there or choose another port\n`);
  expect(existsSync(join(cwd, '.cutover'))).toBe(false);
});

test('a data folder that is inside a file is one clear line', async () => {
  const cwd = folderWith({ ...files, file: '' });
  const { code, errors } = await cutover(cwd, 'local', 'up', '--data', 'file/data');
  expect(code).toBe(2);
  expect(errors).toBe(`cutover: expected a folder, found the file ${join(cwd, 'file')}: give --data a folder\n`);
});

test('starts at once after kill -9, with its history, and ends the programs of the killed one', {
  timeout: 180_000,
}, async () => {
  const cwd = folderWith(files);
  const killed = start(cwd, 'local', 'up');
  await killed.says(/Nothing is live yet/);
  await cutover(cwd, 'publish', 'one', '--service', 'shop');
  await killed.says(/Complete .* is live/);
  const pids = readdirSync(join(cwd, '.cutover', 'processes')).map((name) => Number(name.split('-')[1]));
  killed.child.kill('SIGKILL');
  await killed.ended;

  const next = start(cwd, 'local', 'up');
  await next.says(/ended without cleaning up/);
  await next.says(/Nothing is live yet/);
  expect(pids.filter(isAlive)).toEqual([]);
  const [status] = JSON.parse((await cutover(cwd, 'status', '--json')).output);
  expect(status).toMatchObject({ live: null, rollout: null, ended: expect.stringContaining('release-one') });
  const [attempt] = JSON.parse((await cutover(cwd, 'history', '--json')).output);
  expect(attempt).toMatchObject({ label: 'release-one', outcome: 'live' });
});

test('a person is waited for, a changed configuration is applied, and both are history', {
  timeout: 180_000,
}, async () => {
  const asking = shop.replace('timing:', "approval: { within: '1 hour' },\n    timing:");
  const cwd = folderWith({ ...files, 'cutover.config.ts': asking });
  const up = start(cwd, 'local', 'up');
  await up.says(/Nothing is live yet/);
  const follow = start(cwd, 'status', 'shop', '--follow');
  await follow.says(/nothing yet/);
  await cutover(cwd, 'publish', 'one', '--service', 'shop');
  await up.says(/AwaitApproval/);
  await follow.says(/waits for a person[\s\S]*until 20.* UTC[\s\S]*go on: {4}cutover approve shop/);
  const late = await cutover(cwd, 'wait', 'shop', '--timeout', '1 second');
  expect(late.output).toMatch(/waits for a person[\s\S]*without an answer by then it is rolled back/);
  expect(late).toMatchObject({ code: 3, errors: expect.stringContaining('waits for a person') });
  const early = await cutover(cwd, 'deploy', 'shop', 'release-oen');
  expect(early).toMatchObject({
    code: 2,
    errors: 'cutover: shop has no image release-oen; did you mean release-one?\n',
  });
  expect(await cutover(cwd, 'approve', 'shop', '--reason', 'looks fine')).toMatchObject({ code: 0, errors: '' });
  await up.says(/approved by \S+: looks fine/);
  await up.says(/Complete .* is live/);

  const second = shop.replace('shop: {', 'stall: {').replaceAll('0123456789abcdef', 'fedcba9876543210');
  writeFileSync(join(cwd, 'second.config.ts'), second);
  const applied = JSON.parse((await cutover(cwd, 'apply', 'second.config.ts', '--json')).output);
  expect(applied).toMatchObject({
    added: ['stall'],
    removed: ['shop'],
    urls: { stall: [expect.stringMatching(/^http/)] },
  });
});

test('status names a row that another version has written, and still lists the events', {
  timeout: 180_000,
}, async () => {
  const cwd = folderWith(files);
  const up = start(cwd, 'local', 'up');
  await up.says(/Nothing is live yet/);
  await cutover(cwd, 'publish', 'one', '--service', 'shop');
  await up.says(/Complete .* is live/);
  const store = await sqliteStore(join(cwd, '.cutover', 'ledger.sqlite'));
  afterwards(() => store.close());
  const { value, version } = (await store.get('service#shop', 'row')) ?? { value: {}, version: 0 };
  await store.write([
    { pk: 'service#shop', sk: 'row', value: { ...(value as object), phase: 'later' }, when: version },
  ]);
  const status = await cutover(cwd, 'status', '--json');
  expect(status).toMatchObject({ code: 2, output: '[]\n' });
  expect(status.errors).toMatch(/^cutover: the row of shop cannot be read: phase: expected one of .*, found "later": /);
  expect((await cutover(cwd, 'history', 'shop')).code).toBe(0);
});
