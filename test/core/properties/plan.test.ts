/** Plans, capacity and limits: what holds for every strategy, demand and fleet. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { otherSlot, type Slot, slots } from '../../../core/basics/slot.ts';
import { canary, groups, linear } from '../../../core/index.ts';
import { effectiveBake, longestLook, lookEvery } from '../../../core/plan/bake.ts';
import {
  carries,
  demandOf,
  groupDemand,
  maxExtraProblem,
  needed,
  oldCount,
  targetCount,
  weightOf,
  zonesLacking,
} from '../../../core/plan/capacity.ts';
import { capacityOf, priceOf } from '../../../core/plan/cost.ts';
import { describePlan } from '../../../core/plan/describe.ts';
import type { Limits } from '../../../core/plan/plan.ts';
import { limitsAfter, limitsBefore } from '../../../core/plan/scaling-bounds.ts';
import { plan, row, service, start } from '../build.ts';

const seed = 1;
const numRuns = 60;

const weights = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 })
  .map((all) => all.sort((a, b) => a - b));
const bake = fc.integer({ min: 0, max: 7200 });
const demand = fc.integer({ min: 1, max: 500 });
const extra = fc.option(fc.integer({ min: 1, max: 100 }));
const growth = fc.constantFrom('withWeight', 'upfront');

const plans = fc
  .record({ weights, bake, keepOldFor: bake, growth, maxExtra: extra, count: demand })
  .map(({ count, growth, maxExtra, weights: all, ...bakes }) => ({
    ...plan({}, service({ strategy: canary(all, bakes), growth, maxExtra })),
    old: { slot: 'blue' as const, kind: 'ours' as const, release: 'a'.repeat(12), count },
  }));

describe('for every plan', () => {
  test('the new fleet never shrinks, the old one never grows, and both carry their weight', () => {
    fc.assert(
      fc.property(plans, demand, (one, all) => {
        const numbers = one.steps.map(
          (_, index) => [targetCount(one, index + 1, all), oldCount(one, index + 1, all)] as const,
        );
        for (const [index, [fresh, old]] of numbers.entries()) {
          expect(carries(fresh, weightOf(one, index + 1), all)).toBe(true);
          expect(old).toBeLessThanOrEqual(one.old.count);
          if (one.old.count >= all) expect(carries(old, 100 - weightOf(one, index), all)).toBe(true);
          const before = numbers[index - 1];
          expect(fresh).toBeGreaterThanOrEqual(before?.[0] ?? 0);
          expect(old).toBeLessThanOrEqual(before?.[1] ?? Number.POSITIVE_INFINITY);
        }
        expect(targetCount(one, one.steps.length, all)).toBe(all);
      }),
      { seed, numRuns },
    );
  });

  test('without a limit nothing is too tight; with one, room for a whole second fleet is enough', () => {
    fc.assert(
      fc.property(plans, demand, (one, all) => {
        const allowing = (maxExtra: number | null) => ({ ...one, configuration: { ...one.configuration, maxExtra } });
        expect(maxExtraProblem(allowing(null), all)).toBeNull();
        expect(maxExtraProblem(allowing(all), all)).toBeNull();
        expect(oldCount(allowing(null), 1, all)).toBe(one.old.count);
      }),
      { seed, numRuns },
    );
  });

  test('extra instances cost their number at each step times its bake, and never less than nothing', () => {
    fc.assert(
      fc.property(plans, demand, fc.double({ min: 0, max: 10, noNaN: true }), (one, all, price) => {
        const priced = {
          ...one,
          configuration: { ...one.configuration, prices: { 'm7g.large': price, 'm7g.medium': 0 } },
        };
        expect(priceOf(priced)).toBe(price);
        const described = describePlan(priced, all);
        for (const [index, { old, fresh, extra: more, extraHours }] of capacityOf(priced, all).entries()) {
          const seconds = effectiveBake(priced.steps[index] ?? { bake: 0 }, priced.configuration.timing);
          expect(more).toBe(Math.max(0, old + fresh - all));
          expect(extraHours).toBeCloseTo((more * seconds) / 3600);
          expect(described.steps[index]).toMatchObject({
            old,
            launched: fresh,
            total: old + fresh,
            extraHours,
            extraCost: extraHours * price,
          });
        }
      }),
      { seed, numRuns },
    );
  });

  test('a bake is never shorter than written, and long enough to be judged unless it is zero', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 59 }), fc.integer({ min: 1, max: 600 }), (one, period, settling) => {
        for (const step of one.steps) {
          const seconds = effectiveBake(step, { period, settling });
          expect(seconds).toBeGreaterThanOrEqual(step.bake);
          expect(seconds === 0).toBe(step.bake === 0);
          if (seconds > 0) expect(seconds).toBeGreaterThanOrEqual(settling + 2 * period);
          expect(effectiveBake({ bake: seconds }, { period, settling })).toBe(seconds);
        }
      }),
      { seed, numRuns },
    );
  });

  test('looks come at most once a period of metrics and at least every 15 minutes', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 14 * 86_400 }), (one, seconds) => {
        const every = lookEvery(one, seconds);
        expect(every).toBeGreaterThanOrEqual(one.configuration.timing.period);
        expect(every).toBeLessThanOrEqual(longestLook);
        expect(lookEvery(one, seconds + 3600)).toBeGreaterThanOrEqual(every);
      }),
      { seed, numRuns },
    );
  });
});

describe('for every strategy', () => {
  test('linear steps are equal, and end at 100 with a last one that is no larger', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (by) => {
        const all = [0, ...linear(by).steps.map(({ weight }) => weight)];
        const rises = all.slice(1).map((weight, index) => weight - (all[index] ?? 0));
        expect(all.at(-1)).toBe(100);
        expect(new Set(rises.slice(0, -1))).toEqual(new Set(rises.length > 1 ? [by] : []));
        expect(rises.at(-1)).toBeLessThanOrEqual(by);
        expect(rises.at(-1)).toBeGreaterThan(0);
      }),
      { seed },
    );
  });
});

describe('for every demand', () => {
  test('two instances at least serve any weight, where there are two', () => {
    fc.assert(
      fc.property(demand, fc.integer({ min: 1, max: 100 }), (all, weight) => {
        expect(needed(all, weight)).toBeGreaterThanOrEqual(Math.min(2, all));
        expect(carries(needed(all, weight) - 1, weight, all)).toBe(false);
      }),
      { seed },
    );
  });

  test('it grows with the old fleet, one for one, and never below what was configured or found', () => {
    fc.assert(
      fc.property(
        demand,
        fc.nat(500),
        fc.nat(500),
        fc.integer({ min: 1, max: 100 }),
        (configured, now, then, weight) => {
          expect(demandOf(configured, now, then)).toBeGreaterThanOrEqual(configured);
          expect(demandOf(configured, then + now, then)).toBe(configured + now);
          const most = groupDemand(configured, now, then, weight);
          expect(most).toBeGreaterThanOrEqual(Math.max(configured, now));
          expect(groupDemand(configured, now, 0, weight)).toBe(Math.max(configured, now));
        },
      ),
      { seed },
    );
  });

  test('missing zones are zones of the old fleet, and no more than the new one has instances', () => {
    const zones = fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd'), { maxLength: 6 });
    fc.assert(
      fc.property(zones, zones, fc.nat(6), (fresh, old, count) => {
        const lacking = zonesLacking(fresh, old, count);
        for (const zone of lacking) expect([old.includes(zone), fresh.includes(zone)]).toEqual([true, false]);
        expect(new Set(lacking).size).toBe(lacking.length);
        const covered = new Set(old.filter((zone) => fresh.includes(zone))).size;
        expect(lacking.length === 0).toBe(covered >= Math.min(new Set(old).size, count));
        expect(zonesLacking([...fresh, ...old], old, count)).toEqual([]);
      }),
      { seed },
    );
  });
});

describe('for all limits', () => {
  const suspended = fc
    .uniqueArray(fc.constantFrom('AZRebalance', 'ScheduledActions', 'Terminate'))
    .map((all) => all.sort());
  const limits = fc.record<Limits>({
    min: fc.nat(5),
    max: fc.integer({ min: 5, max: 20 }),
    desired: fc.nat(5),
    suspended,
  });
  const both = fc.record({ blue: limits, green: limits });
  const fleet = groups({ blue: 'web', green: 'web-2', count: 3 });
  const ended = (found: Record<Slot, Limits>, serving: Slot, kind: 'ours' | 'none' = 'ours') =>
    limitsAfter(
      plan({ limits: found, old: { slot: 'blue', kind, release: null, count: 4 } }, service({ fleet })),
      serving,
    );
  const isScheduled = ({ suspended: all }: Limits): boolean => !all.includes('ScheduledActions');
  const others = ({ suspended: all }: Limits): string[] => all.filter((name) => name !== 'ScheduledActions');

  test('traffic that went back leaves them as they were found', () => {
    fc.assert(
      fc.property(both, (found) => {
        expect(ended(found, 'blue')).toEqual(found);
      }),
      { seed },
    );
  });

  test('shifted traffic takes minimum and schedules along; the rest stays with its group', () => {
    fc.assert(
      fc.property(both, (found) => {
        const after = ended(found, 'green') ?? found;
        for (const slot of slots) {
          expect(after[slot].max).toBe(found[slot].max);
          expect(others(after[slot])).toEqual(others(found[slot]));
          expect(isScheduled(after[slot])).toBe(isScheduled(found[otherSlot(slot)]));
          expect(after[slot].min).toBeLessThanOrEqual(after[slot].max);
        }
        expect(after.green.min).toBe(Math.min(found.blue.min, found.green.max));
        expect(after.green.desired).toBe(found.green.desired);
        expect(after.blue).toMatchObject({ min: Math.min(found.blue.min, found.green.min), desired: 0 });
        expect(ended(found, 'green', 'none')?.green.min).toBe(Math.min(3, found.green.max));
      }),
      { seed },
    );
  });

  test('a rollout begins with those that are found, but for what one that has just ended wrote', () => {
    const settling = 120;
    fc.assert(
      fc.property(both, both, fc.integer({ min: 0, max: 10 * 60 }), (found, written, seconds) => {
        const ends = settling + 4 * 60;
        const resting = row({ limits: written });
        const before = limitsBefore(found, resting, settling, start + seconds * 1000);
        expect(limitsBefore(found, row(), settling, start)).toEqual(found);
        if (seconds >= ends) expect(before).toEqual(found);
        else
          for (const slot of slots) {
            expect(before[slot]).toMatchObject({
              min: written[slot].min,
              max: found[slot].max,
              desired: found[slot].desired,
            });
            expect([isScheduled(before[slot]), others(before[slot])]).toEqual([
              isScheduled(written[slot]),
              others(found[slot]),
            ]);
          }
      }),
      { seed },
    );
  });
});
