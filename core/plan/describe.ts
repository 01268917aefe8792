/** Describes a plan for people: steps, capacity, deadlines, reasons for a rollback, questions to a person. */

import { formatDuration } from '../basics/duration.ts';
import { formatNumber, formatRate, formatSeconds } from '../basics/format.ts';
import { usualDecisions } from '../config/defaults.ts';
import type { ComparisonSettings } from '../config/service.ts';
import { effectiveBake } from './bake.ts';
import { needed } from './capacity.ts';
import { capacityOf, priceOf } from './cost.ts';
import type { Plan } from './plan.ts';

export interface PlanDescription {
  /** One sentence. */
  summary: string;
  /** Per step: the instances that the weight needs, those in each slot, and the extra ones while it bakes. */
  steps: {
    step: number;
    weight: number;
    bake: string;
    needed: number;
    launched: number;
    old: number;
    total: number;
    extraHours: number;
    /** At the configured price; null: no price is configured. */
    extraCost: number | null;
  }[];
  /** All extra instances together, in words. */
  extra: string;
  /** The shortest duration, without booting, smoke tests, approval and draining: in seconds and in words. */
  atLeast: { seconds: number; text: string };
  /** What has to happen by when. */
  deadlines: string[];
  /** What rolls it back. */
  aborts: string[];
  /** What a person is asked about, by the service's approval and decisions. */
  asks: string[];
}

/** The plan for people. `demand`: the instances that all traffic needs. */
export const describePlan = (plan: Plan, demand: number = plan.configuration.fleet.count): PlanDescription => {
  const { checks, approval, timing } = plan.configuration;
  const capacity = capacityOf(plan, demand);
  const price = priceOf(plan);
  const steps = plan.steps.map(({ weight, bake, atLeast }, index) => {
    const { old = 0, fresh = 0, extraHours = 0 } = capacity[index] ?? {};
    return {
      step: index + 1,
      weight,
      bake: bakeText(effectiveBake({ bake }, timing), atLeast && effectiveBake({ bake: atLeast }, timing)),
      needed: needed(demand, weight),
      launched: fresh,
      old,
      total: old + fresh,
      extraHours,
      extraCost: price === null ? null : extraHours * price,
    };
  });
  const seconds = shortest(plan);
  return {
    summary: summaryOf(plan),
    steps,
    extra: extraText(steps, price),
    atLeast: { seconds, text: `${formatDuration(seconds)}, plus boot, smoke tests and draining` },
    deadlines: [
      `each step's instances are ready within ${formatDuration(checks.readyWithin)}`,
      ...(approval === null ? [] : [`a person approves within ${formatDuration(approval.within)}; no answer means no`]),
    ],
    aborts: [
      ...checks.smoke.map(
        ({ path, from, to, within }) =>
          `${path} answers other than ${from} to ${to}, or not in ${formatDuration(within)}`,
      ),
      'its healthy targets are under three quarters of what the weight needs',
      ...findings(plan, 'rollback'),
      ...checks.alarms.map(
        (name) =>
          `alarm ${name}${plan.alarmsOn.includes(name) ? ' (on now: muted until it was OK for a full period)' : ''}`,
      ),
      'a person aborts or rejects it',
    ],
    asks: [...(approval === null ? [] : ['every rollout, before the first weight']), ...findings(plan, 'pause')],
  };
};

/** The findings of Judge that the service's decisions answer with `action`. */
const findings = (plan: Plan, action: 'rollback' | 'pause'): string[] => {
  const { comparison, errorRate, decisions = usualDecisions } = plan.configuration.checks;
  const compared = comparison == null || plan.old.kind === 'none' ? null : comparison;
  const worse = [
    ...(compared === null ? [] : comparisonTexts(compared, plan.configuration.timing.period)),
    `more than ${formatRate(errorRate.atMost)} of the new version's requests fail`,
  ];
  const open: [keyof typeof decisions, string][] = [
    ...(compared === null
      ? []
      : [['notSeenWorse', 'at the end of a bake the new version was shown neither worse nor harmless'] as const]),
    ['noTraffic', 'at the end of a bake the new version has got no requests'],
    ['noMetrics', 'at the end of a bake its metrics are missing, contradict each other or cannot be read'],
  ] as [keyof typeof decisions, string][];
  return [
    ...(decisions.worse === action ? worse : []),
    ...open.filter(([kind]) => decisions[kind] === action).map(([, text]) => text),
  ];
};

/** `2 to 10 minutes` if the bake may end early. */
const bakeText = (most: number, least: number | undefined): string =>
  least === undefined || least >= most ? formatDuration(most) : `${formatDuration(least)} to ${formatDuration(most)}`;

const comparisonTexts = ({ worse, slower, falseAlarms }: ComparisonSettings, period: number): string[] => {
  const rarely = `(false alarm in at most ${formatRate(falseAlarms)} of rollouts)`;
  const points = formatNumber(worse.plus * 100);
  return [
    `at least half of ten or more requests fail within ${formatDuration(period)}, and less than a quarter of the old version's`,
    `its error rate is above ${formatNumber(worse.ratio)} × the old version's + ${points} points ${rarely}`,
    ...(slower === null
      ? []
      : [
          `its answers are slower: more than ${formatNumber(slower.ratio)} × the old version's times, by at least ${formatSeconds(slower.plus)} ${rarely}`,
        ]),
  ];
};

const extraText = (steps: PlanDescription['steps'], price: number | null): string => {
  const hours = steps.reduce((sum, { extraHours }) => sum + extraHours, 0);
  const most = Math.max(...steps.map(({ total }) => total));
  const cost = price === null ? 'set `prices` to see the cost' : `${formatNumber(hours * price)} at ${price} an hour`;
  return `${formatNumber(hours)} extra instance-hours while it bakes, at most ${most} instances together: ${cost}`;
};

/** Seconds of warm-up and bakes, plus the time until the last change of weights is in force, after which the old fleet is removed. */
const shortest = ({ steps, configuration: { checks, timing } }: Plan): number => {
  const bakes = steps.map(({ bake, atLeast = bake }) => effectiveBake({ bake: Math.min(bake, atLeast) }, timing));
  const unsettled = Math.max(0, timing.settling - (bakes.at(-1) ?? 0));
  return checks.warmUp + bakes.reduce((sum, bake) => sum + bake, 0) + unsettled;
};

const summaryOf = ({ service, image, release, attempt, old, new: fresh, steps }: Plan): string => {
  const weights = steps.map(({ weight }) => weight).join(', ');
  const from = {
    none: 'no old fleet, so nothing to go back to',
    ours: `from ${old.release ?? 'a fleet without a recorded release'} in ${old.slot}`,
    foreign: `from a fleet in ${old.slot} that was not launched here`,
  }[old.kind];
  return `${service}: ${image.label} (${release}, attempt ${attempt}) into ${fresh.slot} at ${weights} %; ${from}`;
};
