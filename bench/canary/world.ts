/** Requests and errors minute by minute, for two versions of a service and any policy that decides between them. */
import { normal, poisson, seededRandom } from '../../core/basics/random.ts';

/** What a version did in one minute. */
export interface Count {
  requests: number;
  errors: number;
  /** Answers above each of `thresholds`, the old version's own. */
  slow: number[];
  /** And above what the new one is allowed, `allowed` times as much. */
  slower: number[];
  /** The time in seconds that 99 of 100 answers took at most; NaN without requests. */
  p99: number;
  /** Answers that took more than half a second. */
  over500ms: number;
}

export interface Cell {
  requestsPerMinute: number;
  /** The new version's share of errors, 0 to 1, and how many times as long its answers take. */
  errors: number;
  latency: number;
  /** Errors come about four at a time. */
  bursts: boolean;
  /** Between minutes 8 and 16 one in a hundred more requests fails, of both versions. */
  incident: boolean;
}

export const baseline = 0.001;
const burst = 4;
const incident = { from: 8, to: 16, errors: 0.009 };
/** Minutes of the old version before a rollout. */
export const history = 180;
/** Minutes after which a version that nobody has stopped is stopped by somebody. */
export const day = 1440;

/** Answers take 100 ms in the middle, 404 ms at the 99th of a hundred: lognormal. */
const [middle, spread] = [0.1, 0.6];
const timeAt = (z: number): number => middle * Math.exp(spread * z);
/** The standard normal distribution's quantiles for the shares that are asked for. */
const quantiles = { half: 0, nine: 1.2815515655446004, ninetyNine: 2.3263478740408408 };
export const thresholds = Object.values(quantiles).map(timeAt);
export const allowed = 1.1;

/** P(Z > z), to seven digits (Abramowitz and Stegun 26.2.17). */
const beyond = (z: number): number => {
  if (z < 0) return 1 - beyond(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series;
};
/** The share of answers that take longer than that, of a version that takes `latency` times as long. */
const shareAbove = (seconds: number, latency: number): number =>
  beyond(Math.log(seconds / (middle * latency)) / spread);

const binomial = (random: () => number, n: number, p: number): number => {
  if (n * p > 25 && n * (1 - p) > 25)
    return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * normal(random))));
  let count = 0;
  if (p < 0.05) return Math.min(n, poisson(random, n * p));
  for (let one = 0; one < n; one++) if (random() < p) count++;
  return count;
};

/** The sum of so many waits of mean 1. */
const waits = (random: () => number, many: number): number => {
  if (many > 40) return Math.max(1e-9, many + Math.sqrt(many) * normal(random));
  let product = 1;
  for (let one = 0; one < many; one++) product *= 1 - random();
  return -Math.log(product);
};

/** z for which P(Z < z) = p, p above a half, to three digits (Abramowitz and Stegun 26.2.23). */
const zOf = (p: number): number => {
  const t = Math.sqrt(-2 * Math.log(1 - p));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
};

/** The 99th of a hundred of so many answers, as it comes out: the more there are, the closer to what it is. */
const p99Of = (random: () => number, requests: number, latency: number): number => {
  if (requests === 0) return Number.NaN;
  const below = Math.ceil(0.99 * requests);
  const [under, over] = [waits(random, below), waits(random, requests - below + 1)];
  const share = under / (under + over);
  return latency * (share > 0.5 ? timeAt(zOf(Math.min(share, 1 - 1e-9))) : timeAt(-zOf(1 - Math.max(share, 1e-9))));
};

const errorsOf = (random: () => number, requests: number, rate: number, bursts: boolean): number => {
  if (rate >= 1) return requests;
  if (!bursts) return binomial(random, requests, rate);
  let errors = 0;
  for (let left = poisson(random, (requests * rate) / burst); left > 0; left--) {
    errors++;
    while (random() > 1 / burst) errors++;
  }
  return Math.min(requests, errors);
};

export interface World {
  /** One minute of the service, so much of it, 0 to 1, the new version's. */
  minute(at: number, share: number): { fresh: Count; old: Count };
}

export const worldOf = (cell: Cell, seed: number): World => {
  const random = seededRandom(seed);
  const count = (mean: number, rate: number, latency: number): Count => {
    const requests = poisson(random, mean);
    const shares = (times: number) =>
      thresholds.map((threshold) => binomial(random, requests, shareAbove(threshold * times, latency)));
    return {
      requests,
      errors: errorsOf(random, requests, Math.min(1, rate), cell.bursts),
      slow: shares(1),
      slower: shares(allowed),
      p99: p99Of(random, requests, latency),
      over500ms: binomial(random, requests, shareAbove(0.5, latency)),
    };
  };
  return {
    minute: (at, share) => {
      const more = cell.incident && at >= incident.from && at < incident.to ? incident.errors : 0;
      return {
        fresh: count(cell.requestsPerMinute * share, cell.errors + more, cell.latency),
        old: count(cell.requestsPerMinute * (1 - share), baseline + more, 1),
      };
    },
  };
};
