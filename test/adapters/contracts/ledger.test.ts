/** Rows, records, events and configurations, over every store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ledgerOf } from '../../../adapters/ledger/ledger.ts';
import { instances } from '../../../core/config/define.ts';
import type { Service } from '../../../core/config/service.ts';
import type { Decision } from '../../../core/protocol/protocol.ts';
import { firstRow, type Row } from '../../../core/protocol/row.ts';
import type { PeriodFigures } from '../../../core/release/figures.ts';
import type { HistoryEvent } from '../../../core/release/history.ts';
import type { AttemptRecord } from '../../../core/release/publications.ts';
import { service as configured, live as liveOf } from '../../core/build.ts';
import { type Opened, stores } from './stores.ts';

const first = async (): Promise<Row> => firstRow('shop', { blue: 100, green: 0 }, 0);
const image = { reference: 'ami-abc', ami: 'ami-abc', label: 'v1' };
const record = (attempt: number, reason: string): AttemptRecord => ({
  service: 'shop',
  release: 'abc',
  image,
  attempt,
  outcome: 'failed',
  reason,
  at: attempt,
});
const event = (id: string, at: number, text = id): HistoryEvent => ({
  id,
  at,
  release: 'abc',
  attempt: 1,
  by: 'a test',
  kind: 'judged',
  text,
});
const changed = (row: Row, records: AttemptRecord[] = []): Decision & { ok: true } => ({
  ok: true,
  row,
  records,
  changed: true,
});
const service = (name: string, count = 1): Service =>
  configured({ fleet: instances({ launchTemplate: 'lt-1', subnets: ['subnet-a'], count }) }, name);
const live = liveOf('a');
const by = { author: 'ann', commit: 'c0ffee', at: 7 };

describe.each(stores)('the ledger on %s', (_, open) => {
  let opened: Opened;
  let ledger: ReturnType<typeof ledgerOf>;
  beforeEach(async () => {
    opened = await open();
    ledger = ledgerOf(opened.store);
  });
  afterEach(() => opened.close());

  test('makes the first row of a service that has none, and refuses to decide without one', async () => {
    expect(await ledger.row('shop')).toBeNull();
    await expect(ledger.decide('shop', (row) => changed(row))).rejects.toMatchObject({ name: 'Rejected' });
    await ledger.decide('shop', (row) => changed({ ...row, token: 1 }), { first });
    expect(await ledger.row('shop')).toMatchObject({ service: 'shop', token: 1 });
  });

  test('loses nothing when 50 decide at once', async () => {
    const decisions = Array.from({ length: 50 }, (_, index) =>
      ledger.decide('shop', async (row) => changed({ ...row, token: row.token + 1 }, [record(index, 'mine')]), {
        first,
        event: ({ row }) => event(`counted/${row.token}`, row.token),
      }),
    );
    const tokens = (await Promise.all(decisions)).map((decision) => (decision.ok ? decision.row.token : 0));
    expect(new Set(tokens).size).toBe(50);
    expect(await ledger.row('shop')).toMatchObject({ token: 50 });
    expect(await ledger.records('shop', 'abc')).toHaveLength(50);
    expect((await ledger.history('shop')).map(({ at }) => at)).toEqual(
      Array.from({ length: 50 }, (_, index) => 50 - index),
    );
  });

  test('writes nothing for a refusal or for a decision that changes nothing', async () => {
    await ledger.decide('shop', (row) => changed(row), { first });
    const refusal: Decision = { ok: false, guard: 'mine', reason: 'not mine' };
    expect(await ledger.decide('shop', () => refusal, { event: () => event('refused', 1) })).toBe(refusal);
    const same = (row: Row): Decision => ({ ok: true, row: { ...row, token: 99 }, records: [], changed: false });
    await ledger.decide('shop', same, { event: () => event('same', 1) });
    expect(await ledger.row('shop')).toMatchObject({ token: 0 });
    expect(await ledger.history('shop')).toEqual([]);
  });

  test('never overwrites a record, and keeps attempts in order', async () => {
    const write = (attempt: number, reason: string) =>
      ledger.decide('shop', (row) => changed(row, [record(attempt, reason)]), { first });
    for (const attempt of [2, 10, 1]) await write(attempt, 'said first');
    await write(2, 'said later');
    const records = await ledger.records('shop', 'abc');
    expect(records.map(({ attempt, reason }) => [attempt, reason])).toEqual([
      [1, 'said first'],
      [2, 'said first'],
      [10, 'said first'],
    ]);
    expect(await ledger.records('shop', 'ab')).toEqual([]);
    expect(await ledger.records('sho', 'abc')).toEqual([]);
  });

  test('keeps an event that is said again, later, as it was said first', async () => {
    await ledger.append('shop', event('a', 1, 'first'));
    await ledger.append('shop', event('a', 2, 'again'));
    await ledger.decide('shop', (row) => changed(row), { first, event: () => event('b', 3) });
    await ledger.append('shop', event('b', 4, 'again'));
    await ledger.append('shop', event('c', 1_000_000_000_000));
    expect((await ledger.history('shop')).map(({ id, at }) => [id, at])).toEqual([
      ['c', 1_000_000_000_000],
      ['b', 3],
      ['a', 1],
    ]);
    expect((await ledger.history('shop', 1)).map(({ id }) => id)).toEqual(['c']);
  });

  test('writes a decision whose event is on record already', async () => {
    await ledger.append('shop', event('a', 1, 'first'));
    await ledger.decide('shop', (row) => changed({ ...row, token: 5 }), { first, event: () => event('a', 1, 'again') });
    expect(await ledger.row('shop')).toMatchObject({ token: 5 });
    expect((await ledger.history('shop')).map(({ text }) => text)).toEqual(['first']);
  });

  test('lists events before another one, or before a time', async () => {
    for (const [id, at] of [
      ['a', 1],
      ['b', 1],
      ['c', 2],
      ['d', 10],
    ] as const)
      await ledger.append('shop', event(id, at));
    const older = async (from: { at: number; id?: string }, limit?: number) =>
      (await ledger.history('shop', limit, from)).map(({ id }) => id);
    expect(await older({ at: 10, id: 'd' })).toEqual(['c', 'b', 'a']);
    expect(await older({ at: 1, id: 'b' })).toEqual(['a']);
    expect(await older({ at: 2 })).toEqual(['b', 'a']);
    expect(await older({ at: 10 }, 1)).toEqual(['c']);
    expect(await older({ at: 1 })).toEqual([]);
  });

  test('reads the events of one attempt alone, also those that an earlier version marked', async () => {
    const { store } = opened;
    const pk = 'service#shop';
    await ledger.append('shop', event('abc-1/a', 7));
    await ledger.append('shop', event('abc-1/b', 3));
    for (const other of ['abc-10/a', 'abcd-1/a', 'ab-1/a']) await ledger.append('shop', event(other, 5));
    const { id: _, at: __, ...told } = event('', 5, 'told');
    await store.write([
      { pk, sk: 'said#abc-1/earlier', value: 5, when: 'absent' },
      { pk, sk: 'event#000000000000005#abc-1/earlier', value: told, when: 'absent' },
      { pk, sk: 'said#abc-1/gone', value: 6, when: 'absent' },
      { pk, sk: 'said#abc-1/damaged', value: null, when: 'absent' },
    ]);
    const events = await ledger.rolloutEvents('shop', 'abc', 1);
    expect(events.map(({ id, at, text }) => [id, at, text])).toEqual([
      ['abc-1/damaged', 0, ''],
      ['abc-1/b', 3, 'abc-1/b'],
      ['abc-1/earlier', 5, 'told'],
      ['abc-1/a', 7, 'abc-1/a'],
    ]);
    expect(await ledger.rolloutEvents('shop', 'abc', 2)).toEqual([]);
  });

  test('keeps the figures of a period as they were written first, and leaves out damaged ones', async () => {
    const of = { release: 'abc', attempt: 1 };
    const version = { requests: 100, errors: 1, slow: [3] };
    const period = (at: number, evidence: number | null = null): PeriodFigures => {
      return { at, weight: 5, new: version, old: null, evidence };
    };
    await ledger.keepFigures('shop', of, []);
    await ledger.keepFigures('shop', of, [period(120_000), period(60_000)]);
    await ledger.keepFigures('shop', of, [period(120_000, 2), period(9_000_000_000)]);
    await ledger.keepFigures('shop', { ...of, attempt: 11 }, [period(180_000)]);
    const sk = 'figures#abc#000001#000000000180000';
    await opened.store.write([{ pk: 'service#shop', sk, value: { weight: 500 }, when: 'absent' }]);
    const kept = [period(60_000), period(120_000), period(9_000_000_000)];
    expect(await ledger.figures('shop', of)).toEqual(kept);
    expect(await ledger.figures('shop', of, 1)).toEqual(kept.slice(-1));
    expect(await ledger.figures('shop', { ...of, attempt: 2 })).toEqual([]);
  });

  test('says what applying a configuration added, changed, left and removed', async () => {
    expect(await ledger.applyConfiguration([service('shop'), service('cart')], by)).toEqual({
      added: ['shop', 'cart'],
      changed: [],
      unchanged: [],
      removed: [],
    });
    expect(await ledger.applyConfiguration([service('shop', 2), service('new')], by)).toEqual({
      added: ['new'],
      changed: ['shop'],
      unchanged: [],
      removed: ['cart'],
    });
    expect(await ledger.applyConfiguration([service('shop', 2), service('new'), service('cart')], by)).toEqual({
      added: ['cart'],
      changed: [],
      unchanged: ['shop', 'new'],
      removed: [],
    });
    expect(await ledger.services()).toEqual(['cart', 'new', 'shop']);
    expect(await ledger.configuration('shop')).toEqual(service('shop', 2));
    expect(await ledger.configuration('other')).toBeNull();
  });

  test('keeps every version of a configuration with its author and commit', async () => {
    await ledger.applyConfiguration([service('shop')], by);
    await ledger.applyConfiguration([service('shop', 2)], { author: 'bob', commit: 'beef', at: 8 });
    await ledger.applyConfiguration([], { author: 'cid', commit: '', at: 9 });
    expect((await opened.store.query('config#shop', '')).map(({ sk, value }) => [sk, value])).toEqual([
      ['000001', { service: service('shop'), author: 'ann', commit: 'c0ffee', at: 7 }],
      ['000002', { service: service('shop', 2), author: 'bob', commit: 'beef', at: 8 }],
      ['000003', { service: null, author: 'cid', commit: '', at: 9 }],
    ]);
  });

  test('refuses to remove a service that is in a rollout, before anything is written', async () => {
    await ledger.applyConfiguration([service('shop')], by);
    const publication = {
      release: 'abc',
      image,
      attempt: 1,
      order: 1,
      asked: false,
      by: 'a test',
    };
    await ledger.decide('shop', (row) => changed({ ...row, lock: { state: 'reserved', publication } }), { first });
    await expect(ledger.applyConfiguration([service('new')], by)).rejects.toMatchObject({
      name: 'Rejected',
      message: expect.stringContaining('shop'),
    });
    expect(await ledger.services()).toEqual(['shop']);
    await ledger.decide('shop', (row) => changed({ ...row, lock: { state: 'free' } }));
    expect(await ledger.applyConfiguration([], by)).toMatchObject({ removed: ['shop'] });
    expect(await ledger.row('shop')).toMatchObject({ service: 'shop' });
  });

  test('names a row that cannot be read, writes nothing over it, and none like it', async () => {
    await ledger.decide('shop', (row) => changed(row), { first });
    const garbled = ledger.decide('shop', (row) => changed({ ...row, token: Number.NaN }));
    await expect(garbled).rejects.toMatchObject({ name: 'Rejected', message: expect.stringContaining('token') });
    expect(await ledger.row('shop')).toMatchObject({ token: 0 });
    const value = { service: 'shop' };
    await opened.store.write([{ pk: 'service#shop', sk: 'row', value, when: 1 }]);
    const unread = { name: 'Rejected', message: expect.stringContaining('the row of shop cannot be read: token: ') };
    await expect(ledger.row('shop')).rejects.toMatchObject(unread);
    await expect(ledger.decide('shop', (row) => changed(row))).rejects.toMatchObject(unread);
    expect(await opened.store.get('service#shop', 'row')).toEqual({ value, version: 2 });
  });

  test('reads what another version has put on record, and told', async () => {
    const { reason: _, ...lacking } = { ...record(1, ''), outcome: 'paused' };
    await opened.store.write([
      { pk: 'service#shop', sk: 'record#abc#000001', value: lacking, when: 'absent' },
      { pk: 'service#shop', sk: 'event#000000000000007#a#b', value: { kind: 'rehearsed' }, when: 'absent' },
    ]);
    expect(await ledger.records('shop', 'abc')).toMatchObject([{ attempt: 1, outcome: 'failed' }]);
    expect(await ledger.history('shop')).toMatchObject([{ id: 'a#b', at: 7, kind: 'rehearsed', text: '' }]);
    await opened.store.write([{ pk: 'service#shop', sk: 'record#abc#000001', value: {}, when: 1 }]);
    await expect(ledger.records('shop', 'abc')).rejects.toThrow('the record#abc#000001 of shop cannot be read: ');
  });

  test('names a configuration that cannot be read, and applies another over it', async () => {
    await ledger.applyConfiguration([service('shop')], by);
    await opened.store.write([{ pk: 'config', sk: 'shop', value: { service: { name: 'shop' } }, when: 1 }]);
    await ledger.decide('shop', (row) => changed({ ...row, live }), { first });
    await expect(ledger.configuration('shop')).rejects.toThrow('the configuration of shop cannot be read: image: ');
    expect(await ledger.services()).toEqual(['shop']);
    expect(await ledger.applyConfiguration([service('shop')], by)).toMatchObject({ changed: ['shop'] });
    expect(await ledger.configuration('shop')).toEqual(service('shop'));
  });
});
