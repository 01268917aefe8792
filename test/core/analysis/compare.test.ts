/** How often the comparison is wrong, how soon it is right, and what it makes of figures that are late, missing or contradict each other. */
import { describe, expect, test } from 'vitest';
import { type Comparison, compare, ratioAtLeast } from '../../../core/analysis/compare.ts';
import type { PeriodCounts } from '../../../core/analysis/minutes.ts';
import { shortShare } from '../../../core/analysis/share.ts';
import type { ComparisonSettings } from '../../../core/configuration.ts';
import { binomial, seededRandom } from '../../../core/random.ts';
import { service } from '../build.ts';
import { always, type Story, told } from './traffic.ts';

const settings = service().checks.comparison as ComparisonSettings;
/** A null with no margin to hide behind. */
const strict: ComparisonSettings = { ...settings, worse: { ratio: 1, plus: 0 } };

const base = { minutes: 60, perMinute: 1000, weight: always(0.1), fresh: always(0.001), old: always(0.001) };
const seen = (story: Partial<Story>, given = settings): Comparison =>
  compare(told({ ...base, seed: 1, ...story }), given);

/** In how many of so many runs, each looked at after every minute, it fails or passes at some time. */
const share = (
  runs: number,
  story: Partial<Story>,
  verdict: (found: Comparison) => boolean,
  given = settings,
): number => {
  let count = 0;
  for (let seed = 1; seed <= runs; seed++) if (verdict(seen({ ...story, seed }, given))) count++;
  return count / runs;
};
const fails = ({ failedAt }: Comparison): boolean => failedAt !== null;
const passes = ({ passedAt }: Comparison): boolean => passedAt !== null;
const someTime = expect.any(Number);
/** Three standard errors above a share. */
const above = (rate: number, runs: number): number => rate + 3 * Math.sqrt((rate * (1 - rate)) / runs);

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

describe('a version that is not worse is failed no more often than said', () => {
  const runs = 2000;
  test.each([0.01, 0.1, 0.5])('at a weight of %d, without a margin, looked at every minute for an hour', (weight) => {
    expect(share(runs, { weight: always(weight) }, fails, strict)).toBeLessThanOrEqual(above(0.01, runs));
  });

  test('with errors that are common', () => {
    const common = { fresh: always(0.1), old: always(0.1) };
    expect(share(500, common, fails, strict)).toBeLessThanOrEqual(above(0.01, 500));
  });

  test('through a ramp with an incident that both versions have, which adding the minutes up would take for its fault', () => {
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
});

test('a harmful version is passed early no more often than said', () => {
  const harmful = { fresh: always(0.001 * 2 + 0.0025), weight: always(0.1), minutes: 120 };
  expect(share(600, harmful, passes)).toBeLessThanOrEqual(above(0.05, 600));
});

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
  test('is true of nearly all rollouts, and close once there is much to see', () => {
    let wrong = 0;
    const bounds: number[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const atLeast = ratioAtLeast(seen({ weight: always(0.5), fresh: always(0.01), minutes: 120, seed }));
      if (atLeast === null) continue;
      bounds.push(atLeast);
      if (atLeast > 10) wrong++;
    }
    expect(bounds.length).toBeGreaterThan(190);
    expect(wrong / bounds.length).toBeLessThanOrEqual(above(0.01, bounds.length));
    expect(bounds.sort((a, b) => a - b)[bounds.length >> 1]).toBeGreaterThan(5);
  });

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
  const thresholds = [0.1, 0.2, 0.4].map((old) => ({ old, fresh: old * 1.1 }));
  /** Shares of answers beyond each threshold. */
  const timed = (seed: number, fresh: number[], old: number[], weight = 0.1) => {
    const counted = (shares: number[], random: () => number) => (period: PeriodCounts) => ({
      ...period,
      slow: shares.map((share) => binomial(random, period.requests, share)),
    });
    const series = told({ ...base, weight: always(weight), seed });
    const random = seededRandom(seed + 1000);
    return {
      fresh: series.fresh.map(counted(fresh, random)),
      old: series.old.map(counted(old, random)),
      before: series.before.map(counted(old, random)),
      thresholds,
    };
  };
  const usual = [0.5, 0.1, 0.01];

  test.each([0.05, 0.5])('fail a version that is not slower no more often than said, at a weight of %d', (weight) => {
    let failed = 0;
    for (let seed = 1; seed <= 400; seed++) if (fails(compare(timed(seed, usual, usual, weight), settings))) failed++;
    expect(failed / 400).toBeLessThanOrEqual(above(0.01, 400));
  });

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
      culprit: { name: 'unanswered', words: 'answered by the load balancer for want of an answer' },
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

  test('are every one where there is no answer at all for three minutes; for fewer, answers are late', () => {
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
  /** The last minutes of a rollout: nobody asks the old version any more. */
  const alone = (rate: number, seed: number, minutes = 60) => {
    const series = told({ ...base, minutes, weight: always(0.999), fresh: always(rate), seed });
    return { ...series, old: [], aloneFrom: series.fresh[0]?.at ?? 0 };
  };

  test('it is judged by what the old one did before the rollout', () => {
    const found = compare(alone(0.01, 1), settings);
    expect(found).toMatchObject({ failedAt: someTime, culprit: { name: 'errors' } });
    expect(ratioAtLeast(found)).toBeNull();
    expect(fails(compare({ ...alone(0.01, 1), aloneFrom: Number.POSITIVE_INFINITY }, settings))).toBe(false);
  });

  test('one that errs as often is failed no more often than said', () => {
    let failed = 0;
    for (let seed = 1; seed <= 400; seed++) if (fails(compare(alone(0.001, seed), settings))) failed++;
    expect(failed / 400).toBeLessThanOrEqual(above(0.01, 400));
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

  test('is not where the weight is kept, or no more than a little is lacking', () => {
    for (let seed = 1; seed <= 200; seed++) expect([at(10, 0.1, seed), at(10, 0.075, seed)]).toEqual([null, null]);
  });
});
