/** How long simulated requests take: as many as there are, spread as described, and counted as CloudWatch counts them. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../core/basics/random.ts';
import { above, addTime, noTimes, percentile } from '../../local/simulated/response-times.ts';

const expected = (requests: number, median = 100) => {
  const times = noTimes();
  times.expected.push({ requests, median, spread: 0.6 });
  return times;
};

describe('expected times', () => {
  test('are drawn once, and as many as there are requests', () => {
    const [times, random] = [expected(1000), seededRandom(1)];
    const half = above(times, 0.1, random);
    expect(above(times, 0, random)).toBe(1000);
    expect(above(times, 60, random)).toBe(0);
    expect(above(times, 0.1, random)).toBe(half);
  });

  test('are lognormal about their middle', () => {
    const [times, random] = [expected(1_000_000), seededRandom(2)];
    // Φ(ln 2 / 0.6) and Φ(2.326).
    expect(above(times, 0.1, random) / 1e6).toBeCloseTo(0.5, 2);
    expect(above(times, 0.2, random) / 1e6).toBeCloseTo(1 - 0.876, 2);
    expect(percentile([times], 0.99, random)).toBeCloseTo(0.1 * Math.exp(0.6 * 2.326), 2);
  });

  test('vary from period to period as independent requests do', () => {
    const random = seededRandom(3);
    const counts = Array.from({ length: 2000 }, () => above(expected(500), 0.2, random));
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    const share = mean / 500;
    expect(variance / (500 * share * (1 - share))).toBeGreaterThan(0.85);
    expect(variance / (500 * share * (1 - share))).toBeLessThan(1.15);
  });
});

test('real times are counted within a bucket’s width', () => {
  const times = noTimes();
  for (const ms of [1, 2, 400, 800]) addTime(times, ms);
  expect(above(times, 0.1, Math.random)).toBe(2);
  expect(percentile([times], 0.5, Math.random)).toBeCloseTo(0.002, 3);
  expect(percentile([noTimes()], 0.5, Math.random)).toBeUndefined();
});
