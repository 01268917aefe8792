/** The way back under `maxExtra`, one look at a time: how much weight the old fleet gets, and what makes room for it. */
import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../core/basics/slot.ts';
import { canary } from '../../../core/index.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { growInRoom, keepServing, returnTraffic } from '../../../pipeline/shared/return-traffic.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';
import { many } from '../targets.ts';

const configuration = service({ maxExtra: 2, growth: 'withWeight', strategy: canary([50], { bake: '10 minutes' }) });
const admitted = plan({}, configuration);
const share = (blue: number) => ({ blue, green: 100 - blue });

/** Of 4 instances: those of each slot that run, and how many are healthy. Two minutes after the last weight. */
const opened = async ({
  healthy,
  running = healthy,
  weight = 50,
  change = {},
}: {
  healthy: Record<Slot, number>;
  running?: Record<Slot, number>;
  weight?: number;
  change?: Partial<Row>;
}) => {
  const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start, waits: true };
  const wanted = { weights: share(weight), seq: 6, since: start };
  const story = await createWorld(
    held({ phase: 'rollingBack', step: 2, plan: admitted, abort, wanted, ...change }),
    configuration,
  );
  const { world, ports } = story;
  world.now = start + 2 * minute;
  world.rules = { https: share(weight), http: share(weight) };
  world.healthy = running;
  ports.traffic.health = async (_, slot) => many(healthy[slot]);
  const asked: unknown[][] = [];
  ports.fleet.ensure = async (_, slot, count) => {
    asked.push(['ensure', slot, count]);
    return { launched: 0, short: null };
  };
  ports.fleet.shrink = async (_, slot, keeps) => {
    asked.push(['shrink', slot, keeps]);
    return { left: 1 };
  };
  const look = async (since = start) => {
    const entered = { row: await story.row(), plan: admitted, service: configuration };
    return returnTraffic(ports, rollout({ since }), entered);
  };
  return {
    ...story,
    asked,
    look,
    entered: async () => ({ row: await story.row(), plan: admitted, service: configuration }),
  };
};
const weightOf = async ({ row }: { row: () => Promise<Row> }) => (await row()).wanted.weights.blue;
const waits = async ({ row }: { row: () => Promise<Row> }) => (await row()).abort?.waits;

describe('a look gives the old fleet', () => {
  it.each([
    ['all once three quarters of it are healthy', { blue: 3, green: 4 }, 100, false],
    ['all where the new one does not carry its share', { blue: 1, green: 1 }, 100, false],
    ['what it has while it has no more', { blue: 2, green: 4 }, 50, true],
    ['no less for an instance that it has lost', { blue: 1, green: 4 }, 50, true],
    ['nothing while it answers nothing and the new one does', { blue: 0, green: 4 }, 0, true],
    ['all where nothing answers', { blue: 0, green: 0 }, 100, false],
  ])('%s', async (_, healthy, weight, stillWaits) => {
    const story = await opened({ healthy });
    expect((await story.look()).next).toBe('wait');
    expect([await weightOf(story), await waits(story)]).toEqual([weight, stillWaits]);
    expect(Object.values(story.world.rules)).toEqual([share(weight), share(weight)]);
  });

  it('more as it grows, by its share of the demand', async () => {
    const story = await opened({ healthy: { blue: 2, green: 4 }, weight: 25 });
    const answer = await story.look();
    expect(answer).toMatchObject({ why: '50 % of the traffic on blue again', seconds: 15 });
    expect(answer.rollout.progress.since).toBe(story.world.now);
    expect([await weightOf(story), await waits(story)]).toEqual([50, true]);
  });

  it.each([
    [600_000 - 1, 50, true],
    [600_000, 100, false],
  ])('%i ms after its last weight and last room %i %%', async (after, weight, stillWaits) => {
    const story = await opened({ healthy: { blue: 2, green: 4 } });
    story.world.now = start + 5 * minute + after;
    await story.look(start + 5 * minute);
    expect([await weightOf(story), await waits(story)]).toEqual([weight, stillWaits]);
  });
});

describe('an old fleet that answers nothing', () => {
  const dark = { blue: 0, green: 4 };
  it('is said, and the time for it begins anew', async () => {
    const story = await opened({ healthy: dark });
    const answer = await story.look(start - 60 * minute);
    expect(answer.why).toBe('all traffic on green: blue has no healthy target');
    expect(answer.rollout.progress.since).toBe(story.world.now);
    expect(await waits(story)).toBe(true);
  });

  it.each([
    [599_999, true],
    [600_000, false],
  ])('is waited for %i ms after it has lost its weight: %s', async (after, stillWaits) => {
    const story = await opened({ healthy: dark, weight: 0 });
    story.world.now = start + after;
    await story.look(start);
    expect([await weightOf(story), await waits(story)]).toEqual([0, stillWaits]);
  });

  it('gets what it carries once it answers again', async () => {
    const story = await opened({ healthy: { blue: 1, green: 4 }, weight: 0 });
    await story.look();
    expect(await weightOf(story)).toBe(25);
  });
});

describe('room for the old fleet', () => {
  const both = { blue: 2, green: 4 };
  it('is made by the new one, down to what its weight needs, once the old one has filled its own', async () => {
    const story = await opened({ healthy: both });
    const answer = await story.look();
    expect(story.asked).toEqual([
      ['ensure', 'blue', 2],
      ['shrink', 'green', 2],
    ]);
    expect(answer).toMatchObject({
      next: 'wait',
      why: 'green makes room for blue: 1 instances are to be removed',
      seconds: 15,
    });
    expect(answer.rollout.progress.since).toBe(story.world.now);
  });

  it.each([
    ['the old one has not filled what there is', { healthy: { blue: 1, green: 4 }, running: both }],
    [
      'the new one has no more than its weight needs',
      { healthy: { blue: 2, green: 2 }, running: { blue: 2, green: 2 } },
    ],
  ])('is not made while %s', async (_, given) => {
    const story = await opened(given);
    await story.look();
    expect(story.asked.filter(([what]) => what === 'shrink')).toEqual([]);
  });

  it('is not made while an earlier function may still act, nor while a late edit is not in force', async () => {
    const early = await opened({ healthy: both });
    early.world.now = start + 2 * minute - 1;
    const waited = await early.look(start - 5 * minute);
    expect(waited.rollout.progress.since).toBe(early.world.now);
    const wanted = { weights: share(50), seq: 6, since: start, edited: start + 2 * minute };
    const edited = await opened({ healthy: both, change: { wanted } });
    edited.world.now = start + 3 * minute;
    expect((await edited.look(start)).rollout.progress.since).toBe(start);
    for (const { asked } of [early, edited]) expect(asked).toEqual([['ensure', 'blue', 2]]);
  });

  it('is made by replacing what answers nothing where the new one has lost instances', async () => {
    const story = await opened({ healthy: both });
    story.ports.fleet.shrink = async () => ({ left: 0, short: true });
    expect((await story.look()).why).toBe('green has lost instances, so none is removed to make room for blue yet');
  });
});

describe('the fleet that has all the traffic on the way back', () => {
  const keep = async (weight: number, healthy: Record<Slot, number>, running = healthy) => {
    const story = await opened({ healthy, running, weight });
    await keepServing(story.ports, await story.entered(), { blue: many(healthy.blue), green: many(healthy.green) }, 4);
    return story.asked;
  };
  it.each([
    ['is whole', 100, { blue: 4, green: 0 }, undefined, []],
    ['is the old one', 100, { blue: 3, green: 0 }, undefined, [['ensure', 'blue', 4]]],
    ['is the old one, beside the new one', 100, { blue: 3, green: 4 }, { blue: 3, green: 4 }, [['ensure', 'blue', 2]]],
    ['is the new one', 0, { blue: 0, green: 3 }, undefined, [['ensure', 'green', 4]]],
    ['is the new one, beside the old one', 0, { blue: 0, green: 1 }, { blue: 4, green: 1 }, [['ensure', 'green', 2]]],
  ] as const)(
    'gets back what it has lost as far as there is room: it %s',
    async (_, weight, healthy, running, asked) => {
      expect(await keep(weight, healthy, running)).toEqual(asked);
    },
  );

  it('has no room where those that had to go still run', async () => {
    const story = await opened({ healthy: { blue: 2, green: 2 } });
    const { observe } = story.ports.fleet;
    story.ports.fleet.observe = async (one, slot) => {
      const view = await observe(one, slot);
      return slot === 'blue' ? { ...view, number: 1 } : view;
    };
    expect(await growInRoom(story.ports, await story.entered(), 4)).toEqual({ goal: 3, whole: 4, running: 2 });
    expect(story.asked).toEqual([['ensure', 'blue', 3]]);
  });
});
