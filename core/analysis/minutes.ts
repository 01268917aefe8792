/** Both versions' counts, minute beside minute: what can be compared, and what is left out. */
import { contradictionsIn } from '../contradictions.ts';

/** One settled period of one slot. */
export interface PeriodCounts {
  at: number;
  /** For which a target was chosen. */
  requests: number;
  /** Answered with a 5xx. */
  errors: number;
  /** Never answered: the load balancer could not connect. They appear in no 5xx count of the target group. */
  connectionErrors: number;
  /** Answered by a target, whatever with; absent where nobody measured. The load balancer answers the others, with a 5xx of its own. */
  answered?: number;
  /** Answers that took longer than each threshold of its version; absent where nobody measured. */
  slow?: readonly number[];
}

/** As it is judged: with those requests that nobody had answered a whole period later. */
export type Judged = PeriodCounts & { unanswered: number | undefined };

export interface Minute {
  at: number;
  fresh: Judged;
  /** Null where all traffic is the new version's. */
  old: Judged | null;
}

/**
 * Joined by time, oldest first. A minute that one version lacks is left out for both: it is late, or nobody asked; but from `aloneFrom` on
 * the new version has all the traffic, and is judged by itself. `contradictions`: why no verdict can rest on these numbers.
 */
export const minutesOf = (
  fresh: readonly PeriodCounts[],
  old: readonly PeriodCounts[],
  aloneFrom = Infinity,
): { minutes: Minute[]; contradictions: string[] } => {
  const contradictions = [...contradictionsIn(fresh, 'new'), ...contradictionsIn(old, 'old')];
  const others = new Map(judgedOf(old).map((period) => [period.at, period]));
  const minutes: Minute[] = [];
  for (const period of judgedOf(fresh)) {
    const other = others.get(period.at) ?? null;
    if (other !== null || period.at >= aloneFrom) minutes.push({ at: period.at, fresh: period, old: other });
  }
  return { minutes, contradictions };
};

/**
 * Requests are counted when they come and answers when they go, so that the difference of a period is no number of its own: of all so far,
 * that is missing which is still missing when the last answer is in. What begins in the last period has no later one to be answered in.
 */
export const judgedOf = (periods: readonly PeriodCounts[]): Judged[] => {
  const answers = answersOf(periods);
  let missing = 0;
  const open = periods.map(({ requests }, index) => {
    missing += requests - (answers[index] ?? requests);
    return missing;
  });
  for (let index = open.length - 2; index >= 0; index--)
    open[index] = Math.min(open[index] as number, open[index + 1] as number);
  return periods.map((period, index) => ({
    ...period,
    // Late metrics can bring a period's errors before its requests.
    requests: Math.max(period.requests, period.errors + period.connectionErrors),
    unanswered:
      answers[index] === undefined || index === periods.length - 1
        ? undefined
        : Math.max(0, (open[index] as number) - (index === 0 ? 0 : (open[index - 1] as number))),
  }));
};

/** So many periods in a row without a single answer are what a version that hangs looks like; fewer are metrics that come late. */
const hangs = 3;

const answersOf = (periods: readonly PeriodCounts[]): (number | undefined)[] => {
  const isSilent = (index: number): boolean => periods[index]?.answered === 0;
  return periods.map(({ answered }, index) => {
    if (answered !== 0) return answered;
    let [first, last] = [index, index];
    while (isSilent(first - 1)) first--;
    while (isSilent(last + 1)) last++;
    return last - first + 1 < hangs ? undefined : 0;
  });
};
