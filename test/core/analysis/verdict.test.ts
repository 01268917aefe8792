/** Verdicts: which evidence weighs what, in which words, and what follows. */
import { describe, expect, test } from 'vitest';
import { type Alarm, alarmCounts, type Evidence } from '../../../core/analysis/evidence.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import { judge } from '../../../core/analysis/verdict.ts';
import type { Decisions } from '../../../core/config/service.ts';
import { canary } from '../../../core/index.ts';
import { lookEvery } from '../../../core/plan/bake.ts';
import type { Plan } from '../../../core/plan/plan.ts';
import { minute, plan, service, start } from '../build.ts';

const alarmed = plan({}, service({ checks: { alarms: ['checkout-5xx'] } }));

const period = (requests: number, errors = 0, connectionErrors = 0, at = start + 10 * minute): PeriodCounts => ({
  at,
  requests,
  errors,
  connectionErrors,
});

/** Step 1, at 5 %, a minute into its bake of five; two of two healthy, 1,000 requests without an error. */
const evidence = (different: Partial<Evidence> = {}): Evidence => ({
  plan: plan(),
  step: 1,
  now: start + 11 * minute,
  since: start + 10 * minute,
  health: { blue: { healthy: 4, needed: 4 }, green: { healthy: 2, needed: 2 } },
  alarms: [],
  series: { blue: [period(19_000)], green: [period(1000)] },
  before: [],
  signals: [],
  ...different,
});

const over = { now: start + 15 * minute };

const alarm = (different: Partial<Alarm> = {}): Alarm => ({
  name: 'checkout-5xx',
  state: 'ALARM',
  reason: 'Threshold Crossed: 3 datapoints were greater than 10',
  since: start + 10 * minute,
  dataFrom: start + 8 * minute,
  ...different,
});

describe('without evidence against it', () => {
  test('a version is waited for while it bakes', () => {
    expect(judge(evidence())).toEqual({
      verdict: 'continue',
      action: 'wait',
      reasons: [
        'release-b in green at 5 %: 0 of 1,000 requests failed (0 %), 2 healthy instances, at least 2 needed, 4 minutes of 5 minutes left',
      ],
      again: 60,
      asks: [],
      requests: 1000,
      errors: 0,
      trace: [],
    });
  });

  test.each([
    ['a look short of the end comes at the end', start + 15 * minute - 10_000, 10],
    ['a moment short of it, a second later', start + 15 * minute - 1, 1],
    ['a clock behind the row does not make it long', start + 9 * minute, 60],
  ])('%s', (_, now, again) => {
    expect(judge(evidence({ now }))).toMatchObject({ verdict: 'continue', again });
  });

  test('a version that has baked advances', () => {
    expect(judge(evidence(over))).toEqual({
      verdict: 'pass',
      action: 'advance',
      reasons: [
        'release-b in green at 5 %: 0 of 1,000 requests failed (0 %), 2 healthy instances, at least 2 needed, baked for 5 minutes',
      ],
      again: 1,
      asks: [],
      requests: 1000,
      errors: 0,
      trace: [],
    });
  });

  test('a step without a bake advances at once', () => {
    const atOnce = plan({ steps: [{ weight: 100, bake: 0 }] });
    expect(judge(evidence({ plan: atOnce, now: start, since: start })).action).toBe('advance');
  });

  test('a few errors are none', () => {
    expect(judge(evidence({ ...over, series: { blue: [], green: [period(1000, 12)] } })).verdict).toBe('pass');
    expect(judge(evidence({ series: { blue: [], green: [period(4, 2)] } })).verdict).toBe('continue');
  });
});

describe('a version is rolled back', () => {
  test('when more requests fail than the limit allows', () => {
    const green = [period(180, 14), period(120, 10, 0, start + minute)];
    expect(judge(evidence({ series: { blue: [], green } }))).toEqual({
      verdict: 'fail',
      action: 'rollback',
      reasons: [
        'release-b in green failed 24 of 300 requests (8 %), at most 1 % is allowed; evidence 687 to 1 (limit 100 to 1)',
      ],
      again: 1,
      asks: [],
      requests: 300,
      errors: 24,
      trace: [],
    });
  });

  test('when it refuses connections, which no 5xx count has', () => {
    expect(judge(evidence({ series: { blue: [], green: [period(300, 0, 24)] } })).verdict).toBe('fail');
  });

  test('when fewer targets are healthy than its weight needs', () => {
    const health = { blue: { healthy: 4, needed: 4 }, green: { healthy: 1, needed: 2 } };
    expect(judge(evidence({ health }))).toMatchObject({
      action: 'rollback',
      reasons: ['release-b in green has 1 healthy target, 5 % of the traffic needs 2'],
    });
  });

  test('when an alarm goes on', () => {
    expect(judge(evidence({ plan: alarmed, alarms: [alarm()] }))).toMatchObject({
      action: 'rollback',
      reasons: [
        'alarm checkout-5xx is on since 2026-01-05 09:10:00 UTC: Threshold Crossed: 3 datapoints were greater than 10',
      ],
    });
  });

  test('when a person rejects it', () => {
    expect(judge(evidence({ signals: [{ kind: 'reject', by: 'ann', at: start + 10 * minute }] }))).toMatchObject({
      action: 'rollback',
      reasons: ['rejected by ann at 2026-01-05 09:10:00 UTC'],
    });
  });

  test('when it is worse than the old version, within all limits', () => {
    const at = (count: number, requests: number, errors: number) =>
      Array.from({ length: count }, (_, index) => period(requests, errors, 0, start + index * minute));
    const series = { blue: at(30, 9000, 9), green: at(30, 1000, 8) };
    const before = at(180, 9000, 9).map((one) => ({ ...one, at: one.at - 180 * minute }));
    const { action, reasons, errors } = judge(evidence({ series, before }));
    expect([action, errors]).toEqual(['rollback', 240]);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^release-b in green is worse than the old version: 0\.8 % of its requests answered with a 5xx \(224 of 28,000 requests\), old version 0\.1 % \(252 of 252,000 requests\), 8 times as much, at least [\d.]+ times with 99 % confidence; evidence .+ to 1 \(limit 100 to 1\), errors counted in bursts of 1$/,
      ),
    ]);
    expect(judge(evidence({ series: { ...series, green: at(30, 1000, 1) }, before })).action).toBe('wait');
  });

  test('when it is plainly broken, at once', () => {
    const series = { blue: [period(9000)], green: [period(1000, 600)] };
    expect(judge(evidence({ series })).reasons[0]).toBe(
      'release-b in green failed 600 of 1,000 requests at 2026-01-05 09:10:00 UTC, the old version 0 of 9,000 requests',
    );
  });

  test('for every reason there is, even at the end of its bake', () => {
    const all = judge(
      evidence({
        ...over,
        plan: alarmed,
        health: { blue: { healthy: 4, needed: 4 }, green: { healthy: 0, needed: 2 } },
        alarms: [alarm()],
        series: { blue: [], green: [period(30, 30)] },
        signals: [{ kind: 'reject', by: 'ann', at: start }],
      }),
    );
    expect([all.action, all.reasons.length]).toEqual(['rollback', 4]);
  });
});

describe('an alarm', () => {
  const admittedWithIt: Plan = { ...alarmed, alarmsOn: ['checkout-5xx'] };
  test.each([
    ['whose data lies inside the rollout counts', alarmed, {}, true],
    ['whose data began before admission does not', alarmed, { dataFrom: start - 1 }, false],
    ['that is off does not', alarmed, { state: 'OK' }, false],
    ['that has no data does not', alarmed, { state: 'INSUFFICIENT_DATA' }, false],
    [
      'on at admission and ever since does not',
      admittedWithIt,
      { since: start - minute, dataFrom: start + minute },
      false,
    ],
    [
      'on at admission and off for less than a period does not',
      admittedWithIt,
      { since: start + 5 * minute, dataFrom: start, okFor: minute - 1 },
      false,
    ],
    [
      'on at admission, off for a period and on again counts',
      admittedWithIt,
      { since: start + 5 * minute, dataFrom: start, okFor: minute },
      true,
    ],
  ] as const)('%s', (_, given, different, expected) => {
    expect(alarmCounts(alarm(different), given)).toBe(expected);
  });

  test('from before the rollout is mentioned and does not hold up the fix', () => {
    const { action, reasons } = judge(
      evidence({ ...over, plan: admittedWithIt, alarms: [alarm({ since: start - minute })] }),
    );
    expect([action, reasons[1]]).toEqual([
      'advance',
      'alarm checkout-5xx has been on since before this rollout, so it is muted',
    ]);
  });

  test('that nobody can read makes a person decide once the bake is over', () => {
    expect(judge(evidence({ plan: alarmed })).action).toBe('wait');
    expect(judge(evidence({ plan: alarmed, ...over }))).toMatchObject({
      verdict: 'inconclusive',
      action: 'pause',
      again: 900,
      reasons: [expect.stringContaining('alarm checkout-5xx does not exist'), expect.any(String)],
    });
  });

  test('that nobody can read is outweighed by an approval of this step, not by an earlier one', () => {
    const approvedAt = (at: number) =>
      judge(evidence({ plan: alarmed, ...over, signals: [{ kind: 'approve', by: 'ann', at, kinds: ['noMetrics'] }] }));
    expect(approvedAt(start + 9 * minute).action).toBe('pause');
    expect(approvedAt(start + 14 * minute)).toMatchObject({
      action: 'advance',
      reasons: [expect.any(String), 'approved by ann'],
    });
  });
});

describe('evidence that it is not harmful', () => {
  const many = (requests: number) =>
    Array.from({ length: 40 }, (_, index) => period(requests, 0, 0, start + index * minute));
  const steps = [
    { weight: 50, bake: 3600, atLeast: 600 },
    { weight: 100, bake: 900 },
  ];
  const series = { blue: many(1000), green: many(1000) };
  const at = (minutes: number, different: Partial<Evidence> = {}) =>
    judge(evidence({ plan: plan({ steps }), series, now: start + (10 + minutes) * minute, ...different }));

  test('ends a bake that may be ended, not before it has lasted as long as it must', () => {
    expect(at(9).action).toBe('wait');
    expect(at(10)).toMatchObject({
      action: 'advance',
      reasons: [expect.any(String), 'shown to be harmless: the bake ends early'],
    });
  });

  test('ends no other', () => {
    const fixed = plan({
      steps: [
        { weight: 50, bake: 3600 },
        { weight: 100, bake: 900 },
      ],
    });
    expect(at(30, { plan: fixed })).toMatchObject({
      action: 'wait',
      reasons: [expect.any(String), expect.stringMatching(/^no evidence that it is worse: 1 to 1/)],
    });
  });

  test('ends none while an alarm cannot be read', () => {
    const watched = plan({ steps }, service({ checks: { alarms: ['gone'] } }));
    expect(at(10, { plan: watched }).action).toBe('wait');
    expect(at(60, { plan: watched }).action).toBe('pause');
  });

  test('is none where metrics contradict each other, and then a person decides', () => {
    const twice = { ...series, green: series.green.flatMap((one) => [one, one]) };
    expect(at(10, { series: twice }).action).toBe('wait');
    expect(at(60, { series: twice })).toMatchObject({
      action: 'pause',
      reasons: [expect.stringContaining('out of order: the metrics contradict'), ...Array(2).fill(expect.any(String))],
    });
  });

  test('is not looked for where nobody wants a comparison, or there is nothing to compare with', () => {
    const without = plan({ steps }, service({ checks: { comparison: null } }));
    const first = plan({ steps, old: { slot: 'blue', kind: 'none', release: null, count: 0 } });
    for (const one of [without, first]) expect(at(10, { plan: one }).reasons).toHaveLength(1);
  });
});

describe('a short bake', () => {
  const short = (bake: number, different: Partial<Evidence> = {}) =>
    judge(evidence({ plan: plan({}, service({ strategy: canary([5], { bake }) })), ...different }));

  test('lasts until a whole period of it has settled', () => {
    const at = (seconds: number) => short(30, { now: start + 10 * minute + seconds * 1000 });
    expect([at(30).action, at(239).action, at(240).action]).toEqual(['wait', 'wait', 'advance']);
    expect(at(60).reasons[0]).toContain('3 minutes of 4 minutes left');
  });

  test('of nothing stays nothing', () => {
    expect(short(0, { now: start + 10 * minute }).action).toBe('advance');
  });
});

describe('a long bake', () => {
  const day = 86_400;
  const week = 7 * day;
  test.each([
    ['a day is looked at 500 times', canary([], { keepOldFor: day }), 173],
    ['a week, every quarter of an hour', canary([], { keepOldFor: week }), 900],
    ['a day in a rollout of four steps, an equal share', canary([5, 25, 50], { bake: day }), 692],
    ['minutes before a week, every period', canary([5, 25, 50], { bake: 300, keepOldFor: week }), 60],
  ])('%s', (_, strategy, again) => {
    const long = plan({}, service({ strategy }));
    expect(judge(evidence({ plan: long }))).toMatchObject({ action: 'wait', again });
  });

  test('is not looked at more often than there are new metrics', () => {
    const slow = plan({}, service({ strategy: canary([5], { bake: day }), timing: { period: '20 minutes' } }));
    expect(judge(evidence({ plan: slow })).again).toBe(1200);
  });

  test.each([
    ['two weeks at 100 %', canary([], { keepOldFor: 2 * week })],
    ['ten steps of a day', canary([10, 20, 30, 40, 50, 60, 70, 80, 90], { bake: day, keepOldFor: day })],
    ['hours at three weights and days after', canary([5, 25, 50], { bake: 37_500, keepOldFor: 2 * week - 112_500 })],
  ])('leaves room in the history: %s', (_, strategy) => {
    const long = plan({}, service({ strategy }));
    const looks = long.steps.map(({ bake }) => bake / lookEvery(long, bake)).reduce((sum, count) => sum + count);
    expect(looks * 13).toBeLessThan(24_000);
  });
});

describe('a version without metrics', () => {
  const since = start + 10 * minute;
  /** The new version was seen before this weight, and the old one answered so many requests since. */
  const unseen = (others: number, different: Partial<Evidence> = {}) =>
    judge(
      evidence({
        ...over,
        series: { blue: [period(others, 0, 0, since)], green: [period(600, 0, 0, start)] },
        ...different,
      }),
    );

  test('makes a person decide where its share would have been 20 requests or more', () => {
    expect(unseen(19_000)).toMatchObject({
      verdict: 'inconclusive',
      again: 900,
      reasons: ['no metrics of the new version: 1,000 requests were expected at 5 %', expect.any(String)],
    });
    expect(unseen(380).reasons[0]).toContain('no metrics');
    expect(unseen(379).reasons[0]).toBe('no traffic: release-b in green got no request at 5 %');
  });

  test('is waited for while it bakes', () => {
    expect(unseen(19_000, { now: start + 11 * minute }).action).toBe('wait');
  });

  test('advances where a single period of it is there, or a person has approved since', () => {
    const series = { blue: [period(19_000, 0, 0, since)], green: [period(1, 0, 0, since)] };
    expect(unseen(0, { series }).action).toBe('advance');
    expect(unseen(19_000, { signals: [{ kind: 'approve', by: 'ann', at: since, kinds: ['noMetrics'] }] }).action).toBe(
      'advance',
    );
  });

  test.each([
    [
      'the old one’s requests are from before this weight',
      { series: { blue: [period(19_000, 0, 0, start)], green: [] } },
    ],
    ['all traffic is its own', { plan: plan({ steps: [{ weight: 100, bake: 300 }] }) }],
  ])('has no traffic where %s, and a person decides', (_, different) => {
    expect(unseen(0, different)).toMatchObject({
      action: 'pause',
      reasons: [expect.stringMatching(/^no traffic/), ...Array(1).fill(expect.any(String))],
    });
  });

  test('advances where it is the first one, or nobody wants evidence', () => {
    const first = plan({ old: { slot: 'blue', kind: 'none', release: null, count: 0 } });
    expect(unseen(0, { plan: first }).action).toBe('advance');
    expect(unseen(0, { plan: plan({ steps: [{ weight: 100, bake: 0 }] }) }).action).toBe('advance');
  });

  test('cannot be read, and says why', () => {
    const reason = 'Prometheus at http://prometheus:9090 does not answer';
    const given = { series: { blue: [], green: [] }, unreadable: reason };
    expect(unseen(0, given)).toMatchObject({
      verdict: 'inconclusive',
      action: 'pause',
      reasons: [reason, expect.any(String)],
    });
    expect(unseen(0, { ...given, now: start + 11 * minute }).action).toBe('wait');
  });
});

describe('what follows is the service’s to say', () => {
  const decided = (decisions: Partial<Decisions>, different: Partial<Evidence> = {}) =>
    judge(evidence({ ...over, plan: plan({}, service({ checks: { decisions } })), ...different }));
  const bad = { series: { blue: [period(19_000)], green: [period(1000, 500)] } };
  const quiet = { series: { blue: [], green: [] } };
  const lost = { series: { blue: [period(19_000)], green: [] } };
  const approvedOf = (kinds?: string[]) => ({
    signals: [{ kind: 'approve' as const, by: 'ann', at: start + 12 * minute, ...(kinds && { kinds }) }],
  });

  test.each<[string, Partial<Decisions>, Partial<Evidence>, string]>([
    ['a version that is worse', {}, bad, 'rollback'],
    ['a version that is worse', { worse: 'pause' }, bad, 'pause'],
    ['no traffic', {}, quiet, 'pause'],
    ['no traffic', { noTraffic: 'advance' }, quiet, 'advance'],
    ['no traffic', { noTraffic: 'rollback' }, quiet, 'rollback'],
    ['no metrics', {}, lost, 'pause'],
    ['no metrics', { noMetrics: 'advance' }, lost, 'advance'],
    ['no metrics', { noMetrics: 'rollback' }, lost, 'rollback'],
    ['one not seen worse', {}, {}, 'advance'],
    ['one not seen worse', { notSeenWorse: 'pause' }, {}, 'pause'],
    ['one not seen worse', { notSeenWorse: 'rollback' }, {}, 'rollback'],
  ])('%s: %j', (_, decisions, different, action) => {
    expect(decided(decisions, different).action).toBe(action);
  });

  test('what is left to a person is a person’s', () => {
    for (const [decisions, different, asks] of [
      [{ worse: 'pause' }, bad, ['broken', 'limit']],
      [{}, quiet, ['noTraffic']],
      [{}, lost, ['noMetrics']],
      [{ notSeenWorse: 'pause' }, {}, ['notSeenWorse']],
    ] as [Partial<Decisions>, Partial<Evidence>, string[]][]) {
      expect(decided(decisions, different)).toMatchObject({ action: 'pause', asks });
      expect(decided(decisions, { ...different, ...approvedOf(asks) })).toMatchObject({
        verdict: 'pass',
        action: 'advance',
        asks: [],
      });
      for (const others of [undefined, [], ['approval'], ['another']])
        expect(decided(decisions, { ...different, ...approvedOf(others) }).action).toBe('pause');
    }
    expect(decided({}, { ...bad, ...approvedOf(['broken', 'limit']) }).action).toBe('rollback');
  });

  test('a finding of another kind than the approved one is asked about, and that one alone', () => {
    const asked = decided({ worse: 'pause' }, { ...bad, ...approvedOf(['limit']) });
    expect(asked).toMatchObject({ action: 'pause', asks: ['broken'] });
  });

  test('an approval of no traffic says nothing about errors that come later', () => {
    const approved = approvedOf(['noTraffic', 'noMetrics']);
    expect(decided({ worse: 'pause' }, { ...bad, ...approved }).action).toBe('pause');
  });

  test('an approval of an earlier weight does not count', () => {
    const [signal] = approvedOf(['noTraffic']).signals;
    expect(decided({}, { ...quiet, signals: [{ ...signal, kind: 'approve', by: 'ann', at: start }] }).action).toBe(
      'pause',
    );
  });

  test('a person’s word does not outweigh an alarm, nor that its targets are unhealthy', () => {
    const sick = { blue: { healthy: 4, needed: 4 }, green: { healthy: 0, needed: 2 } };
    expect(decided({ worse: 'pause' }, { ...bad, ...approvedOf(['broken', 'limit']), health: sick }).action).toBe(
      'rollback',
    );
  });

  test('the strictest of several counts', () => {
    const both = {
      plan: plan(
        {},
        service({ checks: { decisions: { noMetrics: 'rollback', noTraffic: 'advance' }, alarms: ['gone'] } }),
      ),
      ...quiet,
    };
    expect(judge(evidence({ ...over, ...both })).action).toBe('rollback');
  });

  test('a plan from before there was anything to say goes by the defaults', () => {
    const old = plan();
    const { decisions: _, ...checks } = old.configuration.checks;
    const earlier = { ...old, configuration: { ...old.configuration, checks: checks as never } };
    expect(judge(evidence({ ...over, plan: earlier, ...quiet })).action).toBe('pause');
  });
});

describe('an unhealthy live version', () => {
  const sick = { blue: { healthy: 1, needed: 4 }, green: { healthy: 2, needed: 2 } };

  test('is mentioned, and absolute limits decide', () => {
    const { action, reasons } = judge(evidence({ ...over, health: sick }));
    expect([action, reasons[1]]).toEqual([
      'advance',
      'the live version in blue is unhealthy: 1 healthy instance, at least 4 needed; only the absolute limits decide',
    ]);
  });

  test('does not excuse a bad new one', () => {
    const series = { blue: [period(100, 0)], green: [period(100, 50)] };
    expect(judge(evidence({ health: sick, series })).action).toBe('rollback');
  });

  test('that fails as the new one does concludes nothing from the absolute limit', () => {
    const series = { blue: [period(100, 90)], green: [period(100, 50)] };
    expect(judge(evidence({ health: sick, series })).action).toBe('wait');
  });

  test('is none where there is no old fleet', () => {
    const first = plan({ old: { slot: 'blue', kind: 'none', release: null, count: 0 } });
    expect(judge(evidence({ ...over, plan: first, health: sick })).reasons).toHaveLength(1);
  });
});
