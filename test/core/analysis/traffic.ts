/** Made-up minutes of two versions, from a seed, for tests of what the analysis makes of them. */
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import { binomial, seededRandom } from '../../../core/basics/random.ts';

export interface Story {
  minutes: number;
  /** Requests a minute, both versions together. */
  perMinute: number;
  /** The new version's share, 0 to 1, in a minute. */
  weight: (minute: number) => number;
  /** Share of requests that fail, in a minute. */
  fresh: (minute: number) => number;
  old: (minute: number) => number;
  /** Errors come so many at a time. */
  burst?: number;
  seed: number;
}

const poisson = (random: () => number, mean: number): number => {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
};

/** Independent requests, or faults that take several of them. */
export const told = ({ minutes, perMinute, weight, fresh, old, burst = 1, seed }: Story) => {
  const random = seededRandom(seed);
  const period = (minute: number, share: number, rate: number): PeriodCounts => {
    const requests = poisson(random, perMinute * share);
    const errors = Math.min(requests, burst * poisson(random, (requests * rate) / burst));
    return { at: minute * 60_000, requests, errors, connectionErrors: 0 };
  };
  const all = Array.from({ length: minutes }, (_, minute) => minute);
  return {
    fresh: all.map((minute) => period(minute, weight(minute), fresh(minute))),
    old: all.map((minute) => period(minute, 1 - weight(minute), old(minute))),
    before: Array.from({ length: 180 }, (_, minute) => period(minute - 180, 1, old(0))),
  };
};

export const always = (value: number) => (): number => value;

/** An hour of a thousand requests a minute, a tenth of them the new version's, of which as many fail as of the old one's. */
export const base = { minutes: 60, perMinute: 1000, weight: always(0.1), fresh: always(0.001), old: always(0.001) };

/** Shares of answers beyond each of three thresholds, as they are on a usual day. */
export const usual = [0.5, 0.1, 0.01];

/** The same hour with times: shares of both versions' answers beyond each threshold. */
export const timed = (seed: number, fresh: number[], old: number[], weight = 0.1) => {
  const counted = (shares: number[], random: () => number) => (period: PeriodCounts) => ({
    ...period,
    slow: shares.map((share) => binomial(random, period.requests, share)),
  });
  const series = told({ ...base, weight: always(weight), seed });
  const random = seededRandom(seed + 1000);
  return {
    fresh: series.fresh.map(counted(fresh, random)),
    old: series.old.map(counted(old, random)),
    before: series.before.map(counted(old, random)),
    thresholds: [0.1, 0.2, 0.4].map((threshold) => ({ old: threshold, fresh: threshold * 1.1 })),
  };
};

/** The last minutes of a rollout: nobody asks the old version any more. */
export const alone = (rate: number, seed: number, minutes = 60) => {
  const series = told({ ...base, minutes, weight: always(0.999), fresh: always(rate), seed });
  return { ...series, old: [], aloneFrom: series.fresh[0]?.at ?? 0 };
};
