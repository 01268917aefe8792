/** What each system does by its own documents, and what Cutover does by its defaults: the same counts for all, minute by minute. */
import { compare } from '../../core/analysis/compare.ts';
import type { Evidence } from '../../core/analysis/evidence.ts';
import { limitEvidence } from '../../core/analysis/limit.ts';
import type { PeriodCounts } from '../../core/analysis/samples.ts';
import { judge } from '../../core/analysis/verdict.ts';
import { allOn } from '../../core/basics/slot.ts';
import { planOf } from '../../core/plan/planning.ts';
import { firstRow } from '../../core/protocol/row.ts';
import { serviceOf } from '../../test/build.ts';
import { isHigh } from './mann-whitney.ts';
import { type Count, thresholds } from './world.ts';

/** What a policy knows when it decides. Minutes are indexed from the first traffic on; what is not published yet is not there. */
export interface Look {
  /** Minutes since the first traffic. */
  now: number;
  fresh: readonly Count[];
  old: readonly Count[];
  before: readonly Count[];
}

/** A weight in percent, or what ends it. */
export type Decision = number | 'back' | 'live';

export interface Policy {
  name: string;
  settings: string;
  source: string;
  /** Minutes until a finished minute's figures are there. */
  lag: number;
  /** Both versions answer as one fleet, and no figure is of one alone. */
  blended?: boolean;
  /** Minutes until a rollback has all traffic on the old version. */
  backTakes: number;
  begin: () => (look: Look) => Decision;
  /** As it is asked when its first weight lasts for a day: in how many minutes it says no, or null. */
  overADay: (look: Look) => boolean;
}

const rate = (counts: readonly Count[]): number => {
  const requests = counts.reduce((sum, one) => sum + one.requests, 0);
  return requests === 0 ? 0 : counts.reduce((sum, one) => sum + one.errors, 0) / requests;
};

/** An alarm of more than 1 % in one minute, which is what the documents' examples set. */
const alarms = (counts: readonly Count[]): boolean => counts.some((one) => rate([one]) > 0.01);

/** Weights with the minute from which on each holds, and the minute in which it is over. */
const scheduled =
  (steps: readonly (readonly [from: number, weight: number])[], end: number, isBad: (look: Look) => boolean) =>
  () =>
  (look: Look): Decision => {
    if (isBad(look)) return 'back';
    if (look.now >= end) return 'live';
    return steps.findLast(([from]) => look.now >= from)?.[1] ?? 0;
  };

const linearSteps = Array.from({ length: 10 }, (_, index) => [6 * index, 10 * (index + 1)] as const);

/** Argo's background analysis, every five minutes over the last five: fails on the fourth measurement under 95 %. */
const argoFails = ({ now, fresh }: Look): boolean => {
  let failures = 0;
  for (let at = 5; at <= now; at += 5) if (rate(fresh.slice(at - 5, at)) > 0.05) failures++;
  return failures > 3;
};

/** Flagger's two built-in checks, each minute: 99 % of requests succeed, 99 of 100 answers take half a second at most. */
const flaggerFails =
  (threshold: number) =>
  ({ fresh }: Look): boolean =>
    fresh.filter((one) => one.requests > 0 && (one.errors / one.requests > 0.01 || one.over500ms > 0.01 * one.requests))
      .length >= threshold;
const flaggerSteps = Array.from({ length: 26 }, (_, index) => [index, index < 25 ? 2 * (index + 1) : 100] as const);

/** Kayenta at each hour of three, on all minutes so far: an error rate or a 99th percentile that is High is a score of 50, under 75. */
const kayentaFails = ({ now, fresh, old }: Pick<Look, 'now' | 'fresh' | 'old'>): boolean => {
  if (now % 60 !== 0 || now === 0 || now > 180) return false;
  const series = (counts: readonly Count[], of: (one: Count) => number) =>
    counts.slice(0, now).map((one) => (one.requests === 0 ? Number.NaN : of(one)));
  const judged = (of: (one: Count) => number) => isHigh(series(old, of), series(fresh, of));
  return judged((one) => one.errors / one.requests) || judged((one) => one.p99);
};

/** An Auto Scaling group at 90 % healthy: a tenth of it at a time, five minutes each, and an hour at 20 and at 50 %. */
const refreshSteps = [
  [0, 10],
  [5, 20],
  [70, 30],
  [75, 40],
  [80, 50],
  [145, 60],
  [150, 70],
  [155, 80],
  [160, 90],
  [165, 100],
] as const;

const service = serviceOf();
const period = 60_000;
const start = 0;
const { comparison, errorRate } = service.checks;
const plan = planOf({
  service,
  publication: { release: 'b', image: { reference: 'b', label: 'b' }, attempt: 1, order: 0, asked: false, by: 'bench' },
  row: firstRow(service.name, allOn('blue'), start),
  observed: { ours: service.fleet.count, foreign: 0 },
  template: null,
  limits: null,
  alarmsOn: [],
  times: thresholds,
  now: start,
});
const health = { healthy: 4, needed: 1 };

const periodsOf = (counts: readonly Count[], from: number, of: 'slow' | 'slower'): PeriodCounts[] =>
  counts.flatMap((one, minute) =>
    one.requests === 0
      ? []
      : [
          {
            at: start + (from + minute) * period,
            requests: one.requests,
            errors: one.errors,
            connectionErrors: 0,
            slow: one[of],
          },
        ],
  );

/** The defaults, by the functions that judge real rollouts. */
const cutover = (): ((look: Look) => Decision) => {
  let [step, since] = [1, start];
  return ({ now, fresh, old, before }) => {
    const evidence: Evidence = {
      plan,
      step,
      now: start + now * period,
      since,
      health: { blue: health, green: health },
      alarms: [],
      series: { blue: periodsOf(old, 0, 'slow'), green: periodsOf(fresh, 0, 'slower') },
      before: periodsOf(before, -before.length, 'slow'),
      signals: [],
    };
    const { action } = judge(evidence);
    if (action === 'rollback') return 'back';
    if (action === 'advance') {
      if (step === plan.steps.length) return 'live';
      step++;
      since = evidence.now;
    }
    return plan.steps[step - 1]?.weight ?? 100;
  };
};

/** As the defaults judge it, once at the end: what has failed once is failed. */
const cutoverFails = ({ fresh, old, before }: Look): boolean => {
  if (comparison === null) return false;
  const series = periodsOf(fresh, 0, 'slower');
  const compared = compare(
    {
      fresh: series,
      old: periodsOf(old, 0, 'slow'),
      before: periodsOf(before, -before.length, 'slow'),
      thresholds: thresholds.map((one) => ({ old: one, fresh: one * 1.1 })),
    },
    comparison,
  );
  const limit = limitEvidence(series, errorRate.atMost, {
    burst: compared.burst,
    falseAlarms: comparison.falseAlarms,
    old: periodsOf(old, 0, 'slow'),
    before: periodsOf(before, -before.length, 'slow'),
  });
  return compared.failedAt !== null || compared.broken !== null || limit.exceeds;
};

const freshAlarms = ({ fresh }: Look): boolean => alarms(fresh);

export const policies: Policy[] = [
  {
    name: 'Cutover',
    settings: 'defaults: 5, 25, 50 % for 5 minutes each, 100 % for 15',
    source: 'core/config/schema.ts',
    lag: 2,
    backTakes: 0,
    begin: cutover,
    overADay: cutoverFails,
  },
  {
    name: 'ECS canary',
    settings: '5 % for 10 minutes, then 100 %, baked for 10; alarm on more than 1 % in a minute',
    source: 'API_CanaryConfiguration: 5 % and 10 minutes are the defaults',
    lag: 1,
    backTakes: 0,
    begin: scheduled(
      [
        [0, 5],
        [10, 100],
      ],
      20,
      freshAlarms,
    ),
    overADay: freshAlarms,
  },
  {
    name: 'ECS linear',
    settings: '10 % more every 6 minutes; the same alarm',
    source: 'API_LinearConfiguration: 10 % and 6 minutes are the defaults',
    lag: 1,
    backTakes: 0,
    begin: scheduled(linearSteps, 64, freshAlarms),
    overADay: freshAlarms,
  },
  {
    name: 'Argo Rollouts',
    settings: '20, 40, 60, 80 % for 10 minutes each; success rate of at least 95 % every 5 minutes, failureLimit 3',
    source: 'argo-rollouts docs/features/analysis.md',
    lag: 1,
    backTakes: 0,
    begin: scheduled(
      [
        [0, 20],
        [10, 40],
        [20, 60],
        [30, 80],
        [40, 100],
      ],
      41,
      argoFails,
    ),
    overADay: argoFails,
  },
  {
    name: 'Flagger',
    settings:
      'interval 1 minute, stepWeight 2, maxWeight 50, threshold 1 (the default); 99 % succeed, 99 % within 500 ms',
    source: 'flagger pkg/apis/flagger/v1beta1/canary.go, docs/gitbook/usage/deployment-strategies.md',
    lag: 1,
    backTakes: 0,
    begin: scheduled(flaggerSteps, 26, flaggerFails(1)),
    overADay: flaggerFails(1),
  },
  {
    name: 'Flagger, example',
    settings: 'the same with threshold 10',
    source: 'flagger docs/gitbook/usage/deployment-strategies.md',
    lag: 1,
    backTakes: 0,
    begin: scheduled(flaggerSteps, 26, flaggerFails(10)),
    overADay: flaggerFails(10),
  },
  {
    name: 'Kayenta',
    settings: '10 % for 3 hours, judged every hour: Mann–Whitney at 98 %, tolerance 0.25, pass 95, marginal 75',
    source: 'kayenta NetflixACAJudge.scala:146; spinnaker.io canary best practices',
    lag: 1,
    backTakes: 0,
    begin: scheduled([[0, 10]], 181, kayentaFails),
    // Eight canaries, one after the other.
    overADay: ({ fresh, old }) =>
      Array.from({ length: 24 }, (_, hour) => hour).some((hour) => {
        const from = 180 * Math.floor(hour / 3);
        const now = 60 * (1 + (hour % 3));
        return kayentaFails({ now, fresh: fresh.slice(from, from + now), old: old.slice(from, from + now) });
      }),
  },
  {
    name: 'CodeDeploy',
    settings: 'all at once, the old fleet kept for an hour; the same alarm',
    source: 'CodeDeploy predefined configurations; terminationWaitTime is the user’s',
    lag: 1,
    backTakes: 0,
    begin: scheduled([[0, 100]], 60, freshAlarms),
    overADay: freshAlarms,
  },
  {
    name: 'Instance Refresh',
    settings:
      '90 % healthy, checkpoints at 20 and 50 % of an hour each (the default delay), rollback on the same alarm of the group',
    source: 'understand-instance-refresh-default-values.html',
    lag: 1,
    blended: true,
    backTakes: 15,
    begin: scheduled(refreshSteps, 170, freshAlarms),
    overADay: freshAlarms,
  },
];
