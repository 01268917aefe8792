/** Measures how many errors one fault makes: a client that retries makes many of one. */

/** Fewer errors than that may well have come one by one by chance. */
const enough = 30;
const unknown = 3;
const most = 20;
/** An average does not bound what comes: half as much again is counted on. */
const reserve = 1.5;

/**
 * The variance of the counts over their mean, by their first differences, so that a rate that drifts is not taken for bursts:
 *
 *     v = Σ(xᵢ − xᵢ₋₁)² / 2 / Σxᵢ,   φ = 1 + 1.5·(v − 1),  from 1 to 20;  at least 3 where fewer than 30 errors were seen
 *
 * `counts`: the old version's errors, minute by minute, from before the rollout. 1 is what independent requests have.
 *
 *     burstFactor([9, 11, 10, 12, 8]) = 1      burstFactor([0, 0, 30, 0, 0]) = 20      burstFactor([1, 0, 1]) = 3
 */
export const burstFactor = (counts: readonly number[]): number => {
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum === 0 || counts.length < 2) return unknown;
  let squares = 0;
  for (let index = 1; index < counts.length; index++)
    squares += ((counts[index] as number) - (counts[index - 1] as number)) ** 2;
  return Math.min(most, Math.max(sum < enough ? unknown : 1, 1 + reserve * (squares / 2 / sum - 1)));
};
