/** Incidents: when an error of the new version says nothing about it, and when a weight is not raised. */
import { describe, expect, test } from 'vitest';
import { incidentMinutes, incidentNow, poissonTail, withoutIncidents } from '../../../core/analysis/incident.ts';
import { limitEvidence } from '../../../core/analysis/limit.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';

const minute = 60_000;
const periods = (...bad: [requests: number, errors: number][]): PeriodCounts[] =>
  bad.map(([requests, errors], index) => ({ at: index * minute, requests, errors, connectionErrors: 0 }));
const given = { burst: 1, falseAlarms: 0.01 };

describe('the chance of so many errors', () => {
  test.each([
    [0, 5, 1],
    [1, 0.05, 0.0488],
    [3, 0.05, 0.0000201],
    [10, 10, 0.542],
    [620, 600, 0.728],
  ])('P(X ≥ %d) at a mean of %d is at most %d', (k, mean, most) => {
    const found = poissonTail(k, mean);
    expect(found).toBeLessThanOrEqual(most * 1.01);
    expect(found).toBeGreaterThan(0);
  });

  test('agrees with the sum of its terms, for every count up to 40', () => {
    const mean = 7.5;
    let [term, below] = [Math.exp(-mean), 0];
    for (let k = 0; k < 40; k++) {
      expect(poissonTail(k, mean)).toBeCloseTo(1 - below, 12);
      below += term;
      term *= mean / (k + 1);
    }
  });
});

describe('a minute of an incident', () => {
  test('is one in which the old version fails more than the limit, and not by chance', () => {
    expect([...incidentMinutes(periods([950, 9], [950, 30], [5, 1], [20, 4], [0, 0]), 0.01)]).toEqual([
      minute,
      3 * minute,
    ]);
  });

  test('proves nothing against the new version', () => {
    const fresh = periods([100, 20], [100, 20], [100, 0]);
    expect(limitEvidence(fresh, 0.01, given).exceeds).toBe(true);
    expect(limitEvidence(fresh, 0.01, { ...given, old: periods([900, 180], [900, 180], [900, 0]) })).toMatchObject({
      requests: 300,
      errors: 40,
      exceeds: false,
    });
  });

  test('excuses no error of the minutes beside it', () => {
    const fresh = periods([100, 20], [100, 20], [100, 20]);
    expect(limitEvidence(fresh, 0.01, { ...given, old: periods([900, 0], [900, 180], [900, 0]) }).exceeds).toBe(true);
  });

  test('is every minute where the old version exceeds the limit on the whole', () => {
    const old = periods(...Array.from({ length: 20 }, (): [number, number] => [100, 2]));
    const fresh = periods(...Array.from({ length: 20 }, (): [number, number] => [100, 3]));
    expect(incidentMinutes(old, 0.01).size).toBe(0);
    expect(withoutIncidents(fresh, old, [], 0.01)).toEqual([]);
  });

  test('is none where the old version failed as often before the rollout', () => {
    const sick = periods([900, 270], [900, 250], [900, 280]);
    const fresh = periods([100, 30], [100, 28], [100, 30]);
    expect(limitEvidence(fresh, 0.01, { ...given, old: sick, before: [] }).exceeds).toBe(false);
    expect(limitEvidence(fresh, 0.01, { ...given, old: sick, before: sick }).exceeds).toBe(true);
  });

  test('leaves periods in which only the new version was asked', () => {
    const alone = periods([100, 0], [100, 20], [100, 20]).slice(1);
    expect(withoutIncidents(alone, periods([900, 90]), [], 0.01)).toEqual(alone);
  });
});

describe('an incident goes on', () => {
  const calm = periods([1000, 1], [1000, 0]);
  const failing = periods([900, 0], [900, 90], [900, 90]);

  test('while both versions exceed the limit in the newest minutes', () => {
    expect(incidentNow(periods([100, 0], [100, 9], [100, 11]), failing, calm, 0.01)).toEqual({
      fresh: { requests: 200, bad: 20 },
      old: { requests: 1800, bad: 180 },
    });
  });

  test('not where the new version is well: it may be the fix', () => {
    expect(incidentNow(periods([100, 0], [100, 1], [100, 1]), failing, calm, 0.01)).toBeNull();
  });

  test('not where the old version has always failed so often', () => {
    const usual = periods([1000, 80], [1000, 90]);
    expect(incidentNow(periods([100, 0], [100, 9], [100, 11]), failing, usual, 0.01)).toBeNull();
  });

  test('not once three calm minutes have closed', () => {
    const over = [
      ...failing,
      ...periods([900, 0], [900, 0], [900, 0]).map((one) => ({ ...one, at: one.at + 3 * minute })),
    ];
    expect(incidentNow(periods([100, 9], [100, 9], [100, 9]), over, calm, 0.01)).toBeNull();
  });
});
