/** What is measured of a version, how much worse it may be, and how each is said. */

import { formatSeconds } from '../basics/format.ts';
import type { ComparisonSettings, Margin } from '../config/service.ts';
import type { Judged } from './samples.ts';

/** Seconds above which an answer counts as slow: the old version's own, and the new one's, which may be a little longer. */
export interface Threshold {
  old: number;
  fresh: number;
}

export interface Measure {
  name: 'errors' | 'connections' | 'unanswered' | 'latency';
  /** Its part of what is bet: parts sum to at most 1, the rest is kept. Averages of such bets are bets, too, however the measures depend on each other (Vovk and Wang 2021). */
  part: number;
  /** Undefined: nobody measured it in that period. */
  bad: (period: Judged) => number | undefined;
  worse: Margin;
  words: string;
  /** What the old version is measured by, where that is something else. */
  against?: string;
}

/** No slower is no slower: the two thresholds are the margin. */
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

/** Periods in which a rate is a rate of that time. */
const inARow = 10;

/**
 * The rate, 0 to 1, that the old version's own surely was not above in any while, as x errors of n requests tell it:
 *
 *     (x + 3·√(φ·(x+1)) + 3·φ) / n  over all of its periods, or x/n of its worst ten in a row, whichever is more
 *
 * three standard deviations of a count whose variance is φ times its mean, and what none at all leaves open. Its worst ten, because a day
 * that is bad for both may well go on. Null: it is not known, or is a time of answering, which differs without anybody's fault.
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
