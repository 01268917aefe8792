/** The old fleet during a rollout: what it keeps, and when it makes room under `maxExtra`. */
import { describe, expect, it } from 'vitest';
import { canary } from '../../../core/index.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { growBack, keepFleets, makeRoom } from '../../../pipeline/shared/old-fleet.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';
import { many } from '../targets.ts';

const capped = service({ maxExtra: 2, growth: 'withWeight', strategy: canary([50], { bake: '10 minutes' }) });
const opened = async (change: Partial<Row> = {}, admitted = plan({}, capped)) => {
  const story = await createWorld(held({ plan: admitted, ...change }), admitted.configuration);
  story.world.now = start + 60 * minute;
  const calls: unknown[][] = [];
  story.ports.fleet.ensure = async ({ release }, slot, count) => {
    calls.push(['ensure', release, slot, count]);
    return { launched: 1, short: null };
  };
  story.ports.fleet.pin = async (_, slot, least) => {
    calls.push(['pin', slot, least]);
    return null;
  };
  story.ports.fleet.shrink = async (_, slot, keeps, carrying) => {
    calls.push(['shrink', slot, keeps, carrying]);
    return { left: 0 };
  };
  const entered = { row: await story.row(), plan: admitted, service: admitted.configuration };
  return { ...story, calls, entered };
};

describe('keepFleets', () => {
  it.each([
    [4, 0, []],
    [3, 1, [['ensure', 'aaaaaaaaaaaa', 'blue', 4]]],
  ])('with %i of 4 healthy launches %i', async (healthy, launched, asked) => {
    const { ports, calls, entered } = await opened();
    const targets = { blue: many(healthy), green: [] };
    expect(await keepFleets(ports, rollout(), entered, targets, 4)).toBe(launched);
    expect(calls).toEqual([['pin', 'green', 0], ['pin', 'blue', 4], ...asked]);
  });
});

describe('growBack', () => {
  it.each([
    [
      'ours',
      1,
      [
        ['pin', 'blue', 4],
        ['ensure', 'aaaaaaaaaaaa', 'blue', 4],
      ],
    ],
    ['foreign', 0, []],
    ['none', 0, []],
  ] as const)('of a fleet that is %s launches %i', async (kind, launched, asked) => {
    const { ports, calls, entered } = await opened();
    const of = { ...entered.plan, old: { ...entered.plan.old, kind } };
    expect(await growBack(ports, entered.row, of, 4)).toBe(launched);
    expect(calls).toEqual(asked);
  });

  it('of a release that is not known pins alone', async () => {
    const { ports, calls, entered } = await opened();
    expect(await growBack(ports, { ...entered.row, live: null }, entered.plan, 4)).toBe(0);
    expect(calls).toEqual([['pin', 'blue', 4]]);
  });
});

describe('makeRoom', () => {
  // Of 4, with 2 more allowed: beside 2 new ones all 4 may stay, beside 4 new ones 2.
  const room = async (
    {
      step,
      blue = 4,
      healthy = blue,
      isLate = false,
    }: { step: number; blue?: number; healthy?: number; isLate?: boolean },
    change: Partial<Row> = {},
    admitted = plan({}, capped),
  ) => {
    const story = await opened(change, admitted);
    story.world.healthy.blue = blue;
    const targets = { blue: many(healthy), green: many(2) };
    return { ...story, room: await makeRoom(story.ports, story.entered, targets, { step, demand: 4, isLate }) };
  };
  const half = { weights: { blue: 50, green: 50 }, seq: 4, since: start };

  it('is there without a cap, without an old fleet, and where just as many run as may', async () => {
    const free = plan({}, service());
    const first = plan({ old: { ...plan().old, kind: 'none', count: 0 } }, capped);
    for (const found of [
      await room({ step: 1 }),
      await room({ step: 2 }, {}, free),
      await room({ step: 2 }, {}, first),
    ]) {
      expect(found.room).toEqual({ state: 'there' });
      expect(found.calls).toEqual([]);
    }
  });

  it('counts targets in service that nothing runs behind any more', async () => {
    expect((await room({ step: 2, blue: 2, healthy: 3 }, { step: 1, wanted: half })).calls).toHaveLength(1);
  });

  it.each([
    [false, 2],
    [true, 0],
  ])('is taken from the old fleet, which has to carry its weight unless it is late: %s', async (isLate, carrying) => {
    const found = await room({ step: 2, isLate }, { step: 1, wanted: half });
    expect(found.calls).toEqual([['shrink', 'blue', 2, carrying]]);
    expect(found.room).toEqual({ state: 'there' });
  });

  it.each([
    [2 * minute - 5000, 5],
    [minute, 15],
  ])('waits until weights of %i ms ago are in force, a poll at the most', async (ago, seconds) => {
    const wanted = { ...half, since: start + 60 * minute - ago };
    const found = await room({ step: 2 }, { step: 1, phase: 'shifting', wanted });
    expect(found.room).toMatchObject({ state: 'making', seconds });
    expect(found.calls).toEqual([]);
  });

  it('is refused where both fleets together need more than may run', async () => {
    const tight = plan({}, service({ maxExtra: 1, strategy: canary([50], { bake: 300 }), growth: 'withWeight' }));
    expect((await room({ step: 2 }, { step: 1, wanted: half }, tight)).room).toEqual({
      state: 'none',
      why: '4 new instances beside the 2 that blue needs are more than the 5 that maxExtra allows, at a demand of 4',
    });
  });
});
