/** What every document store does, whichever database is behind it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteStore } from '../../../adapters/ledger/sqlite.ts';
import type { Change, Store } from '../../../adapters/ledger/store.ts';
import { type Opened, stores } from './stores.ts';

const put = (sk: string, value: unknown, when: Change['when'] = 'any'): Change => ({ pk: 'p', sk, value, when });

describe.each(stores)('a store on %s', (_, open) => {
  let opened: Opened;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  test('gives back what was written, with a version that counts the writes', async () => {
    const value = { text: 'ä "quoted" \u0000 \u{1f680}', list: [1, null, true], nested: { empty: {} } };
    expect(await store.get('p', 'a')).toBeUndefined();
    expect(await store.write([put('a', 1)])).toBe('written');
    expect(await store.write([put('a', value)])).toBe('written');
    expect(await store.get('p', 'a')).toEqual({ value, version: 2 });
    expect(await store.get('other', 'a')).toBeUndefined();
  });

  test('writes under a condition only while it holds', async () => {
    expect(await store.write([put('a', 'first', 'absent')])).toBe('written');
    expect(await store.write([put('a', 'second', 'absent')])).toBe('conflict');
    expect(await store.write([put('a', 'second', 1)])).toBe('written');
    expect(await store.write([put('a', 'third', 1)])).toBe('conflict');
    expect(await store.write([put('nowhere', 'third', 1)])).toBe('conflict');
    expect(await store.get('p', 'a')).toEqual({ value: 'second', version: 2 });
    expect(await store.get('p', 'nowhere')).toBeUndefined();
  });

  test('keeps the first of what is written once, and calls the repetition written', async () => {
    for (const value of ['first', 'second', 'third'])
      expect(await store.write([put('a', value, 'once')])).toBe('written');
    expect(await store.get('p', 'a')).toEqual({ value: 'first', version: 1 });
    expect(await store.write([put('a', 'fourth', 'once'), put('b', 'new', 'once')])).toBe('written');
    expect(await store.get('p', 'a')).toEqual({ value: 'first', version: 1 });
    expect(await store.get('p', 'b')).toEqual({ value: 'new', version: 1 });
  });

  test('writes all changes of a transaction or none', async () => {
    await store.write([put('a', 'old'), put('taken', 'theirs')]);
    const changes = [put('a', 'new', 1), put('b', 'new', 'once'), put('c', 'new'), put('taken', 'mine', 'absent')];
    expect(await store.write(changes)).toBe('conflict');
    expect(await store.query('p', '')).toEqual([
      { sk: 'a', value: 'old', version: 1 },
      { sk: 'taken', value: 'theirs', version: 1 },
    ]);
    expect(await store.write(changes.slice(0, 3))).toBe('written');
    expect((await store.query('p', '')).map(({ sk, value }) => [sk, value])).toEqual([
      ['a', 'new'],
      ['b', 'new'],
      ['c', 'new'],
      ['taken', 'theirs'],
    ]);
  });

  test('finds by prefix, in order of the keys, from either end and no more than asked for', async () => {
    const keys = ['event#01', 'event#02', 'event#10', 'event#é', 'event#\u{1f680}', 'eventual', 'record#1', 'row'];
    for (const key of keys.toReversed()) await store.write([put(key, key)]);
    await store.write([{ pk: 'other', sk: 'event#05', value: 0, when: 'any' }]);
    const found = async (prefix: string, options = {}) => (await store.query('p', prefix, options)).map(({ sk }) => sk);
    expect(await found('event#')).toEqual(keys.slice(0, 5));
    expect(await found('event#', { newestFirst: true, limit: 2 })).toEqual(['event#\u{1f680}', 'event#é']);
    expect(await found('event#', { limit: 3 })).toEqual(keys.slice(0, 3));
    expect(await found('')).toEqual(keys);
    expect(await found('nothing')).toEqual([]);
  });

  test('finds what comes before a key, newest first, whether there is such an item or not', async () => {
    const keys = ['event#01', 'event#02', 'event#02#a', 'event#10', 'event#11', 'row'];
    for (const key of keys) await store.write([put(key, key)]);
    const found = async (before: string, limit?: number) =>
      (await store.query('p', 'event#', { before, ...(limit !== undefined && { limit }) })).map(({ sk }) => sk);
    expect(await found('event#11')).toEqual(['event#10', 'event#02#a', 'event#02', 'event#01']);
    expect(await found('event#02')).toEqual(['event#01']);
    expect(await found('event#05', 2)).toEqual(['event#02#a', 'event#02']);
    expect(await found('event#99', 1)).toEqual(['event#11']);
    expect(await found('event#')).toEqual([]);
  });

  test('keeps values of 200 KB, and lists more of them than fit into one page', async () => {
    const value = 'x'.repeat(200_000);
    const keys = Array.from({ length: 12 }, (_, index) => String(index).padStart(3, '0'));
    for (const key of keys) expect(await store.write([put(key, value)])).toBe('written');
    const all = await store.query('p', '');
    expect(all.map(({ sk }) => sk)).toEqual(keys);
    expect(all.every((item) => item.value === value)).toBe(true);
    expect((await store.query('p', '', { limit: 8, newestFirst: true })).map(({ sk }) => sk)).toEqual(
      keys.toReversed().slice(0, 8),
    );
    expect((await store.query('p', '', { before: '009', limit: 8 })).map(({ sk }) => sk)).toEqual(
      keys.toReversed().slice(3, 11),
    );
  });

  test('keeps an item that expires later, as any other', async () => {
    const expires = 4_000_000_000;
    for (const when of ['once', 'once', 'any'] as const)
      expect(await store.write([{ ...put('a', when, when), expires }])).toBe('written');
    expect(await store.write([{ ...put('a', 'changed', 2), expires }])).toBe('written');
    expect(await store.get('p', 'a')).toEqual({ value: 'changed', version: 3 });
  });

  test('lets exactly one of 50 claimants have a lock', async () => {
    const claims = Array.from({ length: 50 }, (_, claimant) => store.write([put('lock', claimant, 'absent')]));
    const results = await Promise.all(claims);
    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    expect(await store.get('p', 'lock')).toEqual({ value: results.indexOf('written'), version: 1 });
  });

  test('takes a hundred changes in one transaction', async () => {
    const changes = Array.from({ length: 100 }, (_, index) => put(String(index), index, 'absent'));
    expect(await store.write(changes)).toBe('written');
    expect(await store.query('p', '')).toHaveLength(100);
  });
});

describe('a SQLite file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-'));
    path = join(folder, 'ledger.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('loses no count that three processes make at the same time', async () => {
    const program = `
      import { sqliteStore } from ${JSON.stringify(new URL('../../../adapters/ledger/sqlite.ts', import.meta.url).href)};
      const store = await sqliteStore(${JSON.stringify(path)});
      for (let counted = 0; counted < 40;) {
        const { value, version } = (await store.get('p', 'count')) ?? { value: 0, version: 'absent' };
        const changes = [{ pk: 'p', sk: 'count', value: value + 1, when: version }, { pk: 'p', sk: 'last', value, when: 'any' }];
        if ((await store.write(changes)) === 'written') counted++;
      }
      store.close();`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    await Promise.all([run(), run(), run()]);
    const store = await sqliteStore(path);
    expect(await store.get('p', 'count')).toEqual({ value: 120, version: 120 });
    store.close();
  });

  test('is still there for who opens it next', async () => {
    const first = await sqliteStore(path);
    await first.write([put('a', 'kept')]);
    first.close();
    const second = await sqliteStore(path);
    expect(await second.get('p', 'a')).toEqual({ value: 'kept', version: 1 });
    second.close();
  });

  test('is refused with its path when it cannot be one', async () => {
    const wrong = join(folder, 'missing', 'ledger.db');
    await expect(sqliteStore(wrong)).rejects.toMatchObject({
      name: 'Rejected',
      message: expect.stringContaining(wrong),
    });
  });
});
