/** Plans, and the instances their weights need. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allAtOnce, canary, groups, instances, linear } from '../../../core/index.ts';
import {
  carries,
  demandOf,
  groupDemand,
  instanceLimit,
  maxExtraProblem,
  needed,
  oldCount,
  targetCount,
  weightOf,
  zonesLacking,
} from '../../../core/plan/capacity.ts';
import { capacityOf, priceOf } from '../../../core/plan/cost.ts';
import { describePlan } from '../../../core/plan/describe.ts';
import { oldSlotOf, planOf } from '../../../core/plan/planning.ts';
import { limitsAfter } from '../../../core/plan/scaling-bounds.ts';
import { publication, row, service, plan as someonesPlan, start } from '../build.ts';

const request = {
  service: service(),
  publication: publication('b'),
  row: row(),
  observed: { ours: 4, foreign: 0 },
  limits: null,
  template: { id: 'lt-0a1b2c3d', version: '7', types: [] },
  alarmsOn: ['checkout-5xx'],
  now: start,
};

describe('a plan', () => {
  test('goes from the live slot to the other one, step by step', () => {
    expect(planOf(request)).toEqual({
      schema: 1,
      service: 'checkout',
      release: 'b'.repeat(12),
      image: request.publication.image,
      attempt: 1,
      by: 'an event',
      asked: false,
      old: { slot: 'blue', kind: 'ours', release: 'a'.repeat(12), count: 4 },
      new: { slot: 'green' },
      steps: request.service.strategy.steps,
      template: request.template,
      limits: null,
      alarmsOn: ['checkout-5xx'],
      traffic: null,
      times: [],
      configuration: request.service,
      at: start,
    });
  });

  test('of a first rollout beside a foreign fleet has its steps, and the slot without weight', () => {
    const first = row({ live: null, wanted: { weights: { blue: 0, green: 100 }, seq: 0, since: start } });
    const { old, new: fresh, steps } = planOf({ ...request, row: first, observed: { ours: 0, foreign: 3 } });
    expect(old).toEqual({ slot: 'green', kind: 'foreign', release: null, count: 3 });
    expect([fresh.slot, steps.length]).toEqual(['blue', 4]);
    expect(oldSlotOf(first)).toBe('green');
  });

  test.each([
    ['there never was one', row({ live: null })],
    ['nothing of it is left', row()],
  ])('without an old fleet, because %s, has one step: everything, baked as the last', (_, given) => {
    const { old, steps } = planOf({ ...request, row: given, observed: { ours: 0, foreign: 0 } });
    expect(old).toEqual({ slot: 'blue', kind: 'none', release: null, count: 0 });
    expect(steps).toEqual([{ weight: 100, bake: 900 }]);
  });

  test('is plain JSON, its weights rise to 100, and with the rest for the old slot they sum to 100', () => {
    const strategies = fc.oneof(
      fc
        .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 })
        .map((weights) => canary(weights.sort((a, b) => a - b))),
      fc.integer({ min: 1, max: 100 }).map((step) => linear(step)),
    );
    fc.assert(
      fc.property(strategies, fc.nat(3), fc.nat(3), (strategy, ours, foreign) => {
        const made = planOf({ ...request, service: service({ strategy }), observed: { ours, foreign } });
        expect(JSON.parse(JSON.stringify(made))).toEqual(made);
        const weights = made.steps.map((_, index) => weightOf(made, index + 1));
        expect(weights).toEqual([...new Set(weights)].sort((a, b) => a - b));
        expect(weights.at(-1)).toBe(100);
        expect([weightOf(made, 0), weightOf(made, made.steps.length + 1)]).toEqual([0, 100]);
      }),
    );
  });

  test('described says what it takes, how long at least, and what sends it back', () => {
    const described = describePlan(
      someonesPlan(
        { alarmsOn: ['checkout-5xx'], old: { slot: 'blue', kind: 'ours', release: 'a'.repeat(12), count: 40 } },
        service({
          strategy: canary([5, 50], { bake: '5 minutes', keepOldFor: '1 minute' }),
          checks: { alarms: ['checkout-5xx', 'checkout-slow'], smoke: [{ path: '/health' }], warmUp: 30 },
          approval: { within: '1 day' },
          growth: 'withWeight',
          fleet: instances({ launchTemplate: 'checkout', subnets: ['subnet-a'], count: 40 }),
        }),
      ),
    );
    const step = (number: number, weight: number) => ({ step: number, weight, old: 40, extraCost: null });
    expect(described).toEqual({
      summary: 'checkout: release-b (bbbbbbbbbbbb, attempt 1) into green at 5, 50, 100 %; from aaaaaaaaaaaa in blue',
      steps: [
        { ...step(1, 5), bake: '5 minutes', needed: 2, launched: 2, total: 42, extraHours: expect.closeTo(1 / 6) },
        { ...step(2, 50), bake: '5 minutes', needed: 20, launched: 20, total: 60, extraHours: expect.closeTo(5 / 3) },
        { ...step(3, 100), bake: '4 minutes', needed: 40, launched: 40, total: 80, extraHours: expect.closeTo(8 / 3) },
      ],
      extra: '4.5 extra instance-hours while it bakes, at most 80 instances together: set `prices` to see the cost',
      atLeast: { seconds: 870, text: '14 minutes 30 seconds, plus boot, smoke tests and draining' },
      deadlines: [
        "each step's instances are ready within 10 minutes",
        'a person approves within 1 day; no answer means no',
      ],
      aborts: [
        '/health answers other than 200 to 299, or not in 5 seconds',
        'its healthy targets are under three quarters of what the weight needs',
        "at least half of ten or more requests fail within 1 minute, and less than a quarter of the old version's",
        "its error rate is above 1.25 × the old version's + 0.05 points (false alarm in at most 1 % of rollouts)",
        "its answers are slower: more than 1.1 × the old version's times, by at least 10 ms (false alarm in at most 1 % of rollouts)",
        "more than 1 % of the new version's requests fail",
        'alarm checkout-5xx (on now: muted until it was OK for a full period)',
        'alarm checkout-slow',
        'a person aborts or rejects it',
      ],
      asks: [
        'every rollout, before the first weight',
        'at the end of a bake the new version has got no requests',
        'at the end of a bake its metrics are missing, contradict each other or cannot be read',
      ],
    });
  });

  test('described for all at once counts the settling of its weights', () => {
    const { steps, atLeast } = describePlan(someonesPlan({}, service({ strategy: allAtOnce() })));
    expect([steps[0]?.bake, atLeast.seconds]).toEqual(['0 seconds', 120]);
  });

  test('described without an old fleet counts the new one alone', () => {
    const first = planOf({ ...request, observed: { ours: 0, foreign: 0 } });
    expect(describePlan(first, 8)).toMatchObject({
      summary: expect.stringContaining('no old fleet, so nothing to go back to'),
      steps: [{ weight: 100, needed: 8, launched: 8, total: 8 }],
    });
  });
});

describe('what extra instances cost', () => {
  const priced = (prices: Record<string, number>, types: string[]) =>
    describePlan(
      someonesPlan({ template: { id: 'lt-1', version: '1', types } }, service({ prices, strategy: canary([50]) })),
      4,
    );

  test('is the price of the dearest type that the fleet launches, for as long as each step bakes', () => {
    const { steps, extra } = priced({ 'm7g.large': 0.08, 'm7g.xlarge': 0.16, 'c7g.large': 9 }, [
      'm7g.large',
      'm7g.xlarge',
    ]);
    expect(steps.map(({ extraCost }) => extraCost)).toEqual([4 * (1 / 12) * 0.16, 4 * 0.25 * 0.16]);
    expect(extra).toBe('1.33 extra instance-hours while it bakes, at most 8 instances together: 0.213 at 0.16 an hour');
  });

  test('is the dearest type’s where the type is unknown, and unknown where the table lacks it', () => {
    expect(priced({ 'm7g.large': 0.08 }, []).extra).toContain('0.107 at 0.08 an hour');
    expect(priced({ 'm7g.large': 0.08 }, ['x9.metal']).extra).toContain('set `prices`');
  });
});

describe('a cap on what runs beside the old fleet', () => {
  const capped = (maxExtra: number, weights: number[]) =>
    someonesPlan(
      { old: { slot: 'blue', kind: 'ours', release: null, count: 40 } },
      service({
        strategy: canary(weights),
        maxExtra,
        growth: 'withWeight',
        fleet: groups({ blue: 'checkout-blue', green: 'checkout-green' }),
      }),
    );

  test('makes the old fleet give room after a step, and never below what its weight needs', () => {
    const plan = capped(12, [25, 50, 75]);
    expect([1, 2, 3, 4].map((step) => [oldCount(plan, step, 40), targetCount(plan, step, 40)])).toEqual([
      [40, 10],
      [32, 20],
      [22, 30],
      [12, 40],
    ]);
    expect(maxExtraProblem(plan, 40)).toBeNull();
  });

  test('as properties: together they are never more than allowed, and each carries its weight', () => {
    const weights = fc
      .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        weights,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 80 }),
        (steps, maxExtra, demand) => {
          const plan = capped(maxExtra, steps);
          if (maxExtraProblem(plan, demand) !== null) return;
          plan.steps.forEach((_, index) => {
            const old = oldCount(plan, index + 1, demand);
            expect(old + targetCount(plan, index + 1, demand)).toBeLessThanOrEqual(instanceLimit(plan, demand));
            expect(old).toBeGreaterThanOrEqual(needed(demand, 100 - weightOf(plan, index)));
          });
        },
      ),
    );
  });

  test('is refused where a step is too large for it, with what would do', () => {
    expect(maxExtraProblem(capped(10, [50]), 40)).toBe(
      'from 0 to 50 % the old fleet needs 40 instances and the new one 20: 10 more than the 50 that maxExtra 10 allows; take smaller steps, or allow 20',
    );
  });
});

test.each([
  [4, 8, 4, 25, 8],
  [4, 4, 9, 100, 9],
  [4, 2, 9, 50, 4],
])(
  'a group that had %i, has %i, and %i new ones at %i %%, serves a demand of %i',
  (had, old, fresh, weight, demand) => {
    expect(groupDemand(had, old, fresh, weight)).toBe(demand);
  },
);

describe('limits after a rollout', () => {
  const limits = {
    blue: { min: 2, max: 10, desired: 4, suspended: ['AZRebalance'] },
    green: { min: 0, max: 12, desired: 0, suspended: ['ScheduledActions'] },
  };
  const held = someonesPlan({ limits });

  test('are those found where traffic went back', () => {
    expect(limitsAfter(held, 'blue')).toEqual(limits);
    expect(limitsAfter(someonesPlan(), 'green')).toBeNull();
  });

  test('move minimum and schedules to the serving slot; everything else stays with its group', () => {
    expect(limitsAfter(held, 'green')).toEqual({
      blue: { min: 0, max: 10, desired: 0, suspended: ['AZRebalance', 'ScheduledActions'] },
      green: { min: 2, max: 12, desired: 0, suspended: [] },
    });
  });

  test('of a first fleet have the configured count as their minimum', () => {
    const first = someonesPlan({ limits, old: { slot: 'blue', kind: 'none', release: null, count: 0 } });
    expect(limitsAfter(first, 'green')?.green.min).toBe(4);
  });
});

describe('capacity', () => {
  test.each([
    [4, 5, 2],
    [40, 25, 10],
    [400, 5, 20],
    [10, 33, 4],
    [4, 100, 4],
    [400, 100, 400],
    [2, 1, 2],
    [1, 5, 1],
    [1, 100, 1],
    [40, 0, 0],
    [100, 7, 7],
    [100, 29, 29],
  ])('of %i instances, %i %% of the traffic needs %i', (demand, weight, expected) => {
    expect(needed(demand, weight)).toBe(expected);
  });

  test.each([
    [4, 4, 4, 4],
    [4, 8, 4, 8],
    [4, 0, 4, 4],
    [4, 8, 8, 4],
  ])(
    'configured %i and with %i in service, %i at admission, %i are in demand',
    (configured, inService, then, demand) => {
      expect(demandOf(configured, inService, then)).toBe(demand);
    },
  );

  test.each([
    ['withWeight', [2, 10, 20, 40]],
    ['upfront', [40, 40, 40, 40]],
  ] as const)('%s is launched for the steps 5, 25, 50, 100', (growth, expected) => {
    const plan = someonesPlan({}, service({ growth }));
    expect([1, 2, 3, 4].map((step) => targetCount(plan, step, 40))).toEqual(expected);
  });

  test('follows a demand that doubles between two steps', () => {
    const plan = someonesPlan({}, service({ growth: 'withWeight' }));
    expect([targetCount(plan, 2, demandOf(40, 40, 40)), targetCount(plan, 3, demandOf(40, 80, 40))]).toEqual([10, 40]);
  });

  test.each([
    [2, 5, 4, true],
    [1, 5, 4, false],
    [9, 25, 40, false],
    [10, 25, 40, true],
    [0, 0, 40, true],
    [1, 100, 1, true],
  ])('%i healthy targets for %i %% of a demand of %i: %s', (healthy, weight, demand, expected) => {
    expect(carries(healthy, weight, demand)).toBe(expected);
  });

  test.each([
    ['all of them', ['a', 'b', 'c'], ['a', 'b', 'c'], 4, []],
    ['a zone too many', ['a', 'b', 'c'], ['a', 'b'], 4, []],
    ['one too few', ['a', 'b'], ['a', 'b', 'c'], 3, ['c']],
    ['as many as two instances can', ['a', 'b'], ['a', 'b', 'c'], 2, []],
    ['one zone twice', ['a', 'a'], ['a', 'b', 'c'], 2, ['b', 'c']],
    ['zones that the old fleet is not in', ['d', 'e'], ['a', 'b'], 2, ['a', 'b']],
    ['no old fleet', ['a'], [], 4, []],
  ])('covers %s', (_, fresh, old, count, expected) => {
    expect(zonesLacking(fresh, old, count)).toEqual(expected);
  });

  test('never falls as weight or demand rise, never exceeds demand, and carries its weight', () => {
    const demands = fc.integer({ min: 1, max: 2000 });
    const weights = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(demands, demands, weights, weights, (d1, d2, w1, w2) => {
        const [less, more] = [Math.min(d1, d2), Math.max(d1, d2)];
        const [lighter, heavier] = [Math.min(w1, w2), Math.max(w1, w2)];
        expect(needed(less, lighter)).toBeLessThanOrEqual(needed(more, heavier));
        expect(needed(d1, w1)).toBeLessThanOrEqual(d1);
        expect(needed(d1, w1) * 100).toBeGreaterThanOrEqual(d1 * w1);
        expect(carries(needed(d1, w1), w1, d1)).toBe(true);
      }),
    );
  });
});

describe('the number that a plan counts on', () => {
  const fleet = groups({ blue: 'web', green: 'web-2', count: 3 });
  const desired = (count: number) => ({ min: 0, max: 50, desired: count, suspended: [] });
  const limits = { blue: desired(12), green: desired(0) };
  const planned = (different: Partial<Parameters<typeof planOf>[0]>) => planOf({ ...request, ...different });

  test('is what a group is about to have, where it has said so, and what stands where it has not', () => {
    expect(planned({ limits }).old.count).toBe(12);
    expect(planned({ limits: { ...limits, blue: desired(1) } }).old.count).toBe(4);
    expect(planned({ limits, observed: { ours: 3, foreign: 2 } }).old.count).toBe(12);
    expect(planned({ observed: { ours: 3, foreign: 2 } }).old).toMatchObject({ kind: 'ours', count: 5 });
    expect(planned({ limits, observed: { ours: 0, foreign: 0 } }).old.count).toBe(0);
  });

  test('says how a group’s new fleet grows, unless written or capped by `maxExtra`', () => {
    const growth = (of: ReturnType<typeof service>, different: Partial<Parameters<typeof planOf>[0]> = {}) =>
      planned({ service: of, ...different }).configuration.growth;
    expect(growth(service({ fleet }), { limits })).toBe('withWeight');
    expect(growth(service({ fleet }))).toBe('upfront');
    expect(growth(service({ fleet, growth: 'withWeight' }))).toBe('withWeight');
    expect(growth(service({ fleet, maxExtra: 5 }))).toBe('withWeight');
    const first = { observed: { ours: 0, foreign: 0 } };
    expect(growth(service({ fleet }), first)).toBe('upfront');
    expect(growth(service({ fleet: { ...fleet, count: 10 } }), first)).toBe('withWeight');
  });
});

describe('a plan in words', () => {
  test('says what the old fleet is', () => {
    const summary = (old: Partial<ReturnType<typeof someonesPlan>['old']>) =>
      describePlan(someonesPlan({ old: { ...someonesPlan().old, ...old } })).summary.split('; ')[1];
    expect(summary({ release: null })).toBe('from a fleet without a recorded release in blue');
    expect(summary({ kind: 'foreign' })).toBe('from a fleet in blue that was not launched here');
    expect(summary({ kind: 'none' })).toBe('no old fleet, so nothing to go back to');
  });

  test('leaves out what nobody asked for', () => {
    const bare = describePlan(someonesPlan({}, service({ checks: { comparison: null } })));
    expect(bare.deadlines).toEqual(["each step's instances are ready within 10 minutes"]);
    const rest = [
      'its healthy targets are under three quarters of what the weight needs',
      "more than 1 % of the new version's requests fail",
      'a person aborts or rejects it',
    ];
    expect(bare.aborts).toEqual(rest);
    const none = { slot: 'blue', kind: 'none', release: null, count: 0 } as const;
    expect(describePlan(someonesPlan({ old: none })).aborts).toEqual(rest);
  });

  test('says what rolls back and what asks a person by the decisions of the service', () => {
    const decided = (decisions: object) => describePlan(someonesPlan({}, service({ checks: { decisions } })));
    const limit = "more than 1 % of the new version's requests fail";
    const asking = decided({ worse: 'pause', notSeenWorse: 'pause', noTraffic: 'rollback', noMetrics: 'advance' });
    expect(asking.aborts).toEqual([
      'its healthy targets are under three quarters of what the weight needs',
      'at the end of a bake the new version has got no requests',
      'a person aborts or rejects it',
    ]);
    expect(asking.asks).toContain(limit);
    expect(asking.asks.at(-1)).toBe('at the end of a bake the new version was shown neither worse nor harmless');
    const never = decided({ noTraffic: 'advance', noMetrics: 'advance' });
    expect(never.aborts).toContain(limit);
    expect(never.asks).toEqual([]);
  });

  test('tells of a bake that may end early from when to when, and counts on its shortest', () => {
    const early = (atLeast: string, atMost: string) =>
      describePlan(
        someonesPlan({}, service({ strategy: canary([50], { bake: { atLeast, atMost }, keepOldFor: 300 }) })),
      );
    expect(early('10 minutes', '1 hour').steps[0]?.bake).toBe('10 minutes to 1 hour');
    expect(early('10 minutes', '1 hour').atLeast.seconds).toBe(600 + 300);
    // None is shorter than what can be judged.
    expect(early('10 seconds', '1 hour').steps[0]?.bake).toBe('4 minutes to 1 hour');
    expect(early('1 hour', '1 hour').steps[0]?.bake).toBe('1 hour');
    expect(early('10 seconds', '1 minute').steps[0]?.bake).toBe('4 minutes');
  });

  test('counts on the settling of the last weight alone', () => {
    const seconds = (keepOldFor: number) =>
      describePlan(someonesPlan({}, service({ strategy: canary([50], { bake: 300, keepOldFor }) }))).atLeast.seconds;
    expect([seconds(0), seconds(240)]).toEqual([300 + 120, 300 + 240]);
  });
});

describe('capacity where there is no old fleet, or a small one', () => {
  const none = { slot: 'blue', kind: 'none', release: null, count: 0 } as const;
  const capped = service({ maxExtra: 2, growth: 'upfront' });

  test('is that of the new fleet alone', () => {
    expect(capacityOf(someonesPlan({ old: none }), 8).map(({ old, fresh, extra }) => [old, fresh, extra])).toEqual(
      Array(4).fill([0, 8, 0]),
    );
    expect(maxExtraProblem(someonesPlan({ old: none }, capped), 8)).toBeNull();
    expect(priceOf({ template: null, configuration: { prices: { 'm7g.large': 1 } } })).toBe(1);
  });

  test('may be as much as is needed and the cap, whichever of the two fleets is larger', () => {
    const of = (count: number) => instanceLimit(someonesPlan({ old: { ...none, kind: 'ours', count } }, capped), 8);
    expect([of(4), of(8), of(12)]).toEqual([10, 10, 14]);
    expect(instanceLimit(someonesPlan(), 8)).toBe(Number.POSITIVE_INFINITY);
  });

  test('of numbered instances keeps those that were there, of a group those that are needed', () => {
    const small = { ...none, kind: 'ours', count: 4 } as const;
    expect(oldCount(someonesPlan({ old: small }), 1, 8)).toBe(4);
    const fleet = groups({ blue: 'web', green: 'web-2' });
    expect(oldCount(someonesPlan({ old: small }, service({ fleet })), 1, 8)).toBe(8);
  });

  test('is not too tight where it is just enough', () => {
    const just = (maxExtra: number) => maxExtraProblem(someonesPlan({}, service({ maxExtra, growth: 'upfront' })), 4);
    expect([just(3) === null, just(4) === null]).toEqual([false, true]);
  });
});

test('limits keep the names of what is suspended in order, so that they compare as they are', () => {
  const suspended = (...names: string[]) => ({ min: 0, max: 9, desired: 0, suspended: names });
  const limits = { blue: suspended('ScheduledActions'), green: suspended('Terminate') };
  expect(limitsAfter(someonesPlan({ limits }), 'green')).toMatchObject({
    blue: { suspended: [] },
    green: { suspended: ['ScheduledActions', 'Terminate'] },
  });
});
