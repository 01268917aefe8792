/** Writes each finding about the new version as a sentence with its numbers. */

import { formatDuration } from '../basics/duration.ts';
import { count, countOf, formatNumber, formatRate, formatTime } from '../basics/format.ts';
import type { Slot } from '../basics/slot.ts';
import { weightOf } from '../plan/capacity.ts';
import type { Plan } from '../plan/plan.ts';
import { burstFactor } from './burst.ts';
import { type Comparison, compare, ratioAtLeast } from './compare.ts';
import { incidentNow } from './incident.ts';
import { type LimitEvidence, limitEvidence } from './limit.ts';
import type { PeriodCounts } from './samples.ts';
import { shortShare } from './share.ts';
import { thresholdsOf } from './thresholds.ts';

/** One alarm as it is now. `since`: when it entered its state; `dataFrom`: the start of the data that caused it. */
export interface Alarm {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  since: number;
  dataFrom: number;
  /** The longest time for which it has been OK without a break since admission, in milliseconds. Only read for alarms that were on at admission. */
  okFor?: number;
}

export interface Evidence {
  plan: Plan;
  /** The step in force; 1 is the first weight. */
  step: number;
  now: number;
  /** When that step's weight was decided. */
  since: number;
  /** When each weight so far was decided, oldest first; epoch milliseconds. */
  raised?: readonly number[];
  /** The healthy targets of each slot, and how many its weight needs. */
  health: Record<Slot, { healthy: number; needed: number }>;
  alarms: readonly Alarm[];
  /** Closed periods since the first weight. */
  series: Record<Slot, readonly PeriodCounts[]>;
  /** The old slot's closed periods before the rollout: they show how errors are spread. */
  before: readonly PeriodCounts[];
  /** What people answered; `at`: epoch milliseconds. */
  signals: readonly { kind: 'approve' | 'reject'; by: string; at: number; kinds?: readonly string[] }[];
  /** Why the new version's metrics cannot be read; null: they were read. */
  unreadable?: string | null;
}

/** If at least this many requests were expected and none is counted, the new version's metrics are missing: it is not idle. */
const fewestExpected = 20;

export const rejectionReasons = ({ signals }: Evidence): string[] =>
  signals.filter(({ kind }) => kind === 'reject').map(({ by, at }) => `rejected by ${by} at ${formatTime(at)}`);

export const healthReasons = ({ plan, step, health }: Evidence): string[] => {
  const { healthy, needed } = health[plan.new.slot];
  if (healthy >= needed) return [];
  return [
    `${named(plan)} has ${count(healthy, 'healthy target')}, ${weightOf(plan, step)} % of the traffic needs ${needed}`,
  ];
};

export const alarmReasons = ({ plan, alarms }: Evidence): string[] =>
  alarms
    .filter((alarm) => alarmCounts(alarm, plan))
    .map(({ name, since, reason }) => `alarm ${name} is on since ${formatTime(since)}: ${reason}`);

/** The start of the period that contains a time; both in epoch milliseconds, `period` in seconds. */
const startOf = (at: number, period: number): number => Math.floor(at / (period * 1000)) * period * 1000;

/** Null if there is no old version to compare with, or `checks.comparison` is null. */
export const comparisonOf = ({ plan, step, since, series, before, raised = [] }: Evidence): Comparison | null => {
  const settings = plan.configuration.checks.comparison;
  if (settings == null || plan.old.kind === 'none') return null;
  const { old, new: fresh } = plan;
  const thresholds = thresholdsOf(plan);
  const aloneFrom = weightOf(plan, step) === 100 ? since : Infinity;
  const { growth, timing } = plan.configuration;
  const coldFrom = growth === 'withWeight' ? raised.slice(1).map((at) => startOf(at, timing.period)) : [];
  const compared = { fresh: series[fresh.slot], old: series[old.slot], before, thresholds, aloneFrom, coldFrom };
  return compare(compared, settings);
};

/** As rarely wrong as the comparison; without a comparison, in 1 % of rollouts. */
export const limitOf = ({ plan, series, before }: Evidence): LimitEvidence => {
  const { errorRate, comparison } = plan.configuration.checks;
  const burst =
    comparison?.burst ?? burstFactor(before.map(({ errors, connectionErrors }) => errors + connectionErrors));
  return limitEvidence(series[plan.new.slot], errorRate.atMost, {
    burst,
    falseAlarms: comparison?.falseAlarms ?? 0.01,
    old: plan.old.kind === 'none' ? [] : series[plan.old.slot],
    before,
  });
};

/** Both versions fail at the moment. No weight is raised until that has ended. */
export const incident = ({ plan, step, series, before }: Evidence): string[] => {
  if (plan.old.kind === 'none' || weightOf(plan, step) === 100) return [];
  const limit = plan.configuration.checks.errorRate.atMost;
  const both = incidentNow(series[plan.new.slot], series[plan.old.slot], before, limit);
  if (both === null) return [];
  const rate = ({ requests, bad }: { requests: number; bad: number }): string =>
    formatRate(requests === 0 ? 0 : bad / requests);
  return [
    `both versions fail: ${rate(both.old)} of the old version's requests, ${rate(both.fresh)} of the new one's (limit ${formatRate(limit)}); no weight is raised until this incident has ended`,
  ];
};

/** Why the new version is worse, by kind. An approval of one kind does not cover another. */
export interface Finding {
  kind: 'broken' | 'limit' | Comparison['culprit']['name'];
  text: string;
}

export const worse = (plan: Plan, comparison: Comparison | null): Finding[] => {
  if (comparison === null) return [];
  const { broken, failedAt, culprit, fresh, old, burst } = comparison;
  if (broken !== null) {
    const bad = ({ errors, connectionErrors }: PeriodCounts) => errors + connectionErrors;
    const text = `${named(plan)} failed ${countOf(bad(broken.fresh), broken.fresh.requests, 'request')} at ${formatTime(broken.at)}, the old version ${countOf(bad(broken.old), broken.old.requests, 'request')}`;
    return [{ kind: 'broken', text }];
  }
  if (failedAt === null) return [];
  const falseAlarms = 1 / comparison.needed;
  const rate = (side: typeof fresh): number => (side.requests === 0 ? 0 : side.bad / side.requests);
  const times = rate(old) === 0 ? '' : `, ${formatNumber(rate(fresh) / rate(old))} times as much`;
  const atLeast = ratioAtLeast(comparison);
  const sure =
    atLeast === null
      ? 'judged by what the old version did before the rollout'
      : `at least ${formatNumber(atLeast)} times with ${formatRate(1 - falseAlarms)} confidence`;
  const against = culprit.against === undefined ? '' : ` ${culprit.against}`;
  const of = (side: typeof fresh): string => `(${countOf(side.bad, side.requests, 'request')})`;
  const text = `${named(plan)} is worse than the old version: ${formatRate(rate(fresh))} of its requests ${culprit.words} ${of(fresh)}, old version ${formatRate(rate(old))}${against} ${of(old)}${times}, ${sure}; evidence ${oddsText(comparison)}, errors counted in bursts of ${formatNumber(burst)}`;
  return [{ kind: culprit.name, text }];
};

/** `737 to 1 (limit 100 to 1)` */
const oddsText = ({ evidence, needed }: Pick<Comparison, 'evidence' | 'needed'>): string =>
  `${evidence > 1e6 ? 'over a million' : formatNumber(evidence)} to 1 (limit ${formatNumber(needed)} to 1)`;

/** What the comparison says about a version that goes on. */
export const compared = (comparison: Comparison | null, early: boolean): string[] => {
  if (comparison === null || comparison.minutes.length === 0 || comparison.failedAt !== null) return [];
  return [
    early
      ? 'shown to be harmless: the bake ends early'
      : `no evidence that it is worse: ${formatNumber(comparison.evidence)} to 1, ${formatNumber(comparison.needed)} to 1 rolls it back`,
  ];
};

export const errorReasons = (
  plan: Plan,
  { requests, errors, rate, exceeds, evidence, needed }: LimitEvidence,
): Finding[] => {
  if (!exceeds) return [];
  const limit = formatRate(plan.configuration.checks.errorRate.atMost);
  const failed = `${named(plan)} failed ${countOf(errors, requests, 'request')} (${formatRate(rate)})`;
  return [
    { kind: 'limit', text: `${failed}, at most ${limit} is allowed; evidence ${oddsText({ evidence, needed })}` },
  ];
};

/**
 * An alarm counts against this rollout only if its data lies inside it. One that was on at admission counts only after it has been OK for a
 * full period: the live version may be unhealthy and make it flap, and its fix must not be held up.
 */
export const alarmCounts = (alarm: Alarm, plan: Plan): boolean => {
  if (alarm.state !== 'ALARM' || alarm.dataFrom < plan.at) return false;
  return !plan.alarmsOn.includes(alarm.name) || (alarm.okFor ?? 0) >= plan.configuration.timing.period * 1000;
};

export const progress = (
  { plan, step, health }: Evidence,
  proof: LimitEvidence,
  bake: number,
  left: number,
): string => {
  const { healthy, needed } = health[plan.new.slot];
  const { requests, errors, rate } = proof;
  const time =
    left > 0 ? `${formatDuration(left)} of ${formatDuration(bake)} left` : `baked for ${formatDuration(bake)}`;
  const seen =
    requests === 0 ? 'no requests were seen' : `${countOf(errors, requests, 'request')} failed (${formatRate(rate)})`;
  return `${named(plan)} at ${weightOf(plan, step)} %: ${seen}, ${count(healthy, 'healthy instance')}, at least ${needed} needed, ${time}`;
};

export const liveIsUnhealthy = ({ plan, health }: Evidence): string[] => {
  const { healthy, needed } = health[plan.old.slot];
  if (plan.old.kind === 'none' || healthy >= needed) return [];
  return [
    `the live version in ${plan.old.slot} is unhealthy: ${count(healthy, 'healthy instance')}, at least ${needed} needed; only the absolute limits decide`,
  ];
};

export const mutedAlarms = ({ plan, alarms }: Evidence): string[] =>
  alarms
    .filter((alarm) => alarm.state === 'ALARM' && !alarmCounts(alarm, plan))
    .map(({ name }) => `alarm ${name} has been on since before this rollout, so it is muted`);

/** Something that Judge has to know but cannot measure. */
export interface MissingEvidence {
  kind: 'noTraffic' | 'noMetrics';
  text: string;
}

/** What is missing before a weight may be raised: `checks.decisions` says whether a person is asked. */
export const missingEvidence = (evidence: Evidence, comparison: Comparison | null, bake: number): MissingEvidence[] => [
  ...[...unread(evidence), ...missingAlarms(evidence), ...contradicting(comparison)].map(
    (text): MissingEvidence => ({ kind: 'noMetrics', text }),
  ),
  ...(bake === 0 || evidence.unreadable != null ? [] : unseen(evidence)),
];

const unread = ({ unreadable = null }: Evidence): string[] => (unreadable === null ? [] : [unreadable]);

const missingAlarms = ({ plan, alarms }: Evidence): string[] =>
  plan.configuration.checks.alarms
    .filter((name) => !alarms.some((alarm) => alarm.name === name))
    .map((name) => `alarm ${name} does not exist, so Judge cannot read it`);

const contradicting = (comparison: Comparison | null): string[] =>
  (comparison?.contradictions ?? []).map((text) => `${text}: the metrics contradict each other, so they prove nothing`);

/** The new version has no closed period at this weight: its metrics are missing, or it gets no requests. */
const unseen = ({ plan, step, since, series }: Evidence): MissingEvidence[] => {
  if (series[plan.new.slot].some(({ at }) => at >= since)) return [];
  // A first version takes no traffic from another one.
  if (plan.old.kind === 'none') return [];
  const weight = weightOf(plan, step);
  const others = series[plan.old.slot].reduce((sum, { at, requests }) => (at >= since ? sum + requests : sum), 0);
  const expected = weight === 100 ? 0 : Math.floor((others * weight) / (100 - weight));
  return expected < fewestExpected
    ? [{ kind: 'noTraffic', text: `no traffic: ${named(plan)} got no request at ${weight} %` }]
    : [
        {
          kind: 'noMetrics',
          text: `no metrics of the new version: ${count(expected, 'request')} were expected at ${weight} %`,
        },
      ];
};

/** The new version gets fewer requests than its weight promises. This decides nothing: sticky sessions cause it, too. */
export const shortOfRequests = ({ plan, step, since, before }: Evidence, comparison: Comparison | null): string[] => {
  const weight = weightOf(plan, step);
  const settings = plan.configuration.checks.comparison;
  if (comparison === null || settings == null || weight === 100) return [];
  const minutes = comparison.minutes.filter(({ at }) => at >= since);
  const share = shortShare(minutes, weight, { before, falseAlarms: settings.falseAlarms });
  return share === null
    ? []
    : [
        `the new version gets only ${formatRate(share)} of the requests, less than its weight: sessions may stick to the old version, or a rule may be missing`,
      ];
};

const named = (plan: Plan): string => `${plan.image.label} in ${plan.new.slot}`;
