/** The history page by page: the same rollouts as all events at once, and no more read than is asked for. */
import { describe, expect, test } from 'vitest';
import { ledgerOf } from '../../../adapters/ledger/ledger.ts';
import { limitsOfPlan } from '../../../core/plan/limits.ts';
import type { HistoryEvent } from '../../../core/release/history.ts';
import { rolloutsOf } from '../../../core/release/history.ts';
import { history, newestRollout } from '../../../pipeline/operations/history.ts';
import { eventOf } from '../../../pipeline/shared/record.ts';
import { plan, row, service } from '../../core/build.ts';
import { memoryStore } from '../../simulator/memory-store.ts';

const event = (at: number, release: string, kind: HistoryEvent['kind'], data = {}) =>
  eventOf({ service: 'shop', release, attempt: release === '' ? 0 : 1 }, at, 'test', kind, kind, { what: at, data });

/** `count` rollouts, ten seconds apart, each of which ends only after the next has been published. */
const overlapping = (count: number): HistoryEvent[] =>
  Array.from({ length: count }, (_, index) => {
    const release = `r${index}`;
    const at = index * 10;
    return [
      event(at, release, 'published', { label: `v${index}` }),
      event(at + 1, release, 'admitted'),
      event(at + 12, release, 'finished', { outcome: 'live', reason: '' }),
      event(at + 5, '', 'problem'),
    ];
  }).flat();

const opened = async (events: HistoryEvent[]) => {
  const store = memoryStore();
  const reads = { queries: 0, items: 0 };
  const ledger = ledgerOf({
    ...store,
    query: async (...asked) => {
      const found = await store.query(...asked);
      reads.queries++;
      reads.items += found.length;
      return found;
    },
  });
  await ledger.applyConfiguration([service({}, 'shop'), service({}, 'cart')], { author: '', commit: '', at: 0 });
  for (const one of events) await ledger.append('shop', one);
  return { ledger, reads };
};

describe('a history by pages', () => {
  test('has a rollout once whose first event was recorded again a second later', async () => {
    const { ledger } = await opened([]);
    const first = event(1000, 'r1', 'published', { label: 'v1' });
    const resting = { ...row(), service: 'shop' };
    for (const at of [1000, 2000])
      await ledger.decide('shop', () => ({ ok: true, row: resting, records: [], changed: true }), {
        first: async () => resting,
        event: () => ({ ...first, at }),
      });
    await ledger.append('shop', event(3000, 'r1', 'admitted'));
    expect(await ledger.history('shop')).toHaveLength(3);
    expect((await history({ ledger }, 'shop')).rollouts.map(({ release }) => release)).toEqual(['r1']);
  });

  test('is the history of all events, however few a page has', async () => {
    const events = [...overlapping(130), event(77, '', 'refused', { label: 'latest' })];
    const { ledger } = await opened(events);
    const all = rolloutsOf('shop', events);
    expect(all).toHaveLength(131);
    expect((await history({ ledger }, 'shop')).rollouts.map(({ limits: _, ...rollout }) => rollout)).toEqual(all);
    for (const limit of [1, 7, 130, 131]) {
      const found = [];
      for (let before: number | undefined, pages = 0; pages <= 131; pages++) {
        const { rollouts, more } = await history({ ledger }, 'shop', { limit, before });
        expect(rollouts.length).toBeLessThanOrEqual(limit);
        found.push(...rollouts.map(({ limits: _, ...rollout }) => rollout));
        before = more[0]?.before;
        if (before === undefined) break;
      }
      expect(found).toEqual(all);
    }
  });

  test('reads no more than its rollouts need', async () => {
    const { ledger, reads } = await opened(overlapping(1000));
    reads.items = 0;
    const { rollouts, more } = await history({ ledger }, 'shop', { limit: 10 });
    expect(rollouts.map(({ label }) => label)).toEqual(Array.from({ length: 10 }, (_, index) => `v${999 - index}`));
    expect(more).toEqual([{ service: 'shop', before: 9900 }]);
    expect(reads.items).toBeLessThan(500);
  });

  test('is not cut between rollouts of the same millisecond, which no time tells apart', async () => {
    const { ledger } = await opened([1, 2, 2, 2, 3].map((at, index) => event(at, `r${index}`, 'published')));
    const { rollouts, more } = await history({ ledger }, 'shop', { limit: 2 });
    expect(rollouts.map(({ release }) => release)).toEqual(['r4', 'r3', 'r2', 'r1']);
    expect(more).toEqual([{ service: 'shop', before: 2 }]);
    expect((await history({ ledger }, 'shop', { before: 2 })).rollouts).toMatchObject([{ release: 'r0' }]);
  });

  test('has no entry for what is about the service as a whole', async () => {
    const { ledger } = await opened([event(1, '', 'released'), event(2, '', 'problem')]);
    expect(await history({ ledger }, undefined)).toEqual({ rollouts: [], more: [] });
  });

  test('has the limits of each plan that is recorded and can be read', async () => {
    const { ledger } = await opened([
      event(1, 'r1', 'admitted', { plan: plan() }),
      event(2, 'r2', 'admitted'),
      event(3, 'r3', 'admitted', { plan: { ...plan(), schema: 9 } }),
      event(4, 'r4', 'published'),
    ]);
    const { rollouts } = await history({ ledger }, 'shop');
    expect(rollouts.map(({ release, limits }) => [release, limits])).toEqual([
      ['r4', null],
      ['r3', null],
      ['r2', null],
      ['r1', limitsOfPlan(plan())],
    ]);
  });

  test('leads to the newest rollout of an image without all that came before', async () => {
    const { ledger, reads } = await opened(overlapping(1000));
    reads.items = 0;
    expect(await newestRollout({ ledger }, 'shop', undefined)).toMatchObject({ release: 'r999' });
    expect(await newestRollout({ ledger }, 'shop', 'v990')).toMatchObject({ release: 'r990', outcome: 'live' });
    expect(await newestRollout({ ledger }, 'shop', `sha256:r990ff`)).toMatchObject({ release: 'r990' });
    expect(reads.items).toBeLessThan(2000);
    expect(await newestRollout({ ledger }, 'shop', 'v1001')).toBeUndefined();
  });
});
