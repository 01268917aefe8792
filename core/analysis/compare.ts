/** Compares the new version with the old one, minute by minute. The tests stay valid however often somebody looks at the result. */
import type { ComparisonSettings } from '../config/service.ts';
import { burstFactor } from './burst.ts';
import {
  against,
  againstLimit,
  bet,
  betterBy,
  type Grid,
  highest,
  type Pair,
  type Split,
  splitOf,
  worseBy,
  worthOf,
} from './e-process.ts';
import { limitOf, type Measure, measuresOf, type Threshold } from './measures.ts';
import { type Minute, minutesOf } from './minutes.ts';
import { type Judged, judgedOf, type PeriodCounts } from './samples.ts';

/** With fewer bad requests than this the new version never fails: a last protection against a burst that history did not show. */
const fewest = 3;

/** Minutes in which new instances are still cold: caches, compilers, connections. In a fleet's first cold minutes only an obvious failure counts. */
export const coldMinutes = 2;

export interface EvidenceAt {
  at: number;
  evidence: number;
}

export interface Comparison {
  /** The highest evidence so far that the new version is worse: how many times as likely the counts are as if it were not. */
  evidence: number;
  /** The evidence at which the new version fails. */
  needed: number;
  /** The first minute at which the counts so far fail the new version, in epoch milliseconds. Null: it has not failed. */
  failedAt: number | null;
  /** The first minute after which every measure has evidence that the new version is not harmful. */
  passedAt: number | null;
  /** The measure with the most evidence. */
  culprit: Measure;
  /** The counts of both versions in the compared minutes, by that measure. */
  fresh: { requests: number; bad: number };
  old: { requests: number; bad: number };
  burst: number;
  /** The minutes that were judged. */
  minutes: readonly Minute[];
  /** `evidence` as it was after each of them. */
  trace: readonly EvidenceAt[];
  /** A minute in which the new version obviously failed. */
  broken: (Minute & { old: Judged }) | null;
  contradictions: string[];
}

export interface Compared {
  fresh: readonly PeriodCounts[];
  old: readonly PeriodCounts[];
  /** The old version's periods before the rollout: its usual error rate, and the size of its bursts. */
  before: readonly PeriodCounts[];
  /** The thresholds by which `slow` of each period is counted; none: answer times are not compared. */
  thresholds?: readonly Threshold[];
  /** Since when the new version has all traffic (epoch milliseconds). From then on it is compared with the old version's periods before the rollout. */
  aloneFrom?: number;
  /** Starts of the periods in which more instances got their first requests (epoch milliseconds). In the cold minutes after, answer times do not count. */
  coldFrom?: readonly number[];
}

/**
 * Computed from the first minute each time, so that the only state is the series, and a late count is simply read again. A version that has
 * failed stays failed, because the highest evidence counts.
 */
export const compare = (
  { fresh, old, before, thresholds = [], aloneFrom, coldFrom = [] }: Compared,
  settings: ComparisonSettings,
): Comparison => {
  const { minutes, contradictions } = minutesOf(fresh, old, aloneFrom);
  const warm = minutes.slice(coldMinutes);
  const cold = coldAfter(minutes, coldFrom);
  const needed = 1 / settings.falseAlarms;
  // Counts that contradict each other prove nothing, neither for nor against the new version.
  const sound = contradictions.length === 0;
  const earlier = judgedOf(before);
  // The comparison for minutes without the old version. Not computed if every minute has both.
  const past = warm.some((minute) => minute.old === null) ? [...earlier, ...judgedOf(old)] : [];
  // A measure that has no counts for one of the versions can neither fail nor pass.
  const isMeasured = ({ bad, name }: Measure): boolean =>
    name === 'errors' ||
    warm.some((minute) => bad(minute.fresh) !== undefined || (minute.old && bad(minute.old)) != null);
  const bets = measuresOf(settings, thresholds)
    .filter(isMeasured)
    .map((measure) => {
      const burst = settings.burst ?? burstFactor(earlier.map((period) => measure.bad(period) ?? 0));
      const limit = limitOf(past, measure, burst);
      const worse = bet(worseBy.logs.length, burst);
      const better = bet(betterBy.logs.length, burst, 1);
      return { measure, burst, limit, worse, better, most: 1, passed: false };
    });
  let open = bets.length;
  const kept = 1 - bets.reduce((sum, { measure }) => sum + measure.part, 0);

  let [evidence, allBad, failedAt, passedAt] = [1, 0, null as number | null, null as number | null];
  const row = new Float64Array(worseBy.logs.length);
  const passing = new Float64Array(betterBy.logs.length);
  const split = splitsOf();
  const trace: EvidenceAt[] = [];
  for (const minute of warm) {
    let now = kept;
    for (const one of bets) {
      const { measure, limit } = one;
      const pair =
        measure.name === 'latency' && cold.has(minute.at) ? { fresh: nothing, old: nothing } : pairOf(minute, measure);
      allBad += pair.fresh.bad;
      const worth = one.worse(
        minute.old === null && limit !== null
          ? againstLimit(pair.fresh, measure.worse.ratio * limit + measure.worse.plus)
          : against(pair, measure.worse, worseBy, split(minute, measure.worse.ratio, worseBy), row),
      );
      now += measure.part * worth;
      one.most = Math.max(one.most, measure.part * worth);
      // A measure that has passed once stays passed.
      if (!one.passed) {
        const { harmful, falsePasses } = settings;
        const better = one.better(against(pair, harmful, betterBy, split(minute, harmful.ratio, betterBy), passing));
        one.passed = better >= 1 / falsePasses;
        if (one.passed) open--;
      }
    }
    evidence = Math.max(evidence, now);
    trace.push({ at: minute.at, evidence });
    if (sound && evidence >= needed && allBad >= fewest) failedAt ??= minute.at;
    if (sound && open === 0) passedAt ??= minute.at;
  }
  const { measure, burst } = bets.toSorted((a, b) => b.most - a.most)[0] as (typeof bets)[number];
  const pairs = warm.map((minute) => pairOf(minute, measure));
  const sumOf = (side: 'fresh' | 'old') =>
    pairs.reduce(
      ({ requests, bad }, { [side]: one }) => ({ requests: requests + one.requests, bad: bad + one.bad }),
      nothing,
    );
  return {
    evidence,
    needed,
    failedAt,
    passedAt,
    culprit: measure,
    fresh: sumOf('fresh'),
    old: sumOf('old'),
    burst,
    minutes: warm,
    trace,
    broken: (sound && minutes.find(isBroken)) || null,
    contradictions,
  };
};

/**
 * The minutes in which some instances are cold: after each growth, that period and `coldMinutes` more, because it begins within the first.
 * Errors count in them, because users got them. Answer times do not: they say how warm an instance is, not which version it runs.
 */
const coldAfter = (minutes: readonly Minute[], coldFrom: readonly number[]): ReadonlySet<number> =>
  new Set(
    coldFrom.flatMap((from) => {
      const first = minutes.findIndex(({ at }) => at >= from);
      return first === -1 ? [] : minutes.slice(first, first + 1 + coldMinutes).map(({ at }) => at);
    }),
  );

const halvings = 24;

/**
 * How many times as often the new version fails at least, with the confidence of the test: the largest ratio ρ at which "at most ρ times as
 * often" is still refuted. That is the lower end of a confidence sequence (Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 2021).
 * Found by bisection between a hundredth and a thousand, as evidence falls with ρ. It uses the measure's own part of the bet, so that it
 * holds for the culprit, whichever measure that is. Null: it has not failed, or the old version had no requests beside it.
 */
export const ratioAtLeast = ({ minutes, culprit, burst, needed, failedAt }: Comparison): number | null => {
  const pairs = minutes.filter(({ old }) => old !== null).map((minute) => pairOf(minute, culprit));
  const isRefuted = (ratio: number): boolean =>
    highest(
      worthOf(
        pairs.map((pair) => against(pair, { ratio, plus: 0 }, worseBy)),
        burst,
      ),
    ) >=
    needed / culprit.part;
  let [low, high] = [Math.log(0.01), Math.log(1000)];
  if (failedAt === null || !isRefuted(Math.exp(low))) return null;
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2;
    if (isRefuted(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(low);
};

/** All measures see the same split of the traffic, so its terms are computed once for each minute and margin. */
const splitsOf = () => {
  const known: { of: Minute; ratio: number; grid: Grid; split: Split }[] = [];
  return (minute: Minute, ratio: number, grid: Grid): Split => {
    const found = known.find((one) => one.ratio === ratio && one.grid === grid);
    if (found?.of === minute) return found.split;
    const split = splitOf(minute.fresh.requests / (minute.old?.requests ?? 0), ratio, grid, found?.split);
    if (found === undefined) known.push({ of: minute, ratio, grid, split });
    else found.of = minute;
    return split;
  };
};

const nothing = { requests: 0, bad: 0 };

/** Null for a minute in which one of the versions was not measured: it says nothing about that measure. */
const pairOf = ({ fresh, old }: Minute, { bad }: Measure): Pair => {
  const [ofFresh, ofOld] = [bad(fresh), old === null ? 0 : bad(old)];
  if (ofFresh === undefined || ofOld === undefined) return { fresh: nothing, old: nothing };
  // Interpolated counts may exceed the requests by a fraction of one.
  return {
    fresh: { requests: fresh.requests, bad: Math.min(fresh.requests, Math.round(ofFresh)) },
    old: old === null ? nothing : { requests: old.requests, bad: Math.min(old.requests, Math.round(ofOld)) },
  };
};

/** At least half of ten or more requests bad, but fewer than a quarter of the old version's. No cold start looks like that. */
const isBroken = (minute: Minute): minute is Minute & { old: Judged } => {
  const { fresh, old } = minute;
  const rate = ({ requests, errors, connectionErrors }: PeriodCounts): number =>
    requests === 0 ? 0 : (errors + connectionErrors) / requests;
  return old !== null && fresh.requests >= 10 && rate(fresh) >= 0.5 && rate(old) < 0.25;
};
