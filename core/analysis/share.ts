/** Tests whether the new version gets as many requests as its weight promises. Only a message: sticky sessions may cause less. */
import { burstFactor } from './burst.ts';
import { highest, worthOf } from './e-process.ts';
import type { PeriodCounts } from './samples.ts';

/** It may get 30 % less. */
const least = 0.7;
const alternatives = [0.05, 0.3, 0.5, 0.7, 0.85];

/**
 * The share of requests, 0 to 1, that the new version got in minutes of one `weight` (percent), if that is proved to be less than 0.7 of the
 * weight; null: it is not proved. Against "each request goes to the new version with a probability of at least s₀ = 0.7·weight":
 *
 *     log L = nC·log(s₁/s₀) + nB·log((1−s₁)/(1−s₀)),  s₁ = 0.05 … 0.85 times s₀
 *
 * a likelihood ratio of Bernoulli trials, and so an e-process (Ramdas, Grünwald, Vovk and Shafer, Statistical Science 2023). `before`: the
 * old version's minutes before the rollout, from which the bursts of requests are measured.
 */
export const shortShare = (
  minutes: readonly { fresh: { requests: number }; old: { requests: number } | null }[],
  weight: number,
  { before, falseAlarms }: { before: readonly PeriodCounts[]; falseAlarms: number },
): number | null => {
  const promised = (least * weight) / 100;
  const rows = minutes.map(({ fresh, old }) =>
    alternatives.map(
      (times) =>
        fresh.requests * Math.log(times) +
        (old?.requests ?? 0) * (Math.log1p(-times * promised) - Math.log1p(-promised)),
    ),
  );
  const burst = burstFactor(before.map(({ requests }) => requests));
  if (highest(worthOf(rows, burst, 1)) < 1 / falseAlarms) return null;
  const asked = minutes.reduce((sum, { fresh }) => sum + fresh.requests, 0);
  const all = minutes.reduce((sum, { fresh, old }) => sum + fresh.requests + (old?.requests ?? 0), 0);
  return asked / all;
};
