/** Joins the counts of both versions minute by minute, and leaves out minutes that cannot be compared. */
import { contradictionsIn, type Judged, judgedOf, type PeriodCounts } from './samples.ts';

export interface Minute {
  at: number;
  fresh: Judged;
  /** Null if the new version has all traffic. */
  old: Judged | null;
}

/**
 * Joined by time, oldest first. A minute that one version lacks is left out for both: it is late, or had no requests. From `aloneFrom` on the
 * new version has all the traffic and stands alone. `contradictions`: why these counts cannot support a verdict.
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
