/** Kayenta's judge: whether one series of minutes is higher than the other, by its NetflixACAJudge's own settings. */

/** z of a confidence of 98 %, and the part of the estimate that counts as no difference: both are hard-coded there. */
const z = 2.3263478740408408;
const tolerance = 0.25;

/** The k-th smallest of all b − a, both sorted: by halving the values between which it lies, and counting those below. */
const smallest = (a: readonly number[], b: readonly number[], k: number): number => {
  let low = (b[0] as number) - (a.at(-1) as number);
  let high = (b.at(-1) as number) - (a[0] as number);
  const upTo = (value: number): number => {
    let [count, j] = [0, 0];
    for (const one of a) {
      while (j < b.length && (b[j] as number) - one <= value) j++;
      count += j;
    }
    return count;
  };
  if (upTo(low) >= k) return low;
  for (let halving = 0; halving < 50; halving++) {
    const between = (low + high) / 2;
    if (upTo(between) >= k) high = between;
    else low = between;
  }
  // Not the value between, but the difference itself: where most of them are 0, so is this one.
  let found = low;
  for (const one of a) {
    const last = b.findLast((other) => other - one <= high);
    if (last !== undefined) found = Math.max(found, last - one);
  }
  return found;
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * High: the lower end of the Hodges–Lehmann interval of experiment − control is above a quarter of the estimate, and the mean is not lower.
 * The interval's ends are order statistics of all differences (Lehmann 1975, section 2.5), by the normal approximation with ties, as
 * inverting the Mann–Whitney test gives them. Minutes without a value are left out; equal series pass.
 */
export const isHigh = (control: readonly number[], experiment: readonly number[]): boolean => {
  const [a, b] = [control, experiment].map((all) => all.filter((value) => !Number.isNaN(value)));
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return false;
  if (new Set([...a, ...b]).size === 1) return false;
  a.sort((one, other) => one - other);
  b.sort((one, other) => one - other);
  const [m, n, all] = [a.length, b.length, a.length + b.length];
  const tied = new Map<number, number>();
  for (const value of [...a, ...b]) tied.set(value, (tied.get(value) ?? 0) + 1);
  const ties = [...tied.values()].reduce((sum, count) => sum + (count ** 3 - count), 0) / (all * (all - 1));
  const sigma = Math.sqrt(((m * n) / 12) * (all + 1 - ties));
  const rank = Math.round((m * n) / 2 - z * sigma);
  const lower = smallest(a, b, Math.max(1, rank));
  const estimate = smallest(a, b, Math.floor((m * n) / 2) + 1);
  const ratio = mean(b) / mean(a);
  return lower > tolerance * Math.abs(estimate) && !(ratio < 1);
};
