/** Both versions' counts, minute beside minute: what can be compared, what is left out, and what cannot be true. */

/** One settled period of one slot. */
export interface PeriodCounts {
  at: number;
  requests: number;
  /** Answered with a 5xx. */
  errors: number;
  /** Never answered: the load balancer could not connect. They appear in no 5xx count of the target group. */
  connectionErrors: number;
  /** Answers that took longer than each threshold of its version; absent where nobody measured. */
  slow?: readonly number[];
}

export interface Minute {
  at: number;
  fresh: PeriodCounts;
  old: PeriodCounts;
}

export interface Minutes {
  /** Those in which both versions were asked, oldest first. */
  paired: Minute[];
  /** Those of the new version that have no counterpart. */
  alone: PeriodCounts[];
  /** Why no verdict can rest on these numbers; empty: they agree with each other. */
  contradictions: string[];
}

/**
 * Joined by time. A minute that one version lacks is left out for both: it is late, or nobody asked. Counts that contradict each other
 * are told of, and pass nothing.
 */
export const minutesOf = (fresh: readonly PeriodCounts[], old: readonly PeriodCounts[]): Minutes => {
  const contradictions = [...contradictionsIn(fresh, 'new'), ...contradictionsIn(old, 'old')];
  const others = new Map(old.map((period) => [period.at, period]));
  const paired: Minute[] = [];
  const alone: PeriodCounts[] = [];
  for (const period of fresh.map(plausible)) {
    const other = others.get(period.at);
    if (other === undefined) alone.push(period);
    else paired.push({ at: period.at, fresh: period, old: plausible(other) });
  }
  return { paired, alone, contradictions };
};

/** Late metrics can bring a period's errors before its requests. */
const plausible = (period: PeriodCounts): PeriodCounts => ({
  ...period,
  requests: Math.max(period.requests, period.errors + period.connectionErrors),
});

/** One period in which errors and requests are counted apart is no contradiction; several in a row are. */
const tolerated = 2;

const contradictionsIn = (series: readonly PeriodCounts[], whose: string): string[] => {
  const found: string[] = [];
  const negative = series.find(({ requests, errors, connectionErrors }) =>
    [requests, errors, connectionErrors].some((count) => !(count >= 0) || !Number.isFinite(count)),
  );
  if (negative !== undefined) found.push(`a count of the ${whose} version is negative, or no number`);
  if (series.some(({ at }, index) => index > 0 && at <= (series[index - 1] as PeriodCounts).at))
    found.push(`periods of the ${whose} version are out of order`);
  const excessive = series.filter(({ requests, errors, connectionErrors }) => errors + connectionErrors > requests);
  if (excessive.length > tolerated)
    found.push(`the ${whose} version has more errors than requests in ${excessive.length} periods`);
  return found;
};
