/** What the new version's errors prove against an absolute limit. A comparison of two versions would replace this one file. */

/** One settled period of one slot. */
export interface PeriodCounts {
  at: number;
  requests: number;
  /** Answered with a 5xx. */
  errors: number;
  /** Never answered: the load balancer could not connect. They appear in no 5xx count of the target group. */
  connectionErrors: number;
}

export interface ErrorEvidence {
  requests: number;
  errors: number;
  /** Errors per request, 0 to 1; 0 without requests. */
  rate: number;
  /** How likely so many errors, or more, were at exactly the limit. */
  chance: number;
  /** The evidence says that the true rate is above the limit. */
  exceeds: boolean;
}

/** One look is wrong about a version that is exactly at its limit in one of 200 cases, and about a better one more rarely by orders. */
const convincing = 0.005;
const fewestErrors = 3;

/** All periods together against `limit` (0 to 1), by a one-sided exact binomial test. */
export const errorEvidence = (series: readonly PeriodCounts[], limit: number): ErrorEvidence => {
  const errors = series.reduce((sum, period) => sum + period.errors + period.connectionErrors, 0);
  // Late metrics can bring a period's errors before its requests.
  const requests = Math.max(
    series.reduce((sum, period) => sum + period.requests, 0),
    errors,
  );
  const chance = binomialTail(errors, requests, limit);
  return {
    requests,
    errors,
    rate: requests === 0 ? 0 : errors / requests,
    chance,
    exceeds: errors >= fewestErrors && chance < convincing,
  };
};

/**
 * P(X ≥ k) of a binomial with `n` trials of probability `p`. Summed outwards from k, on the side where the terms shrink, starting from
 * a logarithm: no term overflows, and a million trials take some thousand additions.
 *
 *     binomialTail(3, 10, 0.5) = 968/1024      binomialTail(1, 2, 0.01) = 0.0199      binomialTail(0, n, p) = 1
 */
export const binomialTail = (k: number, n: number, p: number): number => {
  if (k <= 0) return 1;
  if (k > n || p <= 0) return 0;
  if (p >= 1) return 1;
  return k > n * p ? sumUp(k, n, p) : 1 - sumDown(k - 1, n, p);
};

const probability = (k: number, n: number, p: number): number =>
  Math.exp(logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p));

const negligible = 1e-17;

const sumUp = (from: number, n: number, p: number): number => {
  let term = probability(from, n, p);
  let sum = term;
  for (let k = from; k < n && term > sum * negligible; k++) {
    term *= ((n - k) / (k + 1)) * (p / (1 - p));
    sum += term;
  }
  return Math.min(1, sum);
};

const sumDown = (from: number, n: number, p: number): number => {
  let term = probability(from, n, p);
  let sum = term;
  for (let k = from; k > 0 && term > sum * negligible; k--) {
    term *= (k / (n - k + 1)) * ((1 - p) / p);
    sum += term;
  }
  return Math.min(1, sum);
};

/** ln n!, by Stirling's series from 16 on: the first term left out is under 1e-11 there. */
const logFactorial = (n: number): number => {
  if (n >= 16)
    return (
      n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5)
    );
  let log = 0;
  for (let factor = 2; factor <= n; factor++) log += Math.log(factor);
  return log;
};
