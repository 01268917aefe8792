/** How often the comparison is wrong: counted in thousands of made-up rollouts, looked at after every minute. */
import { describe, expect, test } from 'vitest';
import { type Comparison, compare, ratioAtLeast } from '../../../core/analysis/compare.ts';
import { shortShare } from '../../../core/analysis/share.ts';
import type { ComparisonSettings } from '../../../core/config/service.ts';
import { service } from '../build.ts';
import { alone, always, base, type Story, timed, told, usual } from './traffic.ts';

const settings = service().checks.comparison as ComparisonSettings;
/** A null with no margin to hide behind. */
const strict: ComparisonSettings = { ...settings, worse: { ratio: 1, plus: 0 } };

const fails = ({ failedAt }: Comparison): boolean => failedAt !== null;
const passes = ({ passedAt }: Comparison): boolean => passedAt !== null;

/** The share of so many runs, each with a seed of its own, of which something is so. */
const shareOf = (runs: number, isSo: (seed: number) => boolean): number => {
  let count = 0;
  for (let seed = 1; seed <= runs; seed++) if (isSo(seed)) count++;
  return count / runs;
};
const seen = (story: Partial<Story>, seed: number, given = settings): Comparison =>
  compare(told({ ...base, ...story, seed }), given);
/** In how many of so many runs it fails or passes at some time. */
const share = (runs: number, story: Partial<Story>, verdict: typeof fails, given = settings): number =>
  shareOf(runs, (seed) => verdict(seen(story, seed, given)));
/** Three standard errors above a share. */
const above = (rate: number, runs: number): number => rate + 3 * Math.sqrt((rate * (1 - rate)) / runs);

describe('a version that is not worse is failed no more often than said', () => {
  const runs = 2000;
  test.each([0.01, 0.1, 0.5])('at a weight of %d, without a margin, looked at every minute for an hour', (weight) => {
    expect(share(runs, { weight: always(weight) }, fails, strict)).toBeLessThanOrEqual(above(0.01, runs));
  });

  test('with errors that are common', () => {
    const common = { fresh: always(0.1), old: always(0.1) };
    expect(share(500, common, fails, strict)).toBeLessThanOrEqual(above(0.01, 500));
  });

  test('an incident of both versions during a ramp is no evidence against the new one', () => {
    const late = (minute: number) => (minute >= 32 ? 0.01 : 0.001);
    const weight = (minute: number) => [0.05, 0.1, 0.25, 0.5][Math.floor(minute / 10)] ?? 0.5;
    const ramp = { minutes: 40, weight, fresh: late, old: late };
    expect(share(1000, ramp, fails, strict)).toBeLessThanOrEqual(above(0.01, 1000));
  });

  test.each([3, 10])('with errors that come %d at a time', (burst) => {
    expect(share(1000, { burst, weight: always(0.05) }, fails)).toBeLessThanOrEqual(above(0.01, 1000));
  });

  test('with a cold start of two minutes', () => {
    const cold = (minute: number) => (minute < 2 ? 0.05 : 0.001);
    expect(share(500, { fresh: cold }, fails)).toBe(0);
  });

  test.each([0.05, 0.5])('that is not slower, at a weight of %d', (weight) => {
    const failed = shareOf(400, (seed) => fails(compare(timed(seed, usual, usual, weight), settings)));
    expect(failed).toBeLessThanOrEqual(above(0.01, 400));
  });

  test('that has all the traffic and errs as often as the old one did before the rollout', () => {
    const failed = shareOf(400, (seed) => fails(compare(alone(0.001, seed), settings)));
    expect(failed).toBeLessThanOrEqual(above(0.01, 400));
  });
});

test('a harmful version is passed early no more often than said', () => {
  const harmful = { fresh: always(0.001 * 2 + 0.0025), weight: always(0.1), minutes: 120 };
  expect(share(600, harmful, passes)).toBeLessThanOrEqual(above(0.05, 600));
});

test('the lower bound of the error ratio holds in nearly all rollouts, and nears it with traffic', () => {
  const bounds = Array.from({ length: 200 }, (_, seed) =>
    ratioAtLeast(seen({ weight: always(0.5), fresh: always(0.01), minutes: 120 }, seed + 1)),
  ).filter((bound) => bound !== null);
  expect(bounds.length).toBeGreaterThan(190);
  const wrong = bounds.filter((bound) => bound > 10).length;
  expect(wrong / bounds.length).toBeLessThanOrEqual(above(0.01, bounds.length));
  expect(bounds.sort((a, b) => a - b)[bounds.length >> 1]).toBeGreaterThan(5);
});

test('a share of requests is called short only where clearly more than a little is lacking', () => {
  const at = (weight: number, given: number, seed: number) => {
    const series = told({ ...base, weight: always(given), seed });
    const minutes = series.fresh.map((fresh, index) => ({ fresh, old: series.old[index] ?? null }));
    return shortShare(minutes, weight, { before: series.before, falseAlarms: 0.01 });
  };
  for (let seed = 1; seed <= 200; seed++) expect([at(10, 0.1, seed), at(10, 0.075, seed)]).toEqual([null, null]);
});
