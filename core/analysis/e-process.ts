/**
 * Evidence that stays valid however often it is read. Each minute multiplies a bet by a likelihood ratio, whose expectation is at most 1
 * while the hypothesis holds. Such a product ever exceeds 1/α with a probability of at most α (Ville 1939).
 * The ratio is that of two Poisson streams (Lindon and Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022), with a
 * grid of alternatives in place of their prior, so that the split of the traffic may change every minute. docs/analysis.md has the proof.
 */

import type { Margin } from '../config/service.ts';

/** The requests of both versions in one minute, and how many of them were bad. */
export interface Pair {
  fresh: { requests: number; bad: number };
  old: { requests: number; bad: number };
}

/** Alternatives: multiples of the margin, and their logarithms. */
export interface Grid {
  times: readonly number[];
  logs: readonly number[];
}
const gridOf = (...times: number[]): Grid => ({ times, logs: times.map(Math.log) });

/** How much worse than the margin the alternatives are, from barely worse to broken; and how much better, for an early pass. */
export const worseBy = gridOf(1.3, 1.7, 2.5, 4, 6, 10, 20, 50, 200, 1000);
export const betterBy = gridOf(0.02, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85);

/** log b and a−1 of each alternative in turn, for one split of the traffic. */
export type Split = Float64Array;

/**
 * For r = nC/nB, in a form that is exact even if one version has hardly any traffic: log a = log g + log b, a−1 = (g−1)/(1+ρ₁r). `into`: an
 * array to reuse.
 */
export const splitOf = (r: number, ratio: number, { times }: Grid, into?: Split): Split => {
  const split = into ?? new Float64Array(2 * times.length);
  const base = 1 + ratio * r;
  for (let k = 0; k < times.length; k++) {
    const more = ratio * (times[k] as number) * r;
    split[2 * k] = Math.log(base / (1 + more));
    split[2 * k + 1] = ((times[k] as number) - 1) / (1 + more);
  }
  return split;
};

/**
 * What one minute adds to the logarithm of each alternative's bet. With `worseBy`, against "the new version is bad at most at `margin`":
 *
 *     r = nC/nB,  θ(ρ) = ρr/(1+ρr),  a = θ(ρ₁)/θ(ρ₀),  b = (1−θ(ρ₁))/(1−θ(ρ₀)),  ρ₁ = g·ρ₀
 *     log L = xC·log a + xB·log b − nC·δ·(a−1)
 *
 * E[L] ≤ 1 for every rate that the hypothesis allows, whatever the old version's rate in that minute. `betterBy` tests the opposite,
 * "the new version is bad at least at `margin`", for an early pass: the same with a < 1 < b. A minute in which one version has no requests
 * adds nothing. `split`: the one of these requests, if it is known; `into`: an array to reuse.
 */
export const against = (
  { fresh, old }: Pair,
  { ratio, plus }: Margin,
  grid: Grid,
  split: Split = splitOf(fresh.requests / old.requests, ratio, grid),
  into?: Float64Array,
): Float64Array => {
  const { logs } = grid;
  const row = into ?? new Float64Array(logs.length);
  if (fresh.requests === 0 || old.requests === 0) return row.fill(0);
  const [x, all, allowed] = [fresh.bad, fresh.bad + old.bad, fresh.requests * plus];
  for (let k = 0; k < logs.length; k++)
    row[k] = x * (logs[k] as number) + all * (split[2 * k] as number) - allowed * (split[2 * k + 1] as number);
  return row;
};

/**
 * Against "the new version's rate is at most `limit`", without a second version to compare with:
 *
 *     log L = x·log g − n·limit·(g−1)
 */
export const againstLimit = ({ requests, bad }: Pair['fresh'], limit: number): Float64Array =>
  Float64Array.from(worseBy.times, (g, k) => bad * (worseBy.logs[k] as number) - requests * limit * (g - 1));

/**
 * Minutes after which a further bet starts, so that the good minutes before a late fault do not count against it. A bet that has not
 * started is worth the 1 that it started with. All planned bets share the stake, whenever they start.
 */
export const restartEvery = 10;
export const restarts = 4;

/** e to this power is overwhelming. A larger power would overflow. */
const overwhelming = 690;

/**
 * A bet, minute by minute. It takes what the minute adds to each alternative's logarithm, and returns what the bet is worth then; it starts
 * at 1, spread evenly. `burst` divides the logarithms, because errors in clusters of that size carry the evidence of one
 * (a^(s/m) ≤ 1 + (s/m)(a−1)).
 *
 *     worth = Σₖ Σⱼ exp(Sₖ(t) − Sₖ(tⱼ)) = Σₖ exp(Sₖ(t) + log Σⱼ exp(−Sₖ(tⱼ))),  Sₖ the sum of logarithms, tⱼ when a bet began
 */
export const bet = (alternatives: number, burst: number, many = restarts): ((row: ArrayLike<number>) => number) => {
  const sums = new Float64Array(alternatives);
  const begins = new Float64Array(alternatives).fill(-Infinity);
  let begun = 0;
  let minute = 0;
  return (row) => {
    if (minute++ % restartEvery === 0 && begun < many) {
      begun++;
      for (let k = 0; k < alternatives; k++) begins[k] = added(begins[k] as number, -(sums[k] as number));
    }
    let worth = 0;
    for (let k = 0; k < alternatives; k++) {
      sums[k] = (sums[k] as number) + (row[k] as number) / burst;
      worth += Math.exp(Math.min(overwhelming, (sums[k] as number) + (begins[k] as number)));
    }
    return (many - begun + worth / alternatives) / many;
  };
};

/** log(exp a + exp b). */
const added = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

/** What a bet is worth after each minute. */
export const worthOf = (increments: readonly ArrayLike<number>[], burst: number, many = restarts): number[] =>
  increments.map(bet(increments[0]?.length ?? 0, burst, many));

/** The most that the bet was ever worth, at least 1. */
export const highest = (worth: readonly number[]): number => worth.reduce((most, one) => Math.max(most, one), 1);
