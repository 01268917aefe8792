/** What the evidence says about the new version at its present weight, and what is done about it. */
import { burstFactor } from './analysis/burst.ts';
import { type Comparison, compare } from './analysis/compare.ts';
import { type LimitEvidence, limitEvidence } from './analysis/limit.ts';
import type { PeriodCounts } from './analysis/minutes.ts';
import { thresholdsOf } from './analysis/thresholds.ts';
import { effectiveBake, longestLook, lookEvery } from './bake.ts';
import { weightOf } from './capacity.ts';
import { formatDuration } from './duration.ts';
import { count, countOf, formatNumber, formatRate, formatTime } from './format.ts';
import type { Plan, PlanStep } from './plan.ts';
import type { Signal, Slot } from './row.ts';

export type Verdict = 'pass' | 'fail' | 'continue' | 'inconclusive';
export type Action = 'advance' | 'rollback' | 'wait' | 'pause';

/** The one table from verdict to action. */
export const actions = {
  pass: 'advance',
  fail: 'rollback',
  continue: 'wait',
  inconclusive: 'pause',
} as const satisfies Record<Verdict, Action>;

/** One alarm as it is now. `since`: when it entered the state; `dataFrom`: where the data that made it so begins. */
export interface Alarm {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  since: number;
  dataFrom: number;
}

export interface Evidence {
  plan: Plan;
  /** The step in force: 1 is the first weight. */
  step: number;
  now: number;
  /** When that step's weight was decided. */
  since: number;
  /** Healthy targets, and how many the slot's weight needs. */
  health: Record<Slot, { healthy: number; needed: number }>;
  alarms: readonly Alarm[];
  /** Settled periods since the first weight. */
  series: Record<Slot, readonly PeriodCounts[]>;
  /** The old slot's settled periods before the rollout: how errors come. */
  before: readonly PeriodCounts[];
  signals: readonly Signal[];
}

export interface Judgement {
  verdict: Verdict;
  action: Action;
  /** Sentences with their numbers; the first one says it all. At least one. */
  reasons: string[];
  /** Seconds until the next look is worth taking: whole, at least 1. */
  again: number;
  /** What the new version was seen to answer since its first weight, and how much of it failed. */
  requests: number;
  errors: number;
}

/** So many requests that none of them counted is no chance: the new version is unseen, not idle. */
const telling = 20;

/**
 * The verdict. Anything that fails outweighs everything else; then missing evidence, then time. Absolute limits alone decide, whatever
 * the state of the live version: that it is sick is said, and does not hold up the fix.
 */
export const judge = (evidence: Evidence): Judgement => {
  const { plan, step, now, since } = evidence;
  const comparison = comparisonOf(evidence);
  const proof = limitOf(evidence);
  const judgement = (verdict: Verdict, reasons: string[], again: number): Judgement => {
    const { requests, errors } = proof;
    return { verdict, action: actions[verdict], reasons, again: Math.max(1, Math.ceil(again)), requests, errors };
  };

  const failures = [
    ...rejected(evidence),
    ...unhealthy(evidence),
    ...alarming(evidence),
    ...worse(plan, comparison),
    ...erring(plan, proof),
  ];
  if (failures.length > 0) return judgement('fail', failures, 1);

  const { timing } = plan.configuration;
  const planned: PlanStep = plan.steps[step - 1] ?? { weight: 100, bake: 0 };
  const bake = effectiveBake(planned, timing);
  const left = Math.ceil(bake - (now - since) / 1000);
  const unknown = [...unreadable(evidence), ...unseen(evidence), ...contradicting(comparison)];
  const early = left > 0 && isOver(planned.atLeast, evidence) && comparison?.passes === true && unknown.length === 0;
  const seen = [
    progress(evidence, proof, bake, left),
    ...compared(comparison, early),
    ...liveIsSick(evidence),
    ...muted(evidence),
  ];
  if (left > 0 && !early) return judgement('continue', seen, Math.min(left, lookEvery(plan, bake)));

  const approval = evidence.signals.find(({ kind, at }) => kind === 'approve' && at >= since);
  if (unknown.length > 0 && approval === undefined)
    return judgement('inconclusive', [...unknown, ...seen], longestLook);
  return judgement('pass', approval === undefined ? seen : [...seen, `approved by ${approval.by}`], 1);
};

const rejected = ({ signals }: Evidence): string[] =>
  signals.filter(({ kind }) => kind === 'reject').map(({ by, at }) => `rejected by ${by} at ${formatTime(at)}`);

const unhealthy = ({ plan, step, health }: Evidence): string[] => {
  const { healthy, needed } = health[plan.new.slot];
  if (healthy >= needed) return [];
  return [
    `${named(plan)} has ${count(healthy, 'healthy target')}, ${weightOf(plan, step)} % of the traffic needs ${needed}`,
  ];
};

const alarming = ({ plan, alarms }: Evidence): string[] =>
  alarms
    .filter((alarm) => alarmCounts(alarm, plan))
    .map(({ name, since, reason }) => `alarm ${name} is on since ${formatTime(since)}: ${reason}`);

/** Null where there is nothing to compare with, or nobody wants it. */
const comparisonOf = ({ plan, series, before }: Evidence): Comparison | null => {
  const settings = plan.configuration.checks.comparison;
  if (settings == null || plan.old.kind === 'none') return null;
  const { old, new: fresh } = plan;
  const thresholds = thresholdsOf(plan);
  return compare({ fresh: series[fresh.slot], old: series[old.slot], before, thresholds }, settings);
};

/** As rarely wrong as the comparison, and in one of a hundred rollouts where there is none. */
const limitOf = ({ plan, series, before }: Evidence): LimitEvidence => {
  const { errorRate, comparison } = plan.configuration.checks;
  const burst =
    comparison?.burst ?? burstFactor(before.map(({ errors, connectionErrors }) => errors + connectionErrors));
  return limitEvidence(series[plan.new.slot], errorRate.atMost, {
    burst,
    falseAlarms: comparison?.falseAlarms ?? 0.01,
  });
};

const worse = (plan: Plan, comparison: Comparison | null): string[] => {
  if (comparison === null) return [];
  const { broken, fails, culprit, fresh, old, burst, atLeast } = comparison;
  if (broken !== null) {
    const bad = ({ errors, connectionErrors }: PeriodCounts) => errors + connectionErrors;
    return [
      `${named(plan)} failed ${countOf(bad(broken.fresh), broken.fresh.requests, 'request')} at ${formatTime(broken.at)}, the old version ${countOf(bad(broken.old), broken.old.requests, 'request')}`,
    ];
  }
  if (!fails) return [];
  const falseAlarms = 1 / comparison.needed;
  const rate = (side: typeof fresh): number => (side.requests === 0 ? 0 : side.bad / side.requests);
  const times = rate(old) === 0 ? '' : `, ${formatNumber(rate(fresh) / rate(old))} times as many`;
  const sure = `at least ${formatNumber(atLeast ?? 0)} times with ${formatRate(1 - falseAlarms)} confidence`;
  const against = culprit.against === undefined ? '' : ` ${culprit.against}`;
  const of = (side: typeof fresh): string =>
    `${countOf(side.bad, side.requests, 'request')} (${formatRate(rate(side))})`;
  return [
    `${named(plan)} is worse than the old version: ${of(fresh)} ${culprit.words} against ${of(old)}${against}${times}, ${sure}; evidence ${oddsText(comparison)}, with bursts of ${formatNumber(burst)}`,
  ];
};

/** `737 to 1 (100 are needed)` */
const oddsText = ({ evidence, needed }: Pick<Comparison, 'evidence' | 'needed'>): string =>
  `${evidence > 1e6 ? 'over a million' : formatNumber(evidence)} to 1 (${formatNumber(needed)} needed)`;

/** What the comparison says of a version that goes on. */
const compared = (comparison: Comparison | null, early: boolean): string[] => {
  if (comparison === null || comparison.minutes === 0) return [];
  return [
    early
      ? 'shown not to be harmful, so it bakes no longer'
      : `not seen worse than the old version: evidence ${oddsText(comparison)}`,
  ];
};

const contradicting = (comparison: Comparison | null): string[] =>
  comparison === null
    ? []
    : comparison.contradictions.map(
        (text) => `${text}: nothing can be concluded from metrics that contradict each other`,
      );

const isOver = (atLeast: number | undefined, { plan, now, since }: Evidence): boolean =>
  atLeast !== undefined && now - since >= effectiveBake({ bake: atLeast }, plan.configuration.timing) * 1000;

const erring = (plan: Plan, { requests, errors, rate, exceeds, evidence, needed }: LimitEvidence): string[] => {
  if (!exceeds) return [];
  const limit = formatRate(plan.configuration.checks.errorRate.atMost);
  const failed = `${named(plan)} failed ${countOf(errors, requests, 'request')} (${formatRate(rate)})`;
  return [`${failed}, at most ${limit} is allowed; evidence ${oddsText({ evidence, needed })}`];
};

/**
 * An alarm speaks about this rollout only if its data lies inside it. One that was on at admission says nothing until it has been off
 * for a full period: then it has entered its state anew, a period after admission at the earliest.
 */
export const alarmCounts = (alarm: Alarm, plan: Plan): boolean => {
  if (alarm.state !== 'ALARM' || alarm.dataFrom < plan.at) return false;
  return !plan.alarmsOn.includes(alarm.name) || alarm.since >= plan.at + plan.configuration.timing.period * 1000;
};

const progress = ({ plan, step, health }: Evidence, proof: LimitEvidence, bake: number, left: number): string => {
  const { healthy, needed } = health[plan.new.slot];
  const { requests, errors, rate } = proof;
  const time =
    left > 0 ? `${formatDuration(left)} of ${formatDuration(bake)} left` : `baked for ${formatDuration(bake)}`;
  const seen =
    requests === 0 ? 'no requests were seen' : `${countOf(errors, requests, 'request')} failed (${formatRate(rate)})`;
  return `${named(plan)} at ${weightOf(plan, step)} %: ${seen}, ${healthy} healthy, at least ${needed} needed, ${time}`;
};

const liveIsSick = ({ plan, health }: Evidence): string[] => {
  const { healthy, needed } = health[plan.old.slot];
  if (plan.old.kind === 'none' || healthy >= needed) return [];
  return [
    `the live version in ${plan.old.slot} is sick: ${healthy} healthy, at least ${needed} needed; absolute limits alone decide`,
  ];
};

const muted = ({ plan, alarms }: Evidence): string[] =>
  alarms
    .filter((alarm) => alarm.state === 'ALARM' && !alarmCounts(alarm, plan))
    .map(({ name }) => `alarm ${name} is on, from before this rollout, and does not count`);

const unreadable = ({ plan, alarms }: Evidence): string[] =>
  plan.configuration.checks.alarms
    .filter((name) => !alarms.some((alarm) => alarm.name === name))
    .map((name) => `alarm ${name} does not exist (any more), so nobody knows what it would say; a person decides`);

/** The other version was asked since this weight, and of the new one's share there is not a single settled period. At 100 % nothing tells. */
const unseen = ({ plan, step, since, series }: Evidence): string[] => {
  const weight = weightOf(plan, step);
  const seen = series[plan.new.slot].some(({ at }) => at >= since);
  if (seen || weight === 100) return [];
  const others = series[plan.old.slot].reduce((sum, { at, requests }) => (at >= since ? sum + requests : sum), 0);
  const expected = Math.floor((others * weight) / (100 - weight));
  return expected < telling
    ? []
    : [`no metrics of the new version: ${count(expected, 'request')} were expected at ${weight} %`];
};

const named = (plan: Plan): string => `${plan.image.label} in ${plan.new.slot}`;
