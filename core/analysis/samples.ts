/** A version's counts, period by period: finds counts that cannot be true, and requests that got no answer. */

/** One closed period of one slot. */
export interface PeriodCounts {
  at: number;
  /** Requests for which a target was chosen. */
  requests: number;
  /** Requests answered with a 5xx. */
  errors: number;
  /** Requests without a connection to a target. The target group's 5xx count does not contain them. */
  connectionErrors: number;
  /** Requests answered by a target, with any status; absent if not measured. The load balancer answers the others with a 5xx of its own. */
  answered?: number;
  /** Answers that took longer than each threshold of this version; absent if not measured. */
  slow?: readonly number[];
}

/** A period as it is judged: with the requests that were still unanswered one period later. */
export type Judged = PeriodCounts & { unanswered: number | undefined };

/**
 * Requests are counted when they arrive and answers when they leave, so the difference of one period alone means nothing. A request counts
 * as unanswered only if the running difference never falls again. The last period is not judged: its requests may be answered in the next.
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

/** This many periods in a row without any answer are a version that hangs. Fewer may be late metrics. */
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

/** In one period errors and requests may be counted apart. Several in a row are a contradiction. */
const tolerated = 2;

/** One sentence for each kind of contradiction in one version's counts. */
export const contradictionsIn = (series: readonly PeriodCounts[], whose: string): string[] => {
  const found: string[] = [];
  const negative = series.find(({ requests, errors, connectionErrors, answered = 0, slow = [] }) =>
    [requests, errors, connectionErrors, answered, ...slow].some((count) => !(count >= 0) || !Number.isFinite(count)),
  );
  if (negative !== undefined) found.push(`a count of the ${whose} version is negative, or no number`);
  if (series.some(({ at }, index) => index > 0 && at <= (series[index - 1] as PeriodCounts).at))
    found.push(`periods of the ${whose} version are out of order`);
  const excessive = series.filter(({ requests, errors, connectionErrors }) => errors + connectionErrors > requests);
  if (excessive.length > tolerated)
    found.push(`the ${whose} version has more errors than requests in ${excessive.length} periods`);
  return found;
};
