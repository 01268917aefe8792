/** Both versions' counts, minute beside minute: what can be compared, and what is left out. */
import { contradictionsIn, type Judged, judgedOf } from './figures.ts';

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
