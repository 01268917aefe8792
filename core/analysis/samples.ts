/** What a version answered, period by period: what of it cannot be true, what is late, and which requests nobody has answered. */

/** One closed period of one slot. */
export interface PeriodCounts {
  at: number;
  /** For which a target was chosen. */
  requests: number;
  /** Answered with a 5xx. */
  errors: number;
  /** Never answered: the load balancer could not connect. They appear in no 5xx count of the target group. */
  connectionErrors: number;
  /** Answered by a target, with any status; absent where it is not measured. The load balancer answers the others, with a 5xx of its own. */
  answered?: number;
  /** Answers that took longer than each threshold of its version; absent where nobody measured. */
  slow?: readonly number[];
}

/** As it is judged: with those requests that nobody had answered a whole period later. */
export type Judged = PeriodCounts & { unanswered: number | undefined };

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

/** One period in which errors and requests are counted apart is no contradiction; several in a row are. */
const tolerated = 2;

/** One sentence for each kind of contradiction in one version's periods. */
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
