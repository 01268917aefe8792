/** How soon the comparison is right, and what it makes of figures that are late, missing or contradict each other. */
import { describe, expect, test } from 'vitest';
import { type Comparison, compare, ratioAtLeast } from '../../../core/analysis/compare.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import { shortShare } from '../../../core/analysis/share.ts';
import { binomial, seededRandom } from '../../../core/basics/random.ts';
import type { ComparisonSettings } from '../../../core/config/service.ts';
import { service } from '../build.ts';
import { alone, always, base, type Story, timed, told, usual } from './traffic.ts';

const settings = service().checks.comparison as ComparisonSettings;
const seen = (story: Partial<Story>, given = settings): Comparison =>
  compare(told({ ...base, seed: 1, ...story }), given);

const fails = ({ failedAt }: Comparison): boolean => failedAt !== null;
const passes = ({ passedAt }: Comparison): boolean => passedAt !== null;
const someTime = expect.any(Number);
/** The first minute after which it is failed. */
const minuteOf = (story: Partial<Story>, verdict = fails): number => {
  const series = told({ ...base, seed: 1, ...story });
  for (let minute = 1; minute <= series.fresh.length; minute++)
    if (
      verdict(compare({ ...series, fresh: series.fresh.slice(0, minute), old: series.old.slice(0, minute) }, settings))
    )
      return minute;
  return Number.POSITIVE_INFINITY;
};

describe('a bad version is failed', () => {
  test.each<[string, number, number, number]>([
    ['all of it fails', 0.1, 1, 4],
    ['one in twenty fails', 0.1, 0.05, 12],
    ['one in a hundred fails', 0.1, 0.01, 60],
    ['one in twenty fails, at half of the traffic', 0.5, 0.05, 6],
  ])('%s', (_, weight, rate, within) => {
    const minutes = Array.from({ length: 20 }, (__, seed) =>
      minuteOf({ weight: always(weight), fresh: always(rate), minutes: 120, seed: seed + 1 }),
    ).sort((a, b) => a - b);
    expect(minutes[10]).toBeLessThanOrEqual(within);
  });

  test('soon, though its fault shows late', () => {
    const late = (minute: number) => (minute >= 30 ? 0.05 : 0.001);
    expect(minuteOf({ fresh: late }) - 30).toBeLessThanOrEqual(12);
  });

  test('by connections that nobody accepts, which no 5xx of the target counts', () => {
    const series = told({ ...base, seed: 1 });
    const refusing = series.fresh.map((period) => ({ ...period, connectionErrors: Math.round(period.requests / 4) }));
    const found = compare({ ...series, fresh: refusing }, settings);
    expect(found).toMatchObject({ failedAt: someTime, culprit: { name: 'connections' } });
  });

  test('in its first cold minutes, where it is plainly broken', () => {
    const found = seen({ minutes: 1, fresh: always(0.9) });
    expect(found.broken?.fresh.errors).toBeGreaterThan(50);
    expect(seen({ minutes: 1, fresh: always(0.2) }).broken).toBeNull();
    expect(seen({ minutes: 1, fresh: always(0.9), old: always(0.9) }).broken).toBeNull();
  });

  test('for good', () => {
    const mended = (minute: number) => (minute < 20 ? 0.2 : 0);
    expect(fails(seen({ fresh: mended, minutes: 240 }))).toBe(true);
  });
});

describe('how many times as often it fails at least', () => {
  test('is not said of a version that has not failed', () => {
    expect(ratioAtLeast(seen({}))).toBeNull();
  });
});

describe('a good version is passed early', () => {
  test('with its requests, and sooner at a higher weight', () => {
    const [few, many] = [0.1, 0.5].map((weight) => minuteOf({ weight: always(weight), minutes: 240 }, passes));
    expect(many).toBeLessThan(few ?? 0);
    expect(few).toBeLessThan(120);
  });

  test('though neither has ever failed', () => {
    expect(minuteOf({ weight: always(0.5), fresh: always(0), old: always(0), minutes: 120 }, passes)).toBeLessThan(60);
  });
});

describe('answers that take longer', () => {
  test.each<[string, number[]]>([
    ['most of its answers', [0.7, 0.2, 0.03]],
    ['the slowest of them', [0.5, 0.1, 0.05]],
  ])('fail one that is slower in %s, in words that say so', (_, fresh) => {
    const found = compare(timed(1, fresh, usual), settings);
    expect(found).toMatchObject({
      failedAt: someTime,
      culprit: { name: 'latency', words: expect.stringMatching(/^answered in over \d+ ms$/) },
    });
  });

  test('say nothing where one version was not measured, and the errors are compared all the same', () => {
    const given = timed(1, [0.9, 0.9, 0.9], usual);
    const unmeasured = given.old.map(({ slow: _, ...period }) => period);
    expect(compare({ ...given, old: unmeasured }, settings)).toMatchObject({ failedAt: null, passedAt: null });
    const erring = given.fresh.map((period) => ({ ...period, errors: Math.round(period.requests / 10) }));
    expect(compare({ ...given, fresh: erring, old: unmeasured }, settings)).toMatchObject({
      failedAt: someTime,
      culprit: { name: 'errors' },
    });
  });

  test('and are passed early only where they are no worse either', () => {
    const steady = timed(1, usual, usual, 0.5);
    expect(passes(compare(steady, settings))).toBe(true);
    expect(passes(compare(timed(1, [0.5, 0.1, 0.03], usual, 0.5), settings))).toBe(false);
  });
});

describe('figures', () => {
  const series = told({ ...base, fresh: always(0.05), seed: 3 });

  test('that come late are read again', () => {
    const late = { ...series, old: series.old.filter((_, minute) => minute % 3 > 0) };
    expect(compare(late, settings).minutes.length).toBeLessThan(compare(series, settings).minutes.length);
    const [once, again] = [series, structuredClone(series)].map((given) => JSON.stringify(compare(given, settings)));
    expect(again).toBe(once);
  });

  test('of one version only say nothing', () => {
    for (const alone of [
      { ...series, old: [] },
      { ...series, fresh: [] },
    ])
      expect(compare(alone, settings)).toMatchObject({ failedAt: null, passedAt: null, evidence: 1, minutes: [] });
  });

  test.each<[string, (given: typeof series) => typeof series]>([
    ['negative', (given) => ({ ...given, old: given.old.map((one) => ({ ...one, errors: -1 })) })],
    ['no number', (given) => ({ ...given, fresh: given.fresh.map((one) => ({ ...one, requests: Number.NaN })) })],
    ['out of order', (given) => ({ ...given, fresh: given.fresh.toReversed() })],
    ['out of order', (given) => ({ ...given, old: given.old.flatMap((one) => [one, one]) })],
    [
      'more errors than requests',
      (given) => ({ ...given, fresh: given.fresh.map((one) => ({ ...one, requests: 1, errors: 9 })) }),
    ],
  ])('that contradict each other (%s) are told of and pass nothing', (words, spoil) => {
    const good = told({ ...base, weight: always(0.5), minutes: 240, seed: 3 });
    expect(passes(compare(good, settings))).toBe(true);
    const found = compare(spoil(good), settings);
    expect(found).toMatchObject({ passedAt: null, failedAt: null, broken: null });
    expect(found.contradictions.join()).toContain(words);
  });

  test('with one error too many for their requests are what late metrics look like', () => {
    const [first, ...rest] = told({ ...base, seed: 3 }).fresh;
    const skewed = { ...series, fresh: [{ ...first, requests: 0, errors: 2 } as never, ...rest] };
    expect(compare(skewed, settings).contradictions).toEqual([]);
  });
});

test('a day of minutes is judged at a glance', () => {
  const day = told({ ...base, minutes: 1440, seed: 1 });
  const { minutes, fresh } = compare(day, settings);
  expect(minutes).toHaveLength(1438);
  expect(fresh.requests).toBeGreaterThan(100_000);
});

describe('requests that the load balancer had to answer itself', () => {
  const answering = (share: number, seed: number) => {
    const random = seededRandom(seed);
    return (period: PeriodCounts): PeriodCounts => ({
      ...period,
      answered: period.requests - binomial(random, period.requests, share),
    });
  };
  const given = (fresh: number, old: number, seed = 1) => {
    const series = told({ ...base, seed });
    return {
      fresh: series.fresh.map(answering(fresh, seed + 1)),
      old: series.old.map(answering(old, seed + 2)),
      before: series.before.map(answering(old, seed + 3)),
    };
  };

  test('fail a version that hangs, in words that say so', () => {
    expect(compare(given(0.05, 0.001), settings)).toMatchObject({
      failedAt: someTime,
      culprit: { name: 'unanswered', words: 'were answered by the load balancer, because the version gave no answer' },
    });
  });

  test('fail none on a day that is bad for both', () => {
    for (let seed = 1; seed <= 100; seed++) expect(fails(compare(given(0.05, 0.05, seed), settings))).toBe(false);
  });

  test('are not those that are answered a minute later', () => {
    const { fresh, ...rest } = given(0, 0);
    const late = fresh.map((period, minute) => ({
      ...period,
      answered: period.requests + (minute === 0 ? -30 : minute % 2 === 0 ? -20 : 20),
    }));
    expect(fails(compare({ ...rest, fresh: late }, settings))).toBe(false);
  });

  test('are counted as failed after three minutes without any response; before, responses are late', () => {
    const silentFor = (minutes: number) => {
      const { fresh, ...rest } = given(0, 0);
      const silent = fresh.map((period, minute) =>
        minute >= 20 && minute < 20 + minutes ? { ...period, answered: 0 } : period,
      );
      return compare({ ...rest, fresh: silent }, settings);
    };
    expect(fails(silentFor(2))).toBe(false);
    expect(silentFor(3)).toMatchObject({ failedAt: someTime, culprit: { name: 'unanswered' } });
  });

  test('are asked for a pass only where somebody counts answers', () => {
    expect(passes(compare({ ...given(0, 0), ...told({ ...base, weight: always(0.5), seed: 1 }) }, settings))).toBe(
      true,
    );
    const { old, ...rest } = given(0, 0);
    expect(passes(compare({ ...rest, old: old.map(({ answered: _, ...one }) => one) }, settings))).toBe(false);
  });
});

describe('where all traffic is the new version’s', () => {
  test('it is judged by what the old one did before the rollout', () => {
    const found = compare(alone(0.01, 1), settings);
    expect(found).toMatchObject({ failedAt: someTime, culprit: { name: 'errors' } });
    expect(ratioAtLeast(found)).toBeNull();
    expect(fails(compare({ ...alone(0.01, 1), aloneFrom: Number.POSITIVE_INFINITY }, settings))).toBe(false);
  });

  test('nothing is said where the old one was hardly ever asked', () => {
    const few = { ...alone(0.01, 1), before: [{ at: 0, requests: 40, errors: 0, connectionErrors: 0 }] };
    expect(fails(compare(few, settings))).toBe(false);
    expect(fails(compare({ ...few, before: [] }, settings))).toBe(false);
  });

  test('it has passed nothing', () => {
    expect(passes(compare(alone(0, 1, 240), settings))).toBe(false);
  });
});

describe('the share of the requests', () => {
  const at = (weight: number, given: number, seed = 1) => {
    const series = told({ ...base, weight: always(given), seed });
    const minutes = series.fresh.map((fresh, index) => ({ fresh, old: series.old[index] ?? null }));
    return shortShare(minutes, weight, { before: series.before, falseAlarms: 0.01 });
  };

  test('is told of where it is less than seven tenths of the weight', () => {
    expect(at(10, 0.02)).toBeCloseTo(0.02, 2);
    expect(at(50, 0.2)).toBeCloseTo(0.2, 1);
  });
});
