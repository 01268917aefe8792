/** Computes statistical power: in how many of a hundred rollouts a policy detects a version with a given error rate, at a service's traffic. */

import { formatDuration } from '../basics/duration.ts';
import { count, formatRate } from '../basics/format.ts';
import { poisson, seededRandom } from '../basics/random.ts';
import type { ComparisonSettings } from '../config/service.ts';
import { effectiveBake } from '../plan/bake.ts';
import { describePlan, type PlanDescription } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import { compare } from './compare.ts';
import type { PeriodCounts } from './samples.ts';

export interface Exposure {
  /** Each weight in percent, and the periods judged at it. A weight of 100 is left out: there is no old version to compare with. */
  steps: readonly { weight: number; periods: number }[];
  /** Requests in one period, of both versions. */
  requests: number;
  /** The share of the old version's requests that fail. */
  baseline: number;
}

const rollouts = 100;
/** Periods of the old version before the rollout, from which the burst size is measured. */
const history = 180;
/** Longer bakes do not change the result. */
const mostPeriods = 240;

/**
 * The share of rollouts in which a version that fails `rate` of its requests is detected by the end of each step. Simulated a hundred times
 * with independent errors, and always with the same random numbers.
 *
 *     detectedBy({ steps: 5, 25, 50 % for 3 periods each, requests: 800, baseline: 0.001 }, 0.05, …) = 0.14, 1, 1
 */
export const detectedBy = (exposure: Exposure, rate: number, settings: ComparisonSettings): number[] => {
  const caught = exposure.steps.map(() => 0);
  for (let rollout = 0; rollout < rollouts; rollout++) {
    const random = seededRandom(rollout + 1);
    const before = Array.from({ length: history }, (_, at) =>
      drawn(random, at - history, exposure.requests, exposure.baseline),
    );
    const fresh: PeriodCounts[] = [];
    const old: PeriodCounts[] = [];
    const ends: number[] = [];
    for (const { weight, periods } of exposure.steps) {
      const from = fresh.length;
      for (let at = from; at < from + Math.min(periods, mostPeriods); at++) {
        const share = weight / 100;
        fresh.push(drawn(random, at, exposure.requests * share, rate));
        old.push(drawn(random, at, exposure.requests * (1 - share), exposure.baseline));
      }
      ends.push(fresh.length);
    }
    // A period without requests is left out.
    const { failedAt, broken } = compare({ fresh: fresh.filter(asked), old: old.filter(asked), before }, settings);
    const at = Math.min(failedAt ?? Infinity, broken?.at ?? Infinity);
    for (const [index, end] of ends.entries()) if (at < end) caught[index] = (caught[index] ?? 0) + 1;
  }
  return caught.map((count) => count / rollouts);
};

const asked = ({ requests }: PeriodCounts): boolean => requests > 0;

const drawn = (random: () => number, at: number, mean: number, rate: number): PeriodCounts => {
  const requests = poisson(random, mean);
  return { at, requests, errors: Math.min(requests, poisson(random, requests * rate)), connectionErrors: 0 };
};

/** The error rates of bad versions that are tried. */
const faults = [0.01, 0.05, 0.2];

/** Null: the traffic is not known, nothing is compared, or there is no old version to compare with. */
const exposureOf = ({
  traffic = null,
  old,
  configuration,
  steps,
}: Plan): { exposure: Exposure; faults: number[] } | null => {
  const settings = configuration.checks.comparison;
  if (traffic === null || settings == null || old.kind === 'none') return null;
  const { period, settling } = configuration.timing;
  const compared = steps
    .filter(({ weight }) => weight < 100)
    .map((step) => ({
      weight: step.weight,
      periods: Math.max(0, Math.floor((effectiveBake(step, configuration.timing) - settling) / period)),
    }));
  const allowed = traffic.errors * settings.worse.ratio + settings.worse.plus;
  return {
    // Two digits are as exact as traffic is known, and let the same question be answered from memory.
    exposure: {
      steps: compared,
      requests: Number(traffic.requests.toPrecision(2)),
      baseline: Number(traffic.errors.toPrecision(2)),
    },
    faults: faults.filter((fault) => fault > allowed),
  };
};

/** Earlier answers: one takes a hundredth of a second, and every step asks. */
const known = new Map<string, number[]>();
const mostKnown = 1000;

const detectedIn = (exposure: Exposure, fault: number, settings: ComparisonSettings): number[] => {
  const asked = JSON.stringify([exposure, fault, settings]);
  const found = known.get(asked) ?? detectedBy(exposure, fault, settings);
  if (known.size >= mostKnown) known.clear();
  known.set(asked, found);
  return found;
};

/** How often the comparison detects a bad version. Shares are of rollouts, 0 to 1. */
export interface Power {
  /** A row for each error rate of a bad version; each step below 100 % with the share detected by its end. Empty: see `note`. */
  rows: { errorRate: number; detected: { weight: number; share: number }[] }[];
  /** Why nothing can be detected; null where there are rows, or where the traffic is not known. */
  note: string | null;
}

/** A plan for people, and what its comparison can detect. */
export interface DescribedPlan extends PlanDescription {
  power: Power;
}

export const describeWithPower = (plan: Plan, demand?: number): DescribedPlan => ({
  ...describePlan(plan, demand),
  power: powerOf(plan),
});

/** What the comparison detects at the service's traffic. */
export const powerOf = (plan: Plan): Power => {
  const { comparison } = plan.configuration.checks;
  const found = exposureOf(plan);
  if (comparison == null)
    return { rows: [], note: 'versions are not compared: only the absolute limits and alarms count' };
  if (found === null) return { rows: [], note: null };
  const { exposure, faults } = found;
  if (exposure.steps.length === 0)
    return {
      rows: [],
      note: 'all traffic moves at once: there is no old version to compare with, so only the absolute limits count',
    };
  const rows = faults.map((errorRate) => {
    const shares = detectedIn(exposure, errorRate, comparison);
    return {
      errorRate,
      detected: exposure.steps.map(({ weight }, index) => ({ weight, share: shares[index] ?? 0 })),
    };
  });
  return { rows, note: null };
};

/**
 * The same for one step in a few words; null if there is nothing to say.
 *
 *     at 800 requests a minute this step detects a 5 % error rate in 14 % of rollouts, a 20 % error rate in 93 %
 */
export const powerAt = (plan: Plan, step: number): string | null => {
  const found = exposureOf(plan);
  if (found === null || plan.steps[step - 1] === undefined || step > found.exposure.steps.length) return null;
  const [first, ...more] = found.faults.slice(-2).map((fault) => {
    const shares = detectedIn(found.exposure, fault, plan.configuration.checks.comparison as ComparisonSettings);
    return { fault: formatRate(fault), seen: formatRate(shares[step - 1] ?? 0) };
  });
  if (first === undefined) return null;
  const others = more.map(({ fault, seen }) => `, a ${fault} error rate in ${seen}`).join('');
  const { period } = plan.configuration.timing;
  const each = period === 60 ? 'a minute' : `every ${formatDuration(period)}`;
  const traffic = count(Math.round(found.exposure.requests), 'request');
  return `at ${traffic} ${each} this step detects a ${first.fault} error rate in ${first.seen} of rollouts${others}`;
};
