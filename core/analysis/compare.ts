/** The new version against the old one, minute by minute, by tests that stay valid however often they are looked at. */
import { formatSeconds } from '../format.ts';
import { burstFactor } from './burst.ts';
import {
  againstHarmful,
  againstNotWorse,
  betterBy,
  type Factors,
  factorsOf,
  type Margin,
  type Pair,
  worseBy,
  worthOf,
} from './e-process.ts';
import { type Minute, minutesOf, type PeriodCounts } from './minutes.ts';

export interface ComparisonSettings {
  /** How rarely, 0 to 1, a new version that is not worse is failed, in a whole rollout. */
  falseAlarms: number;
  /** How rarely a harmful one is passed early. */
  falsePasses: number;
  /** The most by which it may be worse without being failed. */
  worse: Margin;
  /** From here on it is harmful. */
  harmful: Margin;
  /** An answer may take `ratio` times as long as the old version's, and `plus` seconds at least; null: times are not compared. */
  slower: { ratio: number; plus: number } | null;
  /** Errors that come at a time; null: by what the old version did before. */
  burst: number | null;
}

export interface Measure {
  name: 'errors' | 'connections' | 'latency';
  /** Its part of what is bet: parts sum to at most 1, the rest is kept. Averages of such bets are one, whatever depends on what (Vovk and Wang 2021). */
  part: number;
  /** Undefined: nobody measured it in that period. */
  bad: (period: PeriodCounts) => number | undefined;
  worse: Margin;
  words: string;
  /** What the old version is measured by, where that is something else. */
  against?: string;
}

/** No slower is no slower: the two thresholds are the margin. */
const noMargin: Margin = { ratio: 1, plus: 0 };

const measuresOf = ({ worse }: ComparisonSettings, thresholds: readonly Threshold[]): Measure[] => {
  const timed = thresholds.length > 0;
  return [
    {
      name: 'errors',
      part: timed ? 0.5 : 0.7,
      bad: ({ errors }) => errors,
      worse,
      words: 'answered with a 5xx',
    },
    {
      name: 'connections',
      part: timed ? 0.2 : 0.3,
      bad: ({ connectionErrors }) => connectionErrors,
      worse,
      words: 'not connected',
    },
    ...thresholds.map(
      ({ old, fresh }, index): Measure => ({
        name: 'latency',
        part: 0.3 / thresholds.length,
        bad: ({ slow }) => slow?.[index],
        worse: noMargin,
        words: `answered in over ${formatSeconds(fresh)}`,
        against: `in over ${formatSeconds(old)}`,
      }),
    ),
  ];
};

/** Seconds above which an answer counts as slow: the old version's own, and the new one's, which may be a little longer. */
export interface Threshold {
  old: number;
  fresh: number;
}

/** Fewer bad requests than that fail nothing: the last resort against a burst that history did not show. */
const fewest = 3;

/** Minutes in which a new fleet is still cold: caches, compilers, connections. Only what is plainly broken counts in them. */
export const coldMinutes = 2;

export interface Comparison {
  /** Evidence that the new version is worse, at its highest so far: so many times as likely as if it were not. */
  evidence: number;
  /** The evidence that fails it. */
  needed: number;
  fails: boolean;
  /** The measure that says most. */
  culprit: Measure;
  /** What both versions did in the minutes that were compared. */
  fresh: { requests: number; bad: number };
  old: { requests: number; bad: number };
  burst: number;
  /** How many times as often at least, with the confidence that the evidence was asked for; null: it has not failed. */
  atLeast: number | null;
  /** Every measure has evidence that the new version is not harmful. */
  passes: boolean;
  minutes: number;
  /** A minute in which it was plainly broken. */
  broken: Minute | null;
  contradictions: string[];
}

export interface Compared {
  fresh: readonly PeriodCounts[];
  old: readonly PeriodCounts[];
  /** The old version's periods before the rollout: how its errors come. */
  before: readonly PeriodCounts[];
  /** What `slow` of each period counts; none: times are not compared. */
  thresholds?: readonly Threshold[];
}

/**
 * Replayed from the first minute each time: no state but the series, and a figure that arrives late is simply read again. Failed once is
 * failed for good, as the highest evidence counts.
 */
export const compare = (
  { fresh, old, before, thresholds = [] }: Compared,
  settings: ComparisonSettings,
): Comparison => {
  const { paired, contradictions } = minutesOf(fresh, old);
  const warm = paired.slice(coldMinutes);
  const measures = measuresOf(settings, thresholds);
  const factors = factorsBy(warm);
  const bets = measures.map((measure) => {
    const pairs = warm.map((minute) => pairOf(minute, measure));
    const burst = settings.burst ?? burstFactor(before.map((period) => measure.bad(period) ?? 0));
    const worth = worthOf(
      pairs.map((pair, minute) => againstNotWorse(pair, measure.worse, factors(measure.worse.ratio, worseBy)[minute])),
      burst,
    );
    const pass = worthOf(
      pairs.map((pair, minute) =>
        againstHarmful(pair, settings.harmful, factors(settings.harmful.ratio, betterBy)[minute]),
      ),
      burst,
      1,
    );
    return { measure, pairs, burst, worth, passes: highest(pass) >= 1 / settings.falsePasses };
  });
  const kept = 1 - measures.reduce((sum, { part }) => sum + part, 0);
  const evidenceAt = (minute: number): number =>
    bets.reduce((sum, { measure, worth }) => sum + measure.part * (worth[minute] ?? 1), kept);
  const evidence = warm.reduce((most, _, minute) => Math.max(most, evidenceAt(minute)), 1);
  const says = ({ measure, worth }: (typeof bets)[number]): number => measure.part * highest(worth);
  const most = bets.toSorted((a, b) => says(b) - says(a));
  const culprit = most[0] as (typeof bets)[number];
  const needed = 1 / settings.falseAlarms;
  const sumOf = (side: 'fresh' | 'old') => ({
    requests: culprit.pairs.reduce((sum, pair) => sum + pair[side].requests, 0),
    bad: culprit.pairs.reduce((sum, pair) => sum + pair[side].bad, 0),
  });
  // From figures that contradict each other nothing follows, neither way.
  const sound = contradictions.length === 0;
  const allBad = bets.reduce((sum, { pairs }) => sum + pairs.reduce((bad, pair) => bad + pair.fresh.bad, 0), 0);
  const fails = sound && evidence >= needed && allBad >= fewest;
  return {
    evidence,
    needed,
    fails,
    atLeast: fails ? lowerBound(culprit.pairs, culprit.burst, needed / culprit.measure.part) : null,
    culprit: culprit.measure,
    fresh: sumOf('fresh'),
    old: sumOf('old'),
    burst: culprit.burst,
    passes: sound && bets.every(({ passes }) => passes),
    minutes: warm.length,
    broken: (sound && paired.find(isBroken)) || null,
    contradictions,
  };
};

const halvings = 24;

/**
 * The largest ratio ρ for which "at most ρ times as often" is still refuted: the lower end of a confidence sequence (Howard, Ramdas, McAuliffe
 * and Sekhon, Annals of Statistics 2021), found by halving between a hundredth and a thousand, as evidence falls with ρ. `needed` is that of
 * the measure's part alone, so that it holds for whichever measure says most.
 */
const lowerBound = (pairs: readonly Pair[], burst: number, needed: number): number => {
  const isRefuted = (ratio: number): boolean =>
    highest(
      worthOf(
        pairs.map((pair) => againstNotWorse(pair, { ratio, plus: 0 })),
        burst,
      ),
    ) >= needed;
  let [low, high] = [Math.log(0.01), Math.log(1000)];
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2;
    if (isRefuted(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(low);
};

const highest = (worth: readonly number[]): number => worth.reduce((most, one) => Math.max(most, one), 1);

/** All measures see the same split of the traffic, so what follows from it is worked out once for each minute and margin. */
const factorsBy = (minutes: readonly Minute[]) => {
  const known = new Map<readonly number[], Map<number, Factors[]>>();
  return (ratio: number, alternatives: readonly number[]): Factors[] => {
    const ofGrid = known.get(alternatives) ?? new Map<number, Factors[]>();
    known.set(alternatives, ofGrid);
    const found =
      ofGrid.get(ratio) ??
      minutes.map(({ fresh, old }) => factorsOf(fresh.requests / old.requests, ratio, alternatives));
    ofGrid.set(ratio, found);
    return found;
  };
};

/** A minute in which one version was not measured says nothing about that measure. */
const pairOf = ({ fresh, old }: Minute, { bad }: Measure): Pair => {
  const [ofFresh, ofOld] = [bad(fresh), bad(old)];
  if (ofFresh === undefined || ofOld === undefined) return nothing;
  // Interpolated counts may exceed the requests by a fraction.
  return {
    fresh: { requests: fresh.requests, bad: Math.min(fresh.requests, Math.round(ofFresh)) },
    old: { requests: old.requests, bad: Math.min(old.requests, Math.round(ofOld)) },
  };
};

const nothing: Pair = { fresh: { requests: 0, bad: 0 }, old: { requests: 0, bad: 0 } };

/** Half of at least ten requests bad, while fewer than a quarter of the old version's are: no cold start looks like that. */
const isBroken = ({ fresh, old }: Minute): boolean => {
  const rate = ({ requests, errors, connectionErrors }: PeriodCounts): number =>
    requests === 0 ? 0 : (errors + connectionErrors) / requests;
  return fresh.requests >= 10 && rate(fresh) >= 0.5 && rate(old) < 0.25;
};
