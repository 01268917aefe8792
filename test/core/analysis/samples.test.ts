/** Figures minute by minute: which requests nobody answered, what contradicts what, and what each measure counts. */
import { describe, expect, test } from 'vitest';
import { burstFactor } from '../../../core/analysis/burst.ts';
import { limitEvidence } from '../../../core/analysis/limit.ts';
import { limitOf, type Measure, measuresOf } from '../../../core/analysis/measures.ts';
import { minutesOf } from '../../../core/analysis/minutes.ts';
import { contradictionsIn, judgedOf, type PeriodCounts } from '../../../core/analysis/samples.ts';
import { shortShare } from '../../../core/analysis/share.ts';
import type { ComparisonSettings } from '../../../core/config/service.ts';
import { service } from '../build.ts';

const settings = service().checks.comparison as ComparisonSettings;

const period = (index: number, different: Partial<PeriodCounts> = {}): PeriodCounts => ({
  at: index * 60_000,
  requests: 100,
  errors: 0,
  connectionErrors: 0,
  ...different,
});
const periods = (many: number, different: Partial<PeriodCounts> = {}): PeriodCounts[] =>
  Array.from({ length: many }, (_, index) => period(index, different));
/** A hundred requests a minute, of which so many were answered; undefined: nobody counted. */
const answering = (...answered: (number | undefined)[]): PeriodCounts[] =>
  answered.map((count, index) => period(index, count === undefined ? {} : { answered: count }));

describe('requests that nobody answered', () => {
  test.each<[string, (number | undefined)[], (number | undefined)[]]>([
    ['are none where all were', [100, 100, 100], [0, 0, undefined]],
    ['are those that are missing still when the last answer is in', [90, 100, 95, 100], [10, 0, 5, undefined]],
    ['are not those that are answered a minute later', [80, 120, 100], [0, 0, undefined]],
    ['are part of those, where only a part is answered later', [80, 110, 100], [10, 0, undefined]],
    ['are not known where nobody counted', [undefined, 90, 100], [undefined, 10, undefined]],
    ['are not known of the last minute, whose answers may be still to come', [90], [undefined]],
    ['are late answers where two minutes have none at all', [100, 0, 0, 100], [0, undefined, undefined, undefined]],
    ['are all where three have none', [100, 0, 0, 0, 100], [0, 100, 100, 100, undefined]],
    ['are all where the first three have none', [0, 0, 0, 100], [100, 100, 100, undefined]],
    ['are all where the last three have none', [100, 0, 0, 0], [0, 100, 100, undefined]],
  ])('%s', (_, answered, expected) => {
    expect(judgedOf(answering(...answered)).map(({ unanswered }) => unanswered)).toEqual(expected);
  });

  test('leave the requests as they are, unless more failed than came', () => {
    const [late, usual] = judgedOf([period(0, { requests: 1, errors: 2, connectionErrors: 3 }), period(1)]);
    expect([late?.requests, usual?.requests]).toEqual([5, 100]);
  });
});

describe('figures that contradict each other', () => {
  const excessive = { requests: 1, errors: 1, connectionErrors: 1 };
  test.each<[string, PeriodCounts[], string[]]>([
    ['none', periods(3), []],
    ['a negative count', [period(0, { errors: -1 })], ['a count of the new version is negative, or no number']],
    [
      'a negative count of slow answers',
      [period(0, { slow: [1, -1] })],
      ['a count of the new version is negative, or no number'],
    ],
    ['nothing slow and nothing failed', [period(0, { slow: [0, 0], answered: 0 })], []],
    ['the same minute twice', [period(0), period(0)], ['periods of the new version are out of order']],
    ['minutes backwards', [period(1), period(0)], ['periods of the new version are out of order']],
    ['two minutes with more errors than requests', periods(2, excessive), []],
    [
      'three minutes with more errors than requests',
      periods(3, excessive),
      ['the new version has more errors than requests in 3 periods'],
    ],
    ['three minutes with as many errors as requests', periods(3, { requests: 2, errors: 1, connectionErrors: 1 }), []],
  ])('%s', (_, series, expected) => {
    expect(contradictionsIn(series, 'new')).toEqual(expected);
  });

  test('are told of both versions', () => {
    expect(minutesOf([period(1), period(0)], [period(0, { requests: -1 })]).contradictions).toEqual([
      'periods of the new version are out of order',
      'a count of the old version is negative, or no number',
    ]);
  });
});

describe('minutes', () => {
  test('are those of both, and from a time on those of the new version alone', () => {
    const of = (aloneFrom?: number) =>
      minutesOf(periods(4), [period(1), period(3)], aloneFrom).minutes.map(({ at, old }) => [
        at / 60_000,
        old !== null,
      ]);
    expect(of()).toEqual([
      [1, true],
      [3, true],
    ]);
    expect(of(2 * 60_000)).toEqual([
      [1, true],
      [2, false],
      [3, true],
    ]);
  });
});

describe('measures', () => {
  const one = { ...period(0, { errors: 1, connectionErrors: 2, slow: [4, 5] }), unanswered: 3 };
  const parts = (measures: Measure[]) => measures.reduce((sum, { part }) => sum + part, 0);

  test('count each its own, and bet the whole together', () => {
    const measures = measuresOf(settings, []);
    expect(measures.map(({ name, bad }) => [name, bad(one)])).toEqual([
      ['errors', 1],
      ['connections', 2],
      ['unanswered', 3],
    ]);
    expect(parts(measures)).toBeCloseTo(1);
    expect(measures.map(({ worse }) => worse)).toEqual(Array(3).fill(settings.worse));
    expect(measures.map(({ words }) => words)).toEqual([
      'answered with a 5xx',
      'failed to connect',
      'were answered by the load balancer, because the version gave no answer',
    ]);
  });

  test('of times have a part between them, no margin but their thresholds, and say these', () => {
    const thresholds = [
      { old: 0.1, fresh: 0.11 },
      { old: 2, fresh: 2.2 },
    ];
    const measures = measuresOf(settings, thresholds);
    expect(parts(measures)).toBeCloseTo(1);
    expect(parts(measures.slice(0, 3))).toBeCloseTo(0.7);
    expect(measures.slice(0, 3).map(({ part }) => part / 0.7)).toEqual(
      [0.6, 0.2, 0.2].map((part) => expect.closeTo(part)),
    );
    expect(measures.slice(3).map(({ bad, ...rest }) => [bad(one), bad({ ...one, slow: [] }), rest])).toEqual([
      [
        4,
        undefined,
        {
          name: 'latency',
          part: expect.closeTo(0.15),
          worse: { ratio: 1, plus: 0 },
          words: 'answered in over 110 ms',
          against: 'in over 100 ms',
        },
      ],
      [
        5,
        undefined,
        {
          name: 'latency',
          part: expect.closeTo(0.15),
          worse: { ratio: 1, plus: 0 },
          words: 'answered in over 2.2 s',
          against: 'in over 2 s',
        },
      ],
    ]);
    const { slow: _, ...unmeasured } = one;
    expect(measures.at(-1)?.bad(unmeasured)).toBeUndefined();
  });
});

describe('the rate that the old version was not above', () => {
  const rate = (series: PeriodCounts[], burst = 1, name: Measure['name'] = 'errors'): number | null => {
    const measure = measuresOf(settings, [{ old: 1, fresh: 1.1 }]).find((one) => one.name === name);
    return measure === undefined ? Number.NaN : limitOf(judgedOf(series), measure, burst);
  };

  test('is above what it did, by three standard deviations and what none at all leaves open', () => {
    // 16 errors more than one are 15; (15 + 3·√16 + 3) of 1,500 requests.
    expect(rate([...periods(14), period(14, { errors: 15 })])).toBeCloseTo(30 / 1500);
    expect(rate(periods(15))).toBeCloseTo(6 / 1500);
    expect(rate(periods(15), 4)).toBeCloseTo((3 * 2 + 3 * 4) / 1500);
  });

  test('is that of its worst ten minutes in a row, where that is more', () => {
    const bad = (from: number, to: number) =>
      periods(100).map((one, index) => (index >= from && index < to ? { ...one, errors: 50 } : one));
    expect(rate(bad(30, 40))).toBeCloseTo(0.5);
    expect(rate(bad(90, 100))).toBeCloseTo(0.5);
    expect(rate(bad(0, 10))).toBeCloseTo(0.5);
    expect(rate(bad(30, 35))).toBeCloseTo(0.25);
    expect(
      rate(
        bad(30, 40).map((one) => ({ ...one, connectionErrors: 0 })),
        1,
        'connections',
      ),
    ).toBeCloseTo(6 / 10_000);
  });

  test('is of ten minutes without a request none', () => {
    const idle = [...periods(10, { requests: 0 }), ...periods(10)];
    expect(rate(idle)).toBeCloseTo(6 / 1000);
  });

  test('is not known where nobody asked, and of times never', () => {
    expect(rate([])).toBeNull();
    expect(rate(periods(3, { requests: 0 }))).toBeNull();
    expect(rate(periods(20, { slow: [9] }), 1, 'latency')).toBeNull();
  });
});

describe('how many errors come at a time', () => {
  test.each<[string, number[], number]>([
    ['is not known of one minute', [40], 3],
    ['is not known where nothing failed', [0, 0, 0, 0], 3],
    ['is known of two', [40, 20], 1 + 1.5 * (400 / 2 / 60 - 1)],
    ['is not taken for one where there are fewer than 30', [14, 15], 3],
    ['is one where 30 come evenly', [15, 15], 1],
  ])('%s', (_, counts, expected) => {
    expect(burstFactor(counts)).toBeCloseTo(expected);
  });
});

describe('an absolute limit', () => {
  const given = { burst: 1, falseAlarms: 0.01 };

  test('counts what could not be connected as well, and never more errors than requests', () => {
    const late = [period(0, { requests: 2, errors: 3, connectionErrors: 1 }), period(1, { errors: 1 })];
    expect(limitEvidence(late, 0.9, given)).toMatchObject({ requests: 104, errors: 5, rate: 5 / 104, needed: 100 });
  });

  test('is exceeded by three errors, and by no two', () => {
    const erring = (errors: number) => limitEvidence([period(0, { requests: errors, errors })], 0.001, given);
    expect(erring(2)).toMatchObject({ exceeds: false });
    expect(erring(2).evidence).toBeGreaterThan(100);
    expect(erring(3)).toMatchObject({ exceeds: true });
  });

  test('is one like any other below 1', () => {
    const failing = limitEvidence(periods(20, { errors: 100 }), 0.99, given);
    expect(failing.evidence).toBeGreaterThanOrEqual(1);
    expect(limitEvidence([], 0.01, given)).toMatchObject({
      requests: 0,
      errors: 0,
      rate: 0,
      evidence: 1,
      exceeds: false,
    });
  });

  test('takes more to be exceeded where errors come several at a time', () => {
    const series = periods(5, { errors: 4 });
    const [single, many] = [1, 10].map((burst) => limitEvidence(series, 0.01, { ...given, burst }));
    expect([single?.exceeds, many?.exceeds]).toEqual([true, false]);
  });
});

describe('the share of the requests', () => {
  const minutes = (fresh: number, old: number | null, many = 10) =>
    Array.from({ length: many }, () => ({ fresh: { requests: fresh }, old: old === null ? null : { requests: old } }));
  const short = (of: ReturnType<typeof minutes>, weight: number, before = periods(180)) =>
    shortShare(of, weight, { before, falseAlarms: 0.01 });

  test('is what it got of all that came to both', () => {
    expect(short(minutes(20, 980), 10)).toBeCloseTo(0.02, 9);
    expect(short([...minutes(20, 980), ...minutes(40, 960)], 10)).toBeCloseTo(0.03, 9);
  });

  test('is not short where the weight is kept, or not much is lacking', () => {
    for (const fresh of [70, 100, 200]) expect(short(minutes(fresh, 1000 - fresh, 100), 10)).toBeNull();
  });

  test('counts the minutes in which nobody asked the old version', () => {
    const quiet = [...minutes(20, 980), ...minutes(20, null, 1)];
    expect(short(quiet, 10)).toBeCloseTo(220 / 10_020, 9);
  });

  test('is not short where all is the new version’s, or nobody asks', () => {
    expect(short(minutes(100, null), 50)).toBeNull();
    expect(short(minutes(0, 0), 50)).toBeNull();
    expect(short([], 50)).toBeNull();
  });

  test('is told sooner where requests come evenly than where they come in bursts', () => {
    const uneven = periods(180).map((one, index) => ({ ...one, requests: index % 2 === 0 ? 10 : 2000 }));
    expect(short(minutes(3, 97, 4), 10)).toBeCloseTo(0.03, 9);
    expect(short(minutes(3, 97, 4), 10, uneven)).toBeNull();
  });
});
