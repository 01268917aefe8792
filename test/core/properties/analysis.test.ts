/** The analysis: evidence is a number whatever is counted, moves the right way, and does not depend on what it must not depend on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { burstFactor } from '../../../core/analysis/burst.ts';
import { compare, ratioAtLeast } from '../../../core/analysis/compare.ts';
import {
  against,
  againstLimit,
  betterBy,
  highest,
  type Pair,
  worseBy,
  worthOf,
} from '../../../core/analysis/e-process.ts';
import { limitEvidence } from '../../../core/analysis/limit.ts';
import { minutesOf } from '../../../core/analysis/minutes.ts';
import { contradictionsIn, judgedOf, type PeriodCounts } from '../../../core/analysis/samples.ts';
import { shortShare } from '../../../core/analysis/share.ts';
import type { ComparisonSettings } from '../../../core/config/service.ts';
import { service } from '../build.ts';

const seed = 1;
const numRuns = 50;
const settings = service().checks.comparison as ComparisonSettings;
const minute = 60_000;

/** So many requests in a minute, and how many of them failed, were not connected, not answered, or slow. */
const counts = (most: number) =>
  fc
    .record({
      requests: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 9, arbitrary: fc.nat(most) }),
      parts: fc.tuple(fc.double({ min: 0, max: 0.3, noNaN: true }), fc.double({ min: 0, max: 0.1, noNaN: true })),
      unanswered: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    })
    .map(({ requests, parts: [errors, connections], unanswered }) => ({
      requests,
      errors: Math.floor(requests * errors),
      connectionErrors: Math.floor(requests * connections),
      ...(unanswered !== undefined && { answered: requests - Math.floor(requests * unanswered) }),
    }));
const seriesOf = (most: number, maxLength = 25) =>
  fc
    .array(counts(most), { maxLength })
    .map((all) => all.map((one, index): PeriodCounts => ({ ...one, at: index * minute })));

const pairs = fc
  .array(fc.record({ fresh: counts(1000), old: counts(1000) }), { minLength: 1, maxLength: 25 })
  .map((all) =>
    all.map(
      ({ fresh, old }): Pair => ({
        fresh: { requests: fresh.requests, bad: fresh.errors },
        old: { requests: old.requests, bad: old.errors },
      }),
    ),
  );
const worseRows = (all: readonly Pair[]) => all.map((pair) => against(pair, settings.worse, worseBy));
const betterRows = (all: readonly Pair[]) => all.map((pair) => against(pair, settings.harmful, betterBy));
const bursts = fc.integer({ min: 1, max: 20 });

describe('a bet', () => {
  test('is worth a finite number that is not negative, whatever is counted', () => {
    const huge = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(huge, bursts, (all, burst) => {
        const extreme = all.map(([n, m, x, y]) => ({
          fresh: { requests: n, bad: Math.min(n, x) },
          old: { requests: m, bad: Math.min(m, y) },
        }));
        for (const rows of [
          worseRows(extreme),
          betterRows(extreme),
          extreme.map(({ fresh }) => againstLimit(fresh, 0.01)),
        ])
          for (const worth of worthOf(rows, burst)) expect([worth >= 0, Number.isFinite(worth)]).toEqual([true, true]);
      }),
      { seed },
    );
  });

  test('that began with the first minute ends the same in whatever order the minutes come', () => {
    const shuffled = pairs.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, bursts, ([all, other], burst) => {
        const end = (some: readonly Pair[]) => Math.log(worthOf(worseRows(some), burst, 1).at(-1) ?? 1);
        expect(end(other)).toBeCloseTo(end(all), 6);
      }),
      { seed },
    );
  });

  test('rises with each error of the new version and falls with each of the old one, in any minute', () => {
    fc.assert(
      fc.property(pairs, fc.nat(), bursts, (all, place, burst) => {
        const at = place % all.length;
        const more = (side: 'fresh' | 'old') =>
          all.map((pair, index) =>
            index === at ? { ...pair, [side]: { ...pair[side], bad: pair[side].bad + 1 } } : pair,
          );
        const end = (some: readonly Pair[]) => worthOf(worseRows(some), burst, 1).at(-1) ?? 1;
        expect(end(more('fresh'))).toBeGreaterThanOrEqual(end(all));
        expect(end(more('old'))).toBeLessThanOrEqual(end(all));
      }),
      { seed },
    );
  });

  test('is worth as much before as it was: later minutes change nothing about earlier ones', () => {
    fc.assert(
      fc.property(pairs, fc.nat(), bursts, (all, place, burst) => {
        const some = 1 + (place % all.length);
        const [whole, part] = [all, all.slice(0, some)].map((of) => worthOf(worseRows(of), burst));
        expect(whole?.slice(0, some)).toEqual(part);
        expect(highest(whole ?? [])).toBeGreaterThanOrEqual(highest(part ?? []));
      }),
      { seed },
    );
  });

  test('at its highest is 1 at least and the most that it was worth', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (worth) => {
        expect(highest(worth)).toBe(Math.max(1, ...worth));
      }),
      { seed },
    );
  });
});

describe('the limit', () => {
  test('has more evidence against it with each error, and less where it is higher', () => {
    fc.assert(
      fc.property(seriesOf(1000), fc.double({ min: 0.001, max: 0.4, noNaN: true }), bursts, (all, limit, burst) => {
        const given = { burst, falseAlarms: 0.01 };
        const found = limitEvidence(all, limit, given);
        const worse = all.map((one) => ({ ...one, errors: one.errors + 1, requests: Math.max(one.requests, 1) }));
        expect(limitEvidence(worse, limit, given).evidence).toBeGreaterThanOrEqual(found.evidence);
        expect(limitEvidence(all, limit * 1.5, given).evidence).toBeLessThanOrEqual(found.evidence);
        expect(found.needed).toBe(100);
        expect(found.rate).toBeCloseTo(found.requests === 0 ? 0 : found.errors / found.requests);
        expect(found.exceeds).toBe(found.errors >= 3 && found.evidence >= 100);
      }),
      { seed },
    );
  });

  test('is exceeded by nothing where everything is allowed', () => {
    fc.assert(
      fc.property(seriesOf(1000), (all) => {
        expect(limitEvidence(all, 1, { burst: 1, falseAlarms: 0.01 })).toMatchObject({ evidence: 1, exceeds: false });
      }),
      { seed, numRuns },
    );
  });
});

describe('a comparison', () => {
  const given = fc.record({ fresh: seriesOf(300), old: seriesOf(1000), before: seriesOf(1000) });

  test('is all numbers, and what it says fails or passes is a minute that it judged', () => {
    fc.assert(
      fc.property(given, (all) => {
        const found = compare(all, settings);
        expect([found.evidence, found.burst, found.fresh.bad, found.old.bad].every(Number.isFinite)).toBe(true);
        expect(found.evidence).toBeGreaterThanOrEqual(1);
        const judged = found.minutes.map(({ at }) => at);
        for (const at of [found.failedAt, found.passedAt]) if (at !== null) expect(judged).toContain(at);
        if (found.failedAt !== null) expect(found.evidence).toBeGreaterThanOrEqual(found.needed);
        const atLeast = ratioAtLeast(found);
        if (atLeast !== null) expect([atLeast > 0, found.failedAt !== null]).toEqual([true, true]);
      }),
      { seed, numRuns },
    );
  });

  test('that has failed stays failed, from the same minute on, and its evidence never falls', () => {
    fc.assert(
      fc.property(given, (all) => {
        let [before, failedAt] = [1, null as number | null];
        for (let many = 1; many <= all.fresh.length; many += 4) {
          const found = compare({ ...all, fresh: all.fresh.slice(0, many), old: all.old.slice(0, many) }, settings);
          if (failedAt !== null) expect(found.failedAt).toBe(failedAt);
          // The measures that somebody measures may become more, and each has its part of what is bet.
          if (found.minutes.every(({ fresh, old }) => fresh.unanswered === undefined && old?.unanswered === undefined))
            expect(found.evidence).toBeGreaterThanOrEqual(before);
          [before, failedAt] = [found.evidence, found.failedAt];
        }
      }),
      { seed, numRuns },
    );
  });

  test('of two that did exactly the same fails neither', () => {
    fc.assert(
      fc.property(seriesOf(1000, 60), (all) => {
        expect(compare({ fresh: all, old: all, before: all }, settings)).toMatchObject({
          failedAt: null,
          broken: null,
        });
      }),
      { seed, numRuns },
    );
  });

  test('joins minutes by their time, in order, and leaves out those that one lacks', () => {
    const some = (all: fc.Arbitrary<PeriodCounts[]>) => all.chain((of) => fc.subarray(of));
    fc.assert(
      fc.property(some(seriesOf(100)), some(seriesOf(100)), fc.nat(25), (fresh, old, alone) => {
        const times = (all: readonly { at: number }[]) => all.map(({ at }) => at);
        const { minutes, contradictions } = minutesOf(fresh, old);
        expect(contradictions).toEqual([]);
        expect(times(minutes)).toEqual(times(fresh).filter((at) => times(old).includes(at)));
        const from = alone * minute;
        const since = minutesOf(fresh, old, from).minutes;
        expect(times(since)).toEqual(times(fresh).filter((at) => at >= from || times(old).includes(at)));
        for (const one of since) expect(one.old === null).toBe(!times(old).includes(one.at));
      }),
      { seed },
    );
  });
});

describe('figures', () => {
  test('as judged lose no request, and never lack more answers than were ever missing', () => {
    fc.assert(
      fc.property(seriesOf(1000), (all) => {
        const judged = judgedOf(all);
        expect(judged.map(({ at }) => at)).toEqual(all.map(({ at }) => at));
        for (const [index, { requests, unanswered = 0 }] of judged.entries()) {
          const one = all[index] ?? { requests: 0, errors: 0, connectionErrors: 0 };
          expect(requests).toBe(Math.max(one.requests, one.errors + one.connectionErrors));
          expect(unanswered).toBeGreaterThanOrEqual(0);
        }
        const missing = all.reduce((sum, one) => sum + Math.max(0, one.requests - (one.answered ?? one.requests)), 0);
        expect(judged.reduce((sum, { unanswered = 0 }) => sum + unanswered, 0)).toBeLessThanOrEqual(missing);
        expect(judged.at(-1)?.unanswered).toBeUndefined();
      }),
      { seed },
    );
  });

  test('that were counted together contradict nothing; a negative one or two at the same time do', () => {
    const place = fc.nat();
    fc.assert(
      fc.property(
        seriesOf(1000),
        place,
        fc.constantFrom('requests', 'errors', 'connectionErrors', 'answered'),
        (all, at, key) => {
          expect(contradictionsIn(all, 'new')).toEqual([]);
          if (all.length === 0) return;
          const spoilt = (value: number) =>
            all.map((one, index) => (index === at % all.length ? { ...one, [key]: value } : one));
          for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY])
            expect(contradictionsIn(spoilt(value), 'new')).toContain(
              'a count of the new version is negative, or no number',
            );
          expect(contradictionsIn([...all, ...all.slice(-1)], 'old')).toEqual([
            'periods of the old version are out of order',
          ]);
        },
      ),
      { seed },
    );
  });
});

describe('the burst factor', () => {
  const series = fc.array(fc.nat(50), { maxLength: 40 });

  test('is from 1 to 20, the same backwards, and never shrinks as errors come more at a time', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 2, max: 9 }), (all, times) => {
        const factor = burstFactor(all);
        expect(factor).toBeGreaterThanOrEqual(1);
        expect(factor).toBeLessThanOrEqual(20);
        expect(burstFactor(all.toReversed())).toBeCloseTo(factor);
        const enough = all.reduce((sum, one) => sum + one, 0) >= 30;
        if (enough) expect(burstFactor(all.map((one) => one * times))).toBeGreaterThanOrEqual(factor);
      }),
      { seed },
    );
  });
});

describe('the share of the requests', () => {
  test('is told of only where it is less than seven tenths of the weight, and then is what it is', () => {
    const split = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(split, fc.integer({ min: 1, max: 30 }), ([weight, fresh], many) => {
        const minutes = Array.from({ length: many }, () => ({
          fresh: { requests: fresh },
          old: { requests: 1000 - fresh },
        }));
        const share = shortShare(minutes, weight, { before: [], falseAlarms: 0.01 });
        if (share !== null) {
          expect(share).toBeCloseTo(fresh / 1000);
          expect(share).toBeLessThan((0.7 * weight) / 100);
        }
        if (fresh / 1000 >= (0.7 * weight) / 100) expect(share).toBeNull();
      }),
      { seed },
    );
  });
});
