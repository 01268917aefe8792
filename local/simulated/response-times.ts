/** The response times of one period, in buckets of a twelfth of a doubling. They are drawn only when they are read. */
import { binomial } from '../../core/basics/random.ts';

/** Buckets per doubling, and the shortest time, in seconds. */
const fine = 12;
const least = 0.0001;

/** So many requests of a program that takes so long as a rule: lognormal, `median` in milliseconds, `spread` of the logarithm. */
export interface Expected {
  requests: number;
  median: number;
  spread: number;
}

export interface ResponseTimes {
  buckets: Map<number, number>;
  /** Not drawn yet. */
  expected: Expected[];
}

export const noTimes = (): ResponseTimes => ({ buckets: new Map(), expected: [] });

const bucketOf = (seconds: number): number =>
  Math.max(0, Math.floor(Math.log2(Math.max(least, seconds) / least) * fine));
/** Where a bucket begins, in seconds. */
const edge = (bucket: number): number => least * 2 ** (bucket / fine);

/** A request that really took so long. */
export const addTime = ({ buckets }: ResponseTimes, ms: number): void => {
  const bucket = bucketOf(ms / 1000);
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
};

/** The standard normal distribution; Abramowitz and Stegun 26.2.17, wrong by less than 1e-7. */
const below = (z: number): number => {
  if (z < 0) return 1 - below(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
};

/** Standard deviations beyond which nothing is drawn. */
const widest = 4.5;

/** Bucket by bucket, each of those that are left by its chance among what is left. */
const draw = (times: ResponseTimes, random: () => number): void => {
  for (const { requests, median, spread } of times.expected.splice(0)) {
    const middle = Math.log(median / 1000);
    const first = bucketOf(Math.exp(middle - widest * spread));
    const last = bucketOf(Math.exp(middle + widest * spread));
    let left = requests;
    let chanceLeft = 1;
    for (let bucket = first; bucket <= last && left > 0; bucket++) {
      const until = bucket === last ? 1 : below((Math.log(edge(bucket + 1)) - middle) / spread);
      const chance = Math.max(0, until - (1 - chanceLeft));
      const count = bucket === last ? left : binomial(random, left, Math.min(1, chance / chanceLeft));
      if (count > 0) times.buckets.set(bucket, (times.buckets.get(bucket) ?? 0) + count);
      left -= count;
      chanceLeft -= chance;
    }
  }
};

/** Requests that took longer than so many seconds: within a bucket in proportion, as CloudWatch's TC interpolates. */
export const above = (times: ResponseTimes, seconds: number, random: () => number): number => {
  draw(times, random);
  let sum = 0;
  for (const [bucket, count] of times.buckets) {
    const [from, to] = [edge(bucket), edge(bucket + 1)];
    if (from >= seconds) sum += count;
    else if (to > seconds) sum += (count * (to - seconds)) / (to - from);
  }
  return sum;
};

/** The time that a share of all requests, 0 to 1, took at most, in seconds; undefined of none. */
export const percentile = (all: readonly ResponseTimes[], share: number, random: () => number): number | undefined => {
  const sums = new Map<number, number>();
  for (const times of all) {
    draw(times, random);
    for (const [bucket, count] of times.buckets) sums.set(bucket, (sums.get(bucket) ?? 0) + count);
  }
  const sorted = [...sums].sort(([a], [b]) => a - b);
  let left = sorted.reduce((sum, [, count]) => sum + count, 0) * share;
  if (left === 0) return undefined;
  for (const [bucket, count] of sorted) {
    if (left <= count) return edge(bucket) + (edge(bucket + 1) - edge(bucket)) * (left / count);
    left -= count;
  }
  return undefined;
};
