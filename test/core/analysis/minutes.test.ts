/** The comparison on minutes that are written out: what counts from when on, what fails whom, and where the lines are. */
import { describe, expect, test } from 'vitest';
import { type Compared, type Comparison, compare, ratioAtLeast } from '../../../core/analysis/compare.ts';
import { against, betterBy, highest, worseBy, worthOf } from '../../../core/analysis/e-process.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import type { ComparisonSettings } from '../../../core/config/service.ts';
import { service } from '../build.ts';

/** Errors come one by one: what counts is counted in full. */
const settings: ComparisonSettings = { ...(service().checks.comparison as ComparisonSettings), burst: 1 };

type Counts = Partial<PeriodCounts>;
/** So many minutes; what differs in them, by their number. */
const minutes = (many: number, usual: Counts, unusual: Record<number, Counts> = {}): PeriodCounts[] =>
  Array.from({ length: many }, (_, index) => ({
    at: index,
    requests: 100,
    errors: 0,
    connectionErrors: 0,
    ...usual,
    ...unusual[index],
  }));
/** An old version that answers 900 requests a minute, of which one fails in each. */
const old = (many: number, different: Counts = {}) => minutes(many, { requests: 900, errors: 1, ...different });
const seen = (fresh: PeriodCounts[], different: Partial<Compared> = {}, given = settings): Comparison =>
  compare({ fresh, old: old(fresh.length), before: [], ...different }, given);

describe('the first two minutes', () => {
  test('are cold and do not count', () => {
    const cold = { 0: { errors: 20 }, 1: { errors: 20 } };
    expect(seen(minutes(10, {}, cold))).toMatchObject({ failedAt: null, fresh: { requests: 800, bad: 0 } });
    expect(seen(minutes(10, {}, { 2: { errors: 20 } }))).toMatchObject({
      failedAt: 2,
      fresh: { requests: 800, bad: 20 },
      old: { requests: 7200, bad: 8 },
    });
    expect(seen(minutes(10, {})).minutes.map(({ at }) => at)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test.each<[string, Counts, Counts, boolean]>([
    ['half of its requests', { errors: 50 }, {}, true],
    ['a little less than half', { errors: 49 }, {}, false],
    ['a quarter by errors and one by connections', { errors: 25, connectionErrors: 25 }, {}, true],
    ['half of ten requests', { requests: 10, errors: 5 }, {}, true],
    ['all of nine requests', { requests: 9, errors: 9 }, {}, false],
    ['none at all', { requests: 0 }, {}, false],
    ['half, as a quarter of the old ones do', { errors: 50 }, { errors: 225 }, false],
    ['half, as a little less than a quarter of the old ones do', { errors: 50 }, { errors: 224 }, true],
    ['half, as a quarter of the old ones cannot connect', { errors: 50 }, { errors: 0, connectionErrors: 225 }, false],
    ['half, beside an old version that nobody asks', { errors: 50 }, { requests: 0, errors: 0 }, true],
  ])('show what is plainly broken: %s', (_, fresh, other, expected) => {
    const { broken } = seen(minutes(1, fresh), { old: old(1, other) });
    expect(broken !== null).toBe(expected);
    if (broken !== null) expect(broken.at).toBe(0);
  });

  test('show it of a version that has something to be compared with only', () => {
    expect(seen(minutes(1, { errors: 99 }), { old: [], aloneFrom: 0 }).broken).toBeNull();
  });
});

describe('a version has failed', () => {
  test('with the minute that makes it sure, whatever comes after', () => {
    const erring = (many: number) => seen(minutes(many, { errors: 5 })).failedAt;
    const first = erring(30);
    expect(first).toBe(3);
    expect(erring(4)).toBe(first);
    expect(erring(3)).toBeNull();
    expect(seen(minutes(200, {}, { 2: { errors: 9 }, 3: { errors: 9 } })).failedAt).toBe(2);
  });

  test('by three bad requests, and by no two, however sure they make it', () => {
    const none = { old: old(10, { requests: 1_000_000, errors: 0 }) };
    const noMargin = { ...settings, worse: { ratio: 1, plus: 0 } };
    const two = seen(minutes(10, {}, { 2: { errors: 2 } }), none, noMargin);
    expect(two).toMatchObject({ failedAt: null });
    expect(two.evidence).toBeGreaterThan(two.needed);
    const three = { 2: { errors: 2 }, 5: { connectionErrors: 1 } };
    expect(seen(minutes(10, {}, three), none, noMargin).failedAt).toBe(5);
  });

  test('at the evidence that was asked for: the rarer a false alarm is to be, the more', () => {
    const at = (falseAlarms: number) => seen(minutes(30, { errors: 2 }), {}, { ...settings, falseAlarms });
    expect(at(0.05).needed).toBeCloseTo(20);
    const [early, late] = [at(0.05).failedAt ?? 0, at(0.0001).failedAt ?? 0];
    expect(early).toBeGreaterThan(1);
    expect(late).toBeGreaterThan(early);
    const exactly = at(1 / at(0.05).evidence);
    expect(exactly.failedAt).toBe(29);
  });

  test.each<[string, Counts, string]>([
    ['errors', { errors: 20 }, 'errors'],
    ['connections', { connectionErrors: 20 }, 'connections'],
    ['unanswered', { answered: 80 }, 'unanswered'],
    ['slow answers', { slow: [40] }, 'latency'],
  ])('by %s, and that is what is said', (_, fresh, name) => {
    const quick = { answered: 900, slow: [9] };
    const found = seen(minutes(20, { answered: 100, slow: [1], ...fresh }), {
      old: old(20, quick),
      thresholds: [{ old: 0.1, fresh: 0.11 }],
    });
    expect(found).toMatchObject({ culprit: { name }, failedAt: expect.any(Number) });
  });

  test('later where errors come several at a time: as somebody says, or as they did before', () => {
    const at = (burst: number | null, before: PeriodCounts[] = []) =>
      seen(minutes(60, { errors: 4 }), { before }, { ...settings, burst });
    const steady = old(180, { errors: 10 });
    const uneven = steady.map((one, index) => ({ ...one, errors: index % 10 === 0 ? 100 : 0 }));
    expect([at(1).burst, at(7).burst, at(null, steady).burst, at(null, uneven).burst]).toEqual([1, 7, 1, 20]);
    expect(at(7).failedAt).toBeGreaterThan(at(1).failedAt ?? Number.POSITIVE_INFINITY);
    // Nobody knows how they come where there is nothing to see.
    expect(at(null).burst).toBe(3);
  });

  test('by no time of answering that one of the two was not measured by', () => {
    const thresholds = [{ old: 0.1, fresh: 0.11 }];
    const slow = minutes(20, { slow: [90] });
    expect(seen(slow, { thresholds }).failedAt).toBeNull();
    expect(seen(slow, { thresholds, old: old(20, { slow: [9] }) }).failedAt).not.toBeNull();
  });

  test('by no more slow answers than there are requests', () => {
    const thresholds = [{ old: 0.1, fresh: 0.11 }];
    const slow = { thresholds, old: old(20, { slow: [1200.4] }) };
    expect(seen(minutes(20, { slow: [100.4] }), slow)).toMatchObject({ failedAt: null, evidence: 1 });
    const { fresh, old: before } = seen(minutes(20, { slow: [100.4], errors: 0 }), {
      ...slow,
      old: old(20, { slow: [9.4], errors: 0 }),
    });
    expect([fresh, before]).toEqual([
      { requests: 1800, bad: 1800 },
      { requests: 16_200, bad: 162 },
    ]);
  });

  test('and not where figures contradict each other, nor is it broken or passed then', () => {
    const spoilt = [...minutes(20, { errors: 60 }), { at: 3, requests: 100, errors: 0, connectionErrors: 0 }];
    expect(seen(spoilt)).toMatchObject({
      failedAt: null,
      passedAt: null,
      broken: null,
      contradictions: ['periods of the new version are out of order'],
    });
  });
});

describe('a version has passed', () => {
  const half = (many: number, different: Counts = {}) => minutes(many, { requests: 900, ...different });

  test('with the minute that shows it not to be harmful, by every measure, whatever comes after', () => {
    const { passedAt } = seen(half(60));
    expect(passedAt).toBeGreaterThan(2);
    expect(seen(half((passedAt ?? 0) + 1)).passedAt).toBe(passedAt);
    expect(seen(half(passedAt ?? 0)).passedAt).toBeNull();
    const later = half(60).map((one) => (one.at > (passedAt ?? 0) ? { ...one, errors: 9 } : one));
    expect(seen(later).passedAt).toBe(passedAt);
  });

  test.each([settings.worse.ratio, settings.harmful.ratio])(
    'as its bet says, with a margin of %d for what is worse',
    (ratio) => {
      const rows = Array.from({ length: 58 }, () =>
        against({ fresh: { requests: 900, bad: 0 }, old: { requests: 900, bad: 1 } }, settings.harmful, betterBy),
      );
      const sure = worthOf(rows, 1, 1).findIndex((worth) => worth >= 1 / settings.falsePasses);
      // Errors show it last: no connection was ever refused, by neither version.
      const given = { ...settings, worse: { ratio, plus: 0 } };
      expect(seen(half(60), { old: old(60, { connectionErrors: 9 }) }, given).passedAt).toBe(sure + 2);
    },
  );

  test('later, the more certain it is to be', () => {
    const at = (falsePasses: number) => seen(half(240), {}, { ...settings, falsePasses }).passedAt ?? 0;
    expect(at(0.001)).toBeGreaterThan(at(0.05));
    expect(at(0.05)).toBeGreaterThan(at(0.5));
  });

  test('only once all that is measured shows it', () => {
    const answered = { answered: 900 };
    const given = { old: old(60, answered) };
    expect(seen(half(60, answered), given).passedAt).not.toBeNull();
    expect(seen(half(60, { ...answered, connectionErrors: 4 }), given).passedAt).toBeNull();
    expect(seen(half(60, { answered: 896 }), given).passedAt).toBeNull();
    // What only one of the two is measured by is asked for, and never shown.
    expect(seen(half(60, answered)).passedAt).toBeNull();
    expect(seen(half(60), given).passedAt).toBeNull();
  });
});

describe('a version that has all the traffic', () => {
  const before = old(60);
  const alone = (errors: number, different: Partial<Compared> = {}) =>
    seen(minutes(30, { requests: 1000, errors }), { old: [], before, aloneFrom: 0, ...different });

  test('is judged by what the old one did, before the rollout and beside it', () => {
    expect(alone(2).failedAt).toBeNull();
    expect(alone(20)).toMatchObject({ failedAt: expect.any(Number), culprit: { name: 'errors' } });
    expect(alone(20, { before: [] }).failedAt).toBeNull();
    // Fifteen minutes beside it, in which the old one failed as often.
    const beside = old(15, { errors: 30 });
    expect(alone(20, { old: beside }).failedAt).toBeNull();
    expect(alone(20, { old: old(15) }).failedAt).not.toBeNull();
  });

  test('is so judged from when it is alone on, though it had been compared before', () => {
    const late = minutes(40, { requests: 1000 }).map((one) => (one.at < 15 ? one : { ...one, errors: 20 }));
    const failedAt = seen(late, { old: old(15), before, aloneFrom: 15 }).failedAt ?? 0;
    expect(failedAt).toBeGreaterThanOrEqual(15);
    expect(seen(late, { old: old(15), before, aloneFrom: 99 }).failedAt).toBeNull();
  });

  test('has failed no more often than an old one that is not there', () => {
    expect(ratioAtLeast(alone(20))).toBeNull();
  });

  test('is not judged by its answers’ times, for which there is no limit', () => {
    const thresholds = [{ old: 0.1, fresh: 0.11 }];
    const slow = minutes(30, { requests: 1000, slow: [900] });
    expect(seen(slow, { old: [], before: old(60, { slow: [9] }), aloneFrom: 0, thresholds }).failedAt).toBeNull();
  });
});

describe('how many times as often it fails at least', () => {
  const failed = () => seen(minutes(30, { errors: 5 }));
  /** The evidence against "at most so many times as often", of the measure that says most alone. */
  const againstRatio = (found: Comparison, ratio: number): number => {
    const pairs = found.minutes.map((one) => ({
      fresh: { requests: one.fresh.requests, bad: one.fresh.errors },
      old: { requests: one.old?.requests ?? 0, bad: one.old?.errors ?? 0 },
    }));
    return (
      found.culprit.part *
      highest(
        worthOf(
          pairs.map((pair) => against(pair, { ratio, plus: 0 }, worseBy)),
          found.burst,
        ),
      )
    );
  };

  test('is not said of one that has not failed', () => {
    for (const errors of [0, 1]) expect(ratioAtLeast(seen(minutes(3, { errors })))).toBeNull();
  });

  test('is the largest that is refuted still', () => {
    const found = failed();
    const bound = ratioAtLeast(found) ?? 0;
    expect(bound).toBeGreaterThan(10);
    expect(bound).toBeLessThan(45);
    expect(againstRatio(found, bound * 0.999)).toBeGreaterThanOrEqual(found.needed);
    expect(againstRatio(found, bound * 1.001)).toBeLessThan(found.needed);
  });

  test('counts nothing of the minutes in which it had all the traffic', () => {
    const more = [...minutes(30, { errors: 5 }), ...minutes(60, { errors: 90 }).slice(30)];
    const later = compare({ fresh: more, old: old(30), before: old(60), aloneFrom: 30 }, settings);
    expect(later.failedAt).toBe(failed().failedAt);
    expect(ratioAtLeast(later)).toBeCloseTo(ratioAtLeast(failed()) ?? 0, 6);
  });
});

describe('minutes that one version lacks', () => {
  test('count for neither', () => {
    const fresh = minutes(20, { errors: 1 });
    const some = old(20).filter(({ at }) => at % 2 === 0);
    const found = seen(fresh, { old: some });
    expect(found.minutes.map(({ at }) => at)).toEqual([4, 6, 8, 10, 12, 14, 16, 18]);
    expect([found.fresh, found.old]).toEqual([
      { requests: 800, bad: 8 },
      { requests: 7200, bad: 8 },
    ]);
  });

  test('and a change of weight between them changes what each minute is worth, as each has its own', () => {
    const mixed = minutes(12, { errors: 3 }).map((one) => (one.at % 3 === 0 ? { ...one, requests: 500 } : one));
    const found = seen(mixed);
    const rows = found.minutes.map(({ fresh, old: other }) =>
      against(
        {
          fresh: { requests: fresh.requests, bad: fresh.errors },
          old: { requests: other?.requests ?? 0, bad: other?.errors ?? 0 },
        },
        settings.worse,
        worseBy,
      ),
    );
    // Of three measures, the errors have six tenths of the money; the others' bets stay what they are worth.
    const rest = seen(
      mixed.map((one) => ({ ...one, errors: 0 })),
      { old: old(12, { errors: 0 }) },
    );
    expect(rest.evidence).toBe(1);
    const errors = worthOf(rows, 1);
    expect(found.evidence).toBeGreaterThan(0.6 * highest(errors));
    expect(found.evidence).toBeLessThan(0.6 * highest(errors) + 0.4);
  });

  test('of answers’ times are worth what they are worth alone, whatever is measured beside them', () => {
    const thresholds = [{ old: 0.1, fresh: 0.11 }];
    const found = seen(minutes(12, { slow: [9] }), { old: old(12, { errors: 0, slow: [27] }), thresholds });
    const row = against(
      { fresh: { requests: 100, bad: 9 }, old: { requests: 900, bad: 27 } },
      { ratio: 1, plus: 0 },
      worseBy,
    );
    const alone = highest(worthOf(Array(10).fill(row), 1));
    expect(found.culprit.name).toBe('latency');
    expect(found.evidence).toBeGreaterThan(0.3 * alone);
    expect(found.evidence).toBeLessThan(0.3 * alone + 0.7);
  });

  test('of one measure, though others are there, say nothing by it', () => {
    const counted = (many: number, requests: number, from: number) =>
      minutes(
        many,
        { requests },
        Object.fromEntries(Array.from({ length: many - from }, (_, at) => [at + from, { answered: requests }])),
      );
    const found = seen(counted(20, 100, 8), { old: counted(20, 900, 12) });
    expect(found).toMatchObject({ evidence: 1, failedAt: null });
    const silent = counted(20, 100, 8).map((one) => (one.answered === undefined ? one : { ...one, answered: 60 }));
    expect(seen(silent, { old: counted(20, 900, 12) })).toMatchObject({
      culprit: { name: 'unanswered' },
      failedAt: expect.any(Number),
      fresh: { requests: 700, bad: 280 },
      old: { requests: 6300, bad: 0 },
    });
  });
});
