/** The measures by which versions are compared: how much worse each may be, and how each is worded. */

import { formatSeconds } from '../basics/format.ts';
import type { ComparisonSettings, Margin } from '../config/service.ts';
import type { Judged } from './samples.ts';

/** Seconds above which an answer counts as slow: for the old version its own usual times, for the new one a little more. */
export interface Threshold {
  old: number;
  fresh: number;
}

export interface Measure {
  name: 'errors' | 'connections' | 'unanswered' | 'latency';
  /** Its part of the stake; parts sum to at most 1. An average of bets is a bet, even if measures depend on each other (Vovk and Wang 2021). */
  part: number;
  /** Undefined: it was not measured in that period. */
  bad: (period: Judged) => number | undefined;
  worse: Margin;
  words: string;
  /** The reference for the old version, where it is not this measure itself. */
  against?: string;
}

/** The thresholds contain the margin already, so none is added. */
const noMargin: Margin = { ratio: 1, plus: 0 };

export const measuresOf = ({ worse }: ComparisonSettings, thresholds: readonly Threshold[]): Measure[] => {
  const rest = thresholds.length > 0 ? 0.7 : 1;
  return [
    { name: 'errors', part: 0.6 * rest, bad: ({ errors }) => errors, worse, words: 'answered with a 5xx' },
    { name: 'connections', part: 0.2 * rest, bad: (one) => one.connectionErrors, worse, words: 'failed to connect' },
    {
      name: 'unanswered',
      part: 0.2 * rest,
      bad: ({ unanswered }) => unanswered,
      worse,
      words: 'were answered by the load balancer, because the version gave no answer',
    },
    ...thresholds.map(
      ({ old, fresh }, index): Measure => ({
        name: 'latency',
        part: (1 - rest) / thresholds.length,
        bad: ({ slow }) => slow?.[index],
        worse: noMargin,
        words: `answered in over ${formatSeconds(fresh)}`,
        against: `in over ${formatSeconds(old)}`,
      }),
    ),
  ];
};

/** Periods in a row that are enough to estimate the rate of that time. */
const inARow = 10;

/**
 * A rate, 0 to 1, that the old version's true rate surely never exceeded for long, from x errors in n requests:
 *
 *     (x + 3·√(φ·(x+1)) + 3·φ) / n  over all of its periods, or x/n of its worst ten in a row, whichever is more
 *
 * Three standard deviations of a count whose variance is φ times its mean, and a reserve for a count of 0. The worst ten, because a bad
 * time of both versions may continue. Null: not known, or an answer time, which may change without any fault.
 */
export const limitOf = (periods: readonly Judged[], { name, bad }: Measure, burst: number): number | null => {
  if (name === 'latency') return null;
  const sums = (some: readonly Judged[]) => ({
    n: some.reduce((sum, { requests }) => sum + requests, 0),
    x: some.reduce((sum, period) => sum + (bad(period) ?? 0), 0),
  });
  const { n, x } = sums(periods);
  if (n === 0) return null;
  let worst = (x + 3 * Math.sqrt(burst * (x + 1)) + 3 * burst) / n;
  for (let end = inARow; end <= periods.length; end++) {
    const recent = sums(periods.slice(end - inARow, end));
    worst = Math.max(worst, recent.x / Math.max(1, recent.n));
  }
  return worst;
};
