/** Counts latencies in a fixed number of buckets. */

/** Buckets per doubling: each is 3.5 % wide. */
const FINE = 20;
/** Milliseconds: what is faster counts as this. */
const LEAST = 0.01;
/** Up to about three hours. */
const BUCKETS = FINE * 30;

export interface Summary {
  p50: number;
  p99: number;
  /** Exact. */
  max: number;
}

export const histogram = () => {
  const counts = new Uint32Array(BUCKETS);
  let count = 0;
  let max = 0;
  const percentile = (share: number): number => {
    if (count === 0) return 0;
    let left = Math.ceil(count * share);
    let bucket = -1;
    while (left > 0) left -= counts[++bucket] ?? left;
    return Math.min(max, LEAST * 2 ** ((bucket + 0.5) / FINE));
  };
  return {
    add: (ms: number): void => {
      const bucket = Math.floor(Math.log2(Math.max(LEAST, ms) / LEAST) * FINE);
      const index = Math.min(BUCKETS - 1, bucket);
      counts[index] = (counts[index] ?? 0) + 1;
      count++;
      max = Math.max(max, ms);
    },
    /** Milliseconds; all 0 before the first. */
    summary: (): Summary => ({ p50: percentile(0.5), p99: percentile(0.99), max }),
  };
};
