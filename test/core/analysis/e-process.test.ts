/** That the bets are fair: exactly, by summing over everything that can happen, and as properties. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { burstFactor } from '../../../core/analysis/burst.ts';
import {
  against,
  againstLimit,
  betterBy,
  type Pair,
  restartEvery,
  worseBy,
  worthOf,
} from '../../../core/analysis/e-process.ts';
import type { Margin } from '../../../core/config/service.ts';

/** P(X = k) of n independent requests, for k from 0 to n. */
const binomial = (n: number, p: number): number[] => {
  let row = [1];
  for (let i = 0; i < n; i++) {
    const next = Array.from({ length: row.length + 1 }, () => 0);
    row.forEach((chance, k) => {
      next[k] = (next[k] ?? 0) + chance * (1 - p);
      next[k + 1] = (next[k + 1] ?? 0) + chance * p;
    });
    row = next;
  }
  return row;
};

type Increments = (pair: Pair) => ArrayLike<number>;
const againstNotWorse = (pair: Pair, margin: Margin) => against(pair, margin, worseBy);
const againstHarmful = (pair: Pair, margin: Margin) => against(pair, margin, betterBy);

/** The expectation of each alternative's factor, over all that both versions can answer in one minute. */
const expectations = (of: Increments, n: [number, number], p: [number, number]): number[] => {
  const [fresh, old] = [binomial(n[0], p[0]), binomial(n[1], p[1])];
  const sums: number[] = [];
  for (const [x, chance] of fresh.entries())
    for (const [y, other] of old.entries()) {
      const logs = Array.from(of({ fresh: { requests: n[0], bad: x }, old: { requests: n[1], bad: y } }));
      for (const [index, log] of logs.entries()) sums[index] = (sums[index] ?? 0) + chance * other * Math.exp(log);
    }
  return sums;
};

const traffic: [number, number][] = [
  [1, 1],
  [2, 18],
  [5, 15],
  [12, 12],
  [20, 4],
];
const margins = [
  { ratio: 1, plus: 0 },
  { ratio: 1.25, plus: 0.0005 },
  { ratio: 2, plus: 0.0025 },
  { ratio: 1.5, plus: 0.05 },
];
const rates = [0, 0.001, 0.01, 0.1, 0.4];

describe('one minute’s factor', () => {
  test('has an expectation of at most 1 wherever the new version is not worse than allowed', () => {
    let most = 0;
    for (const n of traffic)
      for (const margin of margins)
        for (const old of rates)
          for (const share of [0, 0.5, 1]) {
            const fresh = Math.min(1, share * (margin.ratio * old + margin.plus));
            most = Math.max(most, ...expectations((pair) => againstNotWorse(pair, margin), n, [fresh, old]));
          }
    expect(most).toBeLessThanOrEqual(1 + 1e-9);
    expect(most).toBeGreaterThan(0.99);
  });

  test('of the way to a pass, wherever it is at least as harmful', () => {
    let most = 0;
    for (const n of traffic)
      for (const margin of margins)
        for (const old of rates)
          for (const more of [1, 1.5, 3]) {
            const fresh = Math.min(1, more * (margin.ratio * old + margin.plus));
            if (fresh < margin.ratio * old + margin.plus) continue;
            most = Math.max(most, ...expectations((pair) => againstHarmful(pair, margin), n, [fresh, old]));
          }
    expect(most).toBeLessThanOrEqual(1 + 1e-9);
    expect(most).toBeGreaterThan(0.99);
  });

  test('against a limit, wherever the rate is within it', () => {
    let most = 0;
    for (const limit of [0.001, 0.01, 0.2])
      for (const share of [0, 0.5, 1]) {
        const of = ({ fresh }: Parameters<Increments>[0]) => againstLimit(fresh, limit);
        most = Math.max(most, ...expectations(of, [25, 1], [limit * share, 0]));
      }
    expect(most).toBeLessThanOrEqual(1 + 1e-9);
    expect(most).toBeGreaterThan(0.99);
  });

  const pairs = fc
    .tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), fc.nat(50), fc.nat(50))
    .map(([n, m, x, y]) => ({
      fresh: { requests: n, bad: Math.min(n, x) },
      old: { requests: m, bad: Math.min(m, y) },
    }));
  const margin = { ratio: 1.25, plus: 0.0005 };

  test('grows with the new version’s errors and shrinks with the old one’s; to pass, the reverse', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const worse = { ...pair, fresh: { ...pair.fresh, bad: pair.fresh.bad + 1 } };
        const noisier = { ...pair, old: { ...pair.old, bad: pair.old.bad + 1 } };
        worseBy.times.forEach((_, k) => {
          const base = againstNotWorse(pair, margin)[k] ?? 0;
          expect(againstNotWorse(worse, margin)[k]).toBeGreaterThan(base);
          expect(againstNotWorse(noisier, margin)[k]).toBeLessThan(base);
        });
        betterBy.times.forEach((_, k) => {
          const base = againstHarmful(pair, margin)[k] ?? 0;
          expect(againstHarmful(worse, margin)[k]).toBeLessThan(base);
          expect(againstHarmful(noisier, margin)[k]).toBeGreaterThan(base);
        });
      }),
    );
  });

  test('is nothing where nobody asked one of the two', () => {
    const silent = { requests: 0, bad: 0 };
    const busy = { requests: 100, bad: 3 };
    for (const pair of [
      { fresh: silent, old: busy },
      { fresh: busy, old: silent },
    ]) {
      expect(new Set(againstNotWorse(pair, margin))).toEqual(new Set([0]));
      expect(new Set(againstHarmful(pair, margin))).toEqual(new Set([0]));
    }
  });

  test('never bets on a better version', () => {
    const better = { fresh: { requests: 1000, bad: 0 }, old: { requests: 1000, bad: 30 } };
    expect(Math.max(...againstNotWorse(better, margin))).toBeLessThan(0);
  });
});

describe('what a bet is worth', () => {
  test('is 1 until it begins, and the mean of all that are planned', () => {
    expect(worthOf([[0, 0]], 1)).toEqual([1]);
    const [first = 0] = worthOf([[Math.log(9), Math.log(9)]], 1, 2);
    expect(first).toBeCloseTo((9 + 1) / 2);
  });

  test('starts anew every ten minutes, which finds a late fault sooner', () => {
    const good = Array.from({ length: 30 }, () => [-1]);
    const bad = Array.from({ length: 10 }, () => [2]);
    const once = worthOf([...good, ...bad], 1, 1);
    const anew = worthOf([...good, ...bad], 1);
    expect(anew.at(-1)).toBeGreaterThan(once.at(-1) ?? 0);
    expect(restartEvery).toBe(10);
  });

  test.each([
    ['doubled', 2],
    ['halved', 1 / 2],
  ])('is the mean of four bets, begun ten minutes apart, each %s every minute since', (_, factor) => {
    const worth = worthOf(Array(45).fill([Math.log(factor)]), 1);
    for (const [index, found] of worth.entries()) {
      const ages = [0, 10, 20, 30].map((begun) => Math.max(0, index + 1 - begun));
      const expected = ages.reduce((sum, age) => sum + factor ** age, 0) / 4;
      expect(found / expected).toBeCloseTo(1, 9);
    }
  });

  test('is no number that overflows', () => {
    for (const worth of worthOf([[10_000], [10_000], [-10_000]], 1)) expect(Number.isFinite(worth)).toBe(true);
  });

  test('of errors that come m at a time is still fair when divided by m', () => {
    const margin = { ratio: 1, plus: 0 };
    const burst = 3;
    const [clusters, p] = [8, 0.2];
    // Clusters of three requests that fail together, in both versions alike.
    const chances = binomial(clusters, p);
    let expectation = 0;
    for (const [x, one] of chances.entries())
      for (const [y, other] of chances.entries()) {
        const pair = {
          fresh: { requests: clusters * burst, bad: x * burst },
          old: { requests: clusters * burst, bad: y * burst },
        };
        expectation += one * other * (worthOf([againstNotWorse(pair, margin)], burst, 1)[0] ?? 0);
      }
    expect(expectation).toBeLessThanOrEqual(1 + 1e-9);
  });
});

describe('the burst factor', () => {
  test.each([
    [[9, 11, 10, 12, 8], 1],
    [[0, 0, 30, 0, 0], 20],
    [[1, 0, 1], 3],
    [[], 3],
    [[0, 0, 12, 0, 0], 17.5],
    [[40], 3],
  ])('of %j is %d', (counts, factor) => {
    expect(burstFactor(counts)).toBe(factor);
  });

  test('is about the size of the clusters, and a rate that drifts changes it little', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    const poisson = (mean: number) => {
      let count = 0;
      for (let product = random(); product > Math.exp(-mean); product *= random()) count++;
      return count;
    };
    for (const size of [1, 4, 10]) {
      const flat = Array.from({ length: 2000 }, () => size * poisson(5));
      const drifting = Array.from({ length: 2000 }, (_, minute) => size * poisson(5 + minute / 400));
      // An average and half as much again.
      const reserved = 1 + 1.5 * (size - 1);
      expect(burstFactor(flat)).toBeGreaterThan(reserved * 0.85);
      expect(burstFactor(flat)).toBeLessThan(reserved * 1.15 + 0.15);
      expect(burstFactor(drifting)).toBeLessThan(reserved * 1.2 + 0.15);
    }
  });
});
