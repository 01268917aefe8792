/** What a policy can see at a service's traffic: in how many of a hundred rollouts it would have caught a version that fails so often. */
import { type ComparisonSettings, compare } from './compare.ts';
import type { PeriodCounts } from './minutes.ts';

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
 *     seenBy({ steps: 5, 25, 50 % for 3 periods each, requests: 800, baseline: 0.001 }, 0.05, …) = 0.16, 1, 1
 */
export const seenBy = (sight: Sight, rate: number, settings: ComparisonSettings): number[] => {
  const caught = sight.steps.map(() => 0);
  for (let rollout = 0; rollout < rollouts; rollout++) {
    const random = generator(rollout + 1);
    const before = Array.from({ length: history }, (_, at) =>
      drawn(random, at - history, sight.requests, sight.baseline),
    );
    const fresh: PeriodCounts[] = [];
    const old: PeriodCounts[] = [];
    let at = 0;
    for (const [index, { weight, periods }] of sight.steps.entries()) {
      for (let period = 0; period < Math.min(periods, mostPeriods); period++) {
        const share = weight / 100;
        fresh.push(drawn(random, at, sight.requests * share, rate));
        old.push(drawn(random, at, sight.requests * (1 - share), sight.baseline));
        at++;
      }
      // Nobody has asked for a period: it is no minute.
      const { fails, broken } = compare({ fresh: fresh.filter(asked), old: old.filter(asked), before }, settings);
      if (!fails && broken === null) continue;
      for (let later = index; later < caught.length; later++) caught[later] = (caught[later] ?? 0) + 1;
      break;
    }
  }
  return caught.map((count) => count / rollouts);
};

const asked = ({ requests }: PeriodCounts): boolean => requests > 0;

const drawn = (random: () => number, at: number, mean: number, rate: number): PeriodCounts => {
  const requests = poisson(random, mean);
  return { at, requests, errors: Math.min(requests, poisson(random, requests * rate)), connectionErrors: 0 };
};

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
const generator = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** How many happen when `mean` are expected; from 30 on by the normal approximation. */
const poisson = (random: () => number, mean: number): number => {
  if (mean >= 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
};
