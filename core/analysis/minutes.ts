/** Both versions' counts, minute beside minute: what can be compared, and what is left out. */
import { contradictionsIn, type Judged, judgedOf, type PeriodCounts } from './samples.ts';

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
