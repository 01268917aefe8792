/** What a policy can see at a service's traffic: in how many of a hundred rollouts it would have caught a version that fails so often. */
import { compare } from './analysis/compare.ts';
import type { PeriodCounts } from './analysis/minutes.ts';
import type { ComparisonSettings } from './configuration.ts';
import { poisson, seededRandom } from './random.ts';

export interface Sight {
  /** Periods that are judged at each weight, and the weight in percent. Where all traffic is new there is nothing to compare with. */
  steps: readonly { weight: number; periods: number }[];
  /** Requests in one period, of both versions. */
  requests: number;
  /** Share of the old version's requests that fails. */
  baseline: number;
}

const rollouts = 100;
/** Periods of the old version before the rollout, which tell how its errors come. */
const history = 180;
/** Longer bakes are judged no differently by then. */
const mostPeriods = 240;

/**
 * By the end of each step, the share of rollouts in which a version that fails `rate` of its requests has been caught. Played through
 * a hundred times, with independent errors and always the same draws.
 *
 *     seenBy({ steps: 5, 25, 50 % for 3 periods each, requests: 800, baseline: 0.001 }, 0.05, …) = 0.15, 1, 1
 */
export const seenBy = (sight: Sight, rate: number, settings: ComparisonSettings): number[] => {
  const caught = sight.steps.map(() => 0);
  for (let rollout = 0; rollout < rollouts; rollout++) {
    const random = seededRandom(rollout + 1);
    const before = Array.from({ length: history }, (_, at) =>
      drawn(random, at - history, sight.requests, sight.baseline),
    );
    const fresh: PeriodCounts[] = [];
    const old: PeriodCounts[] = [];
    const ends: number[] = [];
    for (const { weight, periods } of sight.steps) {
      const from = fresh.length;
      for (let at = from; at < from + Math.min(periods, mostPeriods); at++) {
        const share = weight / 100;
        fresh.push(drawn(random, at, sight.requests * share, rate));
        old.push(drawn(random, at, sight.requests * (1 - share), sight.baseline));
      }
      ends.push(fresh.length);
    }
    // Nobody has asked for a period: it is no minute.
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
