/** Incidents of both versions: minutes in which the old version itself exceeds the absolute limit, so that an error says nothing about the new one. */
import type { PeriodCounts } from './samples.ts';

const badOf = ({ errors, connectionErrors }: PeriodCounts): number => errors + connectionErrors;

/** How rarely a minute of a version below the limit is taken for an incident. */
const byChance = 0.01;

/**
 * P(X ≥ k) of a Poisson count with this mean: how likely at least k errors are by chance.
 *
 *     poissonTail(1, 0.05) = 0.049,  poissonTail(3, 0.05) = 0.00002,  poissonTail(0, 5) = 1
 */
export const poissonTail = (k: number, mean: number): number => {
  // For a large mean a normal tail is close enough (continuity-corrected), and exp(-mean) would be 0.
  if (mean > 500) return k - 0.5 <= mean ? 1 : Math.exp(-((k - 0.5 - mean) ** 2) / (2 * mean));
  let term = Math.exp(-mean);
  let below = 0;
  for (let count = 0; count < k; count++) {
    below += term;
    term *= mean / (count + 1);
  }
  return Math.max(0, 1 - below);
};

/** Whether these counts show a rate above `limit` (0 to 1) that chance does not explain. */
const isAbove = (bad: number, requests: number, limit: number): boolean =>
  bad > limit * requests && poissonTail(bad, limit * requests) < byChance;

const sumsOf = (some: readonly PeriodCounts[]): { requests: number; bad: number } => ({
  requests: some.reduce((sum, { requests }) => sum + requests, 0),
  bad: some.reduce((sum, one) => sum + badOf(one), 0),
});

/**
 * The error rate (0 to 1) above which a minute of the old version is an incident: the limit, or twice its usual rate before the rollout. A
 * live version that was unhealthy before the rollout is not in an incident, so its fix is judged by the limit, and so is any other version.
 */
const incidentRate = (before: readonly PeriodCounts[], limit: number): number => {
  const { requests, bad } = sumsOf(before);
  return requests === 0 ? limit : Math.max(limit, (2 * bad) / requests);
};

/** Start times (epoch milliseconds) of the minutes in which the old version exceeded `limit` (0 to 1). */
export const incidentMinutes = (old: readonly PeriodCounts[], limit: number): ReadonlySet<number> =>
  new Set(old.filter((one) => isAbove(badOf(one), one.requests, limit)).map(({ at }) => at));

/**
 * The new version's periods that may be compared with the limit. Periods of an incident are left out; all of them are, if the old version
 * is in an incident over the remaining periods together. A period in which only the new version had requests stays. `before`: the old
 * version's periods before the rollout.
 */
export const withoutIncidents = (
  fresh: readonly PeriodCounts[],
  old: readonly PeriodCounts[],
  before: readonly PeriodCounts[],
  limit: number,
): readonly PeriodCounts[] => {
  const incidentLimit = incidentRate(before, limit);
  const incidentTimes = incidentMinutes(old, incidentLimit);
  const kept = fresh.filter(({ at }) => !incidentTimes.has(at));
  const times = new Set(kept.map(({ at }) => at));
  const beside = old.filter(({ at, requests }) => times.has(at) && requests > 0);
  const { bad, requests } = sumsOf(beside);
  if (!isAbove(bad, requests, incidentLimit)) return kept;
  const compared = new Set(beside.map(({ at }) => at));
  return kept.filter(({ at }) => !compared.has(at));
};

/** The number of newest closed periods that decide whether an incident continues. */
const newest = 3;

/** What both versions failed in the newest minutes, if an incident of both continues; null: there is none. */
export interface Incident {
  fresh: { requests: number; bad: number };
  old: { requests: number; bad: number };
}

/**
 * An incident continues if, in the newest closed periods, the old version exceeds `limit` and twice its usual rate, and the new one exceeds
 * the limit, too. An old version that fails alone, or always did, must not hold up its fix. `before`: its periods before the rollout.
 */
export const incidentNow = (
  fresh: readonly PeriodCounts[],
  old: readonly PeriodCounts[],
  before: readonly PeriodCounts[],
  limit: number,
): Incident | null => {
  const incidentTimes = incidentMinutes(old.slice(-newest), incidentRate(before, limit));
  if (incidentTimes.size === 0) return null;
  const both = {
    fresh: sumsOf(fresh.filter(({ at }) => incidentTimes.has(at))),
    old: sumsOf(old.filter(({ at }) => incidentTimes.has(at))),
  };
  return both.fresh.bad > limit * both.fresh.requests ? both : null;
};
