/** Incidents of both versions: minutes in which the old version itself exceeds the absolute limit, so that an error says nothing about the new one. */
import type { PeriodCounts } from './samples.ts';

const badOf = ({ errors, connectionErrors }: PeriodCounts): number => errors + connectionErrors;

/** How rarely a minute of a version below the limit is taken for one of an incident. */
const byChance = 0.01;

/**
 * P(X ≥ k) of a Poisson count with that mean: how likely so many errors are by chance alone.
 *
 *     poissonTail(1, 0.05) = 0.049,  poissonTail(3, 0.05) = 0.00002,  poissonTail(0, 5) = 1
 */
export const poissonTail = (k: number, mean: number): number => {
  // Of a large mean the tail is a normal one's (continuity-corrected), and exp(-mean) would be 0.
  if (mean > 500) return k - 0.5 <= mean ? 1 : Math.exp(-((k - 0.5 - mean) ** 2) / (2 * mean));
  let term = Math.exp(-mean);
  let below = 0;
  for (let count = 0; count < k; count++) {
    below += term;
    term *= mean / (count + 1);
  }
  return Math.max(0, 1 - below);
};

/** Whether so many errors of so many requests show a rate above `limit` (0 to 1), and are no chance. */
const isAbove = (bad: number, requests: number, limit: number): boolean =>
  bad > limit * requests && poissonTail(bad, limit * requests) < byChance;

/** Start times (epoch milliseconds) of the minutes in which the old version exceeded `limit` (0 to 1). */
export const incidentMinutes = (old: readonly PeriodCounts[], limit: number): ReadonlySet<number> =>
  new Set(old.filter((one) => isAbove(badOf(one), one.requests, limit)).map(({ at }) => at));

/**
 * The new version's periods from which the limit may conclude something: none of an incident; and none at all where the old version, in the
 * periods that are left, exceeds the limit on the whole. A period in which only the new version was asked stays.
 */
export const outsideIncidents = (
  fresh: readonly PeriodCounts[],
  old: readonly PeriodCounts[],
  limit: number,
): readonly PeriodCounts[] => {
  const during = incidentMinutes(old, limit);
  const kept = fresh.filter(({ at }) => !during.has(at));
  const times = new Set(kept.map(({ at }) => at));
  const beside = old.filter(({ at, requests }) => times.has(at) && requests > 0);
  const bad = beside.reduce((sum, one) => sum + badOf(one), 0);
  const requests = beside.reduce((sum, one) => sum + one.requests, 0);
  if (!isAbove(bad, requests, limit)) return kept;
  const compared = new Set(beside.map(({ at }) => at));
  return kept.filter(({ at }) => !compared.has(at));
};

/** So many of the newest closed periods say whether an incident goes on. */
const newest = 3;

/** What both versions failed in the newest minutes, where an incident of both goes on; null: none does. */
export interface Incident {
  fresh: { requests: number; bad: number };
  old: { requests: number; bad: number };
}

/**
 * An incident goes on where, in the newest closed periods, the old version exceeds `limit` and twice its usual rate, and the new version
 * exceeds the limit, too. A live version that fails alone, or always has, holds up no fix. `before`: the old version's periods before the rollout.
 */
export const incidentNow = (
  fresh: readonly PeriodCounts[],
  old: readonly PeriodCounts[],
  before: readonly PeriodCounts[],
  limit: number,
): Incident | null => {
  const sums = (some: readonly PeriodCounts[]) => ({
    requests: some.reduce((sum, { requests }) => sum + requests, 0),
    bad: some.reduce((sum, one) => sum + badOf(one), 0),
  });
  const usual = sums(before);
  const unusual = usual.requests === 0 ? limit : Math.max(limit, (2 * usual.bad) / usual.requests);
  const during = incidentMinutes(old.slice(-newest), unusual);
  if (during.size === 0) return null;
  const both = {
    fresh: sums(fresh.filter(({ at }) => during.has(at))),
    old: sums(old.filter(({ at }) => during.has(at))),
  };
  return both.fresh.bad > limit * both.fresh.requests ? both : null;
};
