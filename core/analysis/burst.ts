/** Measures how many errors one fault causes. A client that retries turns one fault into several errors. */

/** With fewer errors than this, chance alone may explain how they are spread. */
const enough = 30;
const unknown = 3;
const most = 20;
/** An average is no upper limit, so half of it is added. */
const reserve = 1.5;

/**
 * φ: the variance of the counts divided by their mean, from their first differences, so that a drifting rate is not taken for bursts:
 *
 *     v = Σ(xᵢ − xᵢ₋₁)² / 2 / Σxᵢ,   φ = 1 + 1.5·(v − 1),  from 1 to 20;  at least 3 where fewer than 30 errors were seen
 *
 * `counts`: the old version's errors, minute by minute, before the rollout. Independent requests give 1.
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
