/** Random numbers from a seed, and random counts. */

/** A seeded source of numbers from 0 to 1 (mulberry32): the same seed gives the same run. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A random count with the expected value `mean` (Poisson). From 30 on it uses the normal approximation, which is fast even for a million. */
export const poisson = (random: () => number, mean: number): number => {
  if (mean >= 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
};

/** A random count of successes in `n` tries with probability `p` (binomial). */
export const binomial = (random: () => number, n: number, p: number): number => {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  if (p < 0.05) return Math.min(n, poisson(random, n * p));
  const spread = n * p * (1 - p);
  if (spread > 25) return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(spread) * normal(random))));
  let count = 0;
  for (let i = 0; i < n; i++) if (random() < p) count++;
  return count;
};
