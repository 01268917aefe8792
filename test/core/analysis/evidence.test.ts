/** The sentences of a judgement, with their numbers: what a person reads of a version that is worse, short of requests, slow or unseen. */
import { describe, expect, test } from 'vitest';
import { comparisonOf, type Evidence, limitOf, missingEvidence } from '../../../core/analysis/evidence.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import { thresholdsOf } from '../../../core/analysis/thresholds.ts';
import { judge } from '../../../core/analysis/verdict.ts';
import { longestLook } from '../../../core/plan/bake.ts';
import type { Plan } from '../../../core/plan/plan.ts';
import { minute, plan, service, start } from '../build.ts';

const periods = (many: number, different: Partial<PeriodCounts>, from = start): PeriodCounts[] =>
  Array.from({ length: many }, (_, index) => ({
    at: from + index * minute,
    requests: 1000,
    errors: 0,
    connectionErrors: 0,
    ...different,
  }));
const hours = (different: Partial<PeriodCounts>) => periods(180, different, start - 180 * minute);

/** Half an hour at 25 %, the last ten minutes of it at this weight; nothing has failed. */
const evidence = (different: Partial<Evidence> = {}): Evidence => ({
  plan: plan(),
  step: 2,
  now: start + 30 * minute,
  since: start + 20 * minute,
  health: { blue: { healthy: 4, needed: 4 }, green: { healthy: 2, needed: 2 } },
  alarms: [],
  series: { blue: periods(28, { requests: 3000 }), green: periods(28, {}) },
  before: hours({ requests: 4000 }),
  signals: [],
  ...different,
});
const reasonsOf = (different: Partial<Evidence>): string[] => judge(evidence(different)).reasons;
const against = (fresh: Partial<PeriodCounts>, old: Partial<PeriodCounts> = {}): Partial<Evidence> => ({
  series: { blue: periods(28, { requests: 3000, ...old }), green: periods(28, fresh) },
});

describe('a version that is worse', () => {
  test('is told of by its own share, the old one’s, and how many times as many that is', () => {
    const before = hours({ requests: 4000, errors: 4 });
    const [reason] = reasonsOf({ ...against({ errors: 9 }, { errors: 3 }), before });
    expect(reason).toMatch(
      /^release-b in green is worse than the old version: 0\.9 % of its requests answered with a 5xx \(234 of 26,000 requests\), old version 0\.1 % \(78 of 78,000 requests\), 9 times as much, at least [\d.]+ times with 99 % confidence; evidence over a million to 1 \(limit 100 to 1\), errors counted in bursts of 1$/,
    );
  });

  test('is not said to be so many times as bad as one that never fails', () => {
    const [reason] = reasonsOf({ ...against({ errors: 9 }), before: hours({ requests: 4000 }) });
    expect(reason).toMatch(/old version 0 % \(0 of 78,000 requests\), at least [\d.,]+ times with 99 % confidence;/);
    expect(reason).toContain('in bursts of 3');
  });

  test('is told of as beside what the old one did before, where that has no requests any more', () => {
    const alone = { step: 4, since: start, series: { blue: [], green: periods(28, { errors: 9 }) } };
    const [reason] = reasonsOf({ ...alone, before: hours({ requests: 4000, errors: 4 }) });
    expect(reason).toMatch(
      /old version 0 % \(0 of 0 requests\), judged by what the old version did before the rollout; evidence/,
    );
    // Before it has all the traffic it is not.
    expect(judge(evidence({ ...alone, step: 3 })).action).not.toBe('rollback');
  });

  test('is told of by the answers’ times, each version by its own', () => {
    const timed = plan({ times: [0.1, 0.4] });
    const [reason] = reasonsOf({ plan: timed, ...against({ slow: [500, 400] }, { slow: [1500, 30] }) });
    expect(reason).toContain(
      'answered in over 440 ms (10,400 of 26,000 requests), old version 1 % in over 400 ms (780 of 78,000 requests), 40 times as much',
    );
  });

  test('is plainly broken by refused connections, too, with the old version’s beside them', () => {
    const [reason] = reasonsOf(against({ errors: 300, connectionErrors: 300 }, { errors: 1, connectionErrors: 2 }));
    expect(reason).toBe(
      'release-b in green failed 600 of 1,000 requests at 2026-01-05 09:00:00 UTC, the old version 3 of 3,000 requests',
    );
  });

  test('makes a person decide where the service says so, who is asked as rarely as can be', () => {
    const asking = plan({}, service({ checks: { decisions: { worse: 'pause' } } }));
    const worse = { plan: asking, ...against({ errors: 300 }) };
    expect(judge(evidence(worse))).toMatchObject({ verdict: 'fail', action: 'pause', again: longestLook });
    const by = (at: number) => ({
      ...worse,
      signals: [{ kind: 'approve' as const, by: 'ann', at, kinds: ['errors', 'broken', 'limit'] }],
    });
    expect(judge(evidence(by(start + 20 * minute))).action).toBe('advance');
    expect(judge(evidence(by(start + 20 * minute - 1))).action).toBe('pause');
    expect(judge(evidence(by(start + 20 * minute))).reasons.at(-1)).toBe('approved by ann');
    expect(judge(evidence(by(start + 20 * minute))).reasons[0]).toContain('is worse than the old version');
  });
});

describe('an absolute limit', () => {
  const uncompared = service({ checks: { comparison: null } });
  test('is shown with the comparison’s confidence, and with 99 % where there is no comparison', () => {
    const rare = service({ checks: { comparison: { falseAlarms: '0.1%', burst: 7 } } });
    expect(limitOf(evidence({ plan: plan({}, rare) })).needed).toBeCloseTo(1000);
    expect(limitOf(evidence({ plan: plan({}, uncompared) })).needed).toBeCloseTo(100);
    expect(limitOf(evidence()).needed).toBeCloseTo(100);
  });

  test('reads both kinds of errors as before unless the service says how they come', () => {
    const burst = (before: PeriodCounts[], of = service()) =>
      limitOf(evidence({ plan: plan({}, of), before, ...against({ errors: 15 }) })).evidence;
    const steady = hours({ requests: 4000, errors: 4 });
    const uneven = steady.map((one, index) => ({ ...one, errors: 0, connectionErrors: index % 9 === 0 ? 90 : 0 }));
    expect(burst(uneven)).toBeLessThan(burst(steady));
    expect(burst(uneven, uncompared)).toBeLessThan(burst(steady, uncompared));
    expect(burst(uneven, service({ checks: { comparison: { burst: 1 } } }))).toBeCloseTo(burst(steady));
  });
});

describe('a version that is compared', () => {
  const open = evidence({ now: start + 22 * minute });

  test('is said not to be seen worse while it bakes, and not before there was a minute to compare', () => {
    expect(judge(open).reasons[1]).toBe('no evidence that it is worse: 1 to 1, 100 to 1 rolls it back');
    const fresh = { ...open, series: { blue: periods(2, {}), green: periods(2, {}) } };
    expect(judge(fresh).reasons.join()).not.toContain('no evidence');
  });

  test('is not where nobody wants that or there is nothing to compare with', () => {
    const uncompared = plan({}, service({ checks: { comparison: null } }));
    const first = plan({ old: { slot: 'blue', kind: 'none', release: null, count: 0 } });
    for (const one of [uncompared, first]) expect(comparisonOf({ ...open, plan: one })).toBeNull();
    expect(comparisonOf(open)).not.toBeNull();
  });

  test('is told to be short of requests where it is, and not at full weight', () => {
    const few = { blue: periods(28, { requests: 3950 }), green: periods(28, { requests: 50 }) };
    const words =
      'the new version gets only 1.25 % of the requests, less than its weight: sessions may stick to the old version, or a rule may be missing';
    expect(judge({ ...open, series: few }).reasons).toContain(words);
    expect(judge({ ...open, series: few, step: 4 }).reasons).not.toContain(words);
    expect(judge(open).reasons.join()).not.toContain('gets only');
    const uncompared = plan({}, service({ checks: { comparison: null } }));
    expect(judge({ ...open, series: few, plan: uncompared }).reasons.join()).not.toContain('gets only');
  });

  test('is told to be short by the minutes of this weight alone', () => {
    const earlier = [...periods(20, { requests: 50 }), ...periods(8, {}, start + 20 * minute)];
    const series = { blue: periods(28, { requests: 3000 }), green: earlier };
    expect(judge({ ...open, series }).reasons.join()).not.toContain('gets only');
  });
});

describe('what nobody can say', () => {
  const watched = plan({}, service({ checks: { alarms: ['checkout-5xx', 'gone'] } }));
  const alarm = { name: 'checkout-5xx', state: 'OK', reason: '', since: start, dataFrom: start } as const;

  test('is each told in a sentence', () => {
    const given = evidence({ plan: watched, alarms: [alarm], unreadable: 'Prometheus does not answer' });
    const twice = { ...given, series: { ...given.series, green: given.series.green.flatMap((one) => [one, one]) } };
    expect(missingEvidence(twice, comparisonOf(twice), 300)).toEqual([
      { kind: 'noMetrics', text: 'Prometheus does not answer' },
      { kind: 'noMetrics', text: 'alarm gone does not exist, so Judge cannot read it' },
      {
        kind: 'noMetrics',
        text: 'periods of the new version are out of order: the metrics contradict each other, so they prove nothing',
      },
    ]);
  });

  test('is nothing where all is there', () => {
    expect(missingEvidence(evidence(), null, 300)).toEqual([]);
    expect(missingEvidence(evidence({ unreadable: null }), null, 300)).toEqual([]);
  });

  test('is not asked of a weight that bakes for nothing', () => {
    const unseen = evidence({ series: { blue: [], green: [] } });
    expect(missingEvidence(unseen, null, 0)).toEqual([]);
    expect(missingEvidence(unseen, null, 1)).toMatchObject([{ kind: 'noTraffic' }]);
    expect(missingEvidence({ ...unseen, unreadable: 'why' }, null, 1)).toEqual([{ kind: 'noMetrics', text: 'why' }]);
  });

  test('derives the new version’s expected requests from the old version’s since this weight', () => {
    const asked = (requests: number) =>
      missingEvidence(evidence({ series: { blue: periods(28, { requests }), green: periods(20, {}) } }), null, 300);
    // Eight minutes at 25 %: a third of what the old one was asked.
    expect(asked(8)).toMatchObject([
      { kind: 'noMetrics', text: expect.stringContaining('21 requests were expected at 25 %') },
    ]);
    expect(asked(7)).toMatchObject([{ kind: 'noTraffic' }]);
  });
});

describe('while it bakes', () => {
  test('a version that nobody has asked yet is said so', () => {
    const series = { blue: periods(28, {}), green: [] };
    expect(reasonsOf({ series, now: start + 21 * minute })[0]).toBe(
      'release-b in green at 25 %: no requests were seen, 2 healthy instances, at least 2 needed, 4 minutes of 5 minutes left',
    );
  });

  test('the share that failed is told with both kinds of errors', () => {
    const [reason] = reasonsOf({
      ...against({ errors: 1, connectionErrors: 1 }, { errors: 6 }),
      now: start + 21 * minute,
    });
    expect(reason).toContain('56 of 28,000 requests failed (0.2 %)');
  });
});

describe('where its bake is over', () => {
  test('what follows at once is asked about at once', () => {
    const strict = plan({}, service({ checks: { decisions: { noTraffic: 'rollback' } } }));
    const unseen = { series: { blue: [], green: [] } };
    expect(judge(evidence({ plan: strict, ...unseen }))).toMatchObject({ action: 'rollback', again: 1 });
  });

  test('alarms that are off are not spoken of', () => {
    const off = { name: 'checkout-5xx', state: 'OK', reason: '', since: start, dataFrom: start } as const;
    const watched = plan({}, service({ checks: { alarms: ['checkout-5xx'] } }));
    expect(judge(evidence({ plan: watched, alarms: [off] })).reasons.join()).not.toContain('alarm');
  });

  test('a service that goes on only where it is sure tells that it is not', () => {
    const sure = plan({}, service({ checks: { decisions: { notSeenWorse: 'pause' } } }));
    const unsure = against({ requests: 10 }, { requests: 30 });
    expect(judge(evidence({ plan: sure, ...unsure }))).toMatchObject({
      verdict: 'inconclusive',
      action: 'pause',
      again: longestLook,
      reasons: expect.arrayContaining([
        'it has not been shown to be harmless either, which this service requires before it advances',
      ]),
    });
    expect(judge(evidence({ plan: sure })).action).toBe('advance');
    // At full weight there is nothing to be shown beside.
    expect(judge(evidence({ plan: sure, step: 4, now: start + 60 * minute })).action).toBe('pause');
  });

  test('an open question outweighs that it was shown to be harmless', () => {
    const sure = plan({ steps: [{ weight: 50, bake: 3600, atLeast: 60 }] }, service({ checks: { alarms: ['gone'] } }));
    expect(judge(evidence({ plan: sure, step: 1, now: start + 30 * minute })).action).toBe('wait');
  });

  test('a plan that has no such step does not bake', () => {
    expect(judge(evidence({ step: 9 })).action).toBe('advance');
  });
});

describe('from when on an answer is slow', () => {
  const of = (times: number[], slower: { ratio: number; plus: number } | null = { ratio: 1.1, plus: 0.01 }): Plan =>
    plan({ times }, service({ checks: { comparison: { slower } } }));

  test('follows the old version’s times, by a share or by so much, whichever is more', () => {
    expect(thresholdsOf(of([0.01, 1]))).toEqual([
      { old: 0.01, fresh: expect.closeTo(0.02) },
      { old: 1, fresh: expect.closeTo(1.1) },
    ]);
  });

  test('is not asked where nobody measured, or nobody wants it', () => {
    expect(thresholdsOf(of([]))).toEqual([]);
    expect(thresholdsOf(of([0.1], null))).toEqual([]);
    const { times: _, ...unmeasured } = of([]);
    expect(thresholdsOf(unmeasured)).toEqual([]);
    expect(thresholdsOf(plan({ times: [0.1] }, service({ checks: { comparison: null } })))).toEqual([]);
  });
});
