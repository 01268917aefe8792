/** Compares the new version's errors with the absolute limit, leaving out incidents of both versions. */
import { againstLimit, highest, worthOf } from './e-process.ts';
import { withoutIncidents } from './incident.ts';
import type { PeriodCounts } from './samples.ts';

export interface LimitEvidence {
  requests: number;
  /** Requests answered with a 5xx, or not connected. */
  errors: number;
  /** Errors per request, 0 to 1; 0 without requests. */
  rate: number;
  /** The highest evidence so far that the true rate is above the limit: how many times as likely the counts are as at the limit. */
  evidence: number;
  /** The evidence that is proof. */
  needed: number;
  exceeds: boolean;
}

/** Fewer errors than this prove nothing: a last protection against a burst that history did not show. */
const fewest = 3;

/**
 * The new version's periods against `limit` (0 to 1), valid however often the result is read. `burst`: how many errors come at a time
 * (burst.ts); `falseAlarms`: how rarely a version exactly at the limit is said to exceed it, in a whole rollout. `old` and `before`: the old
 * version's periods during and before the rollout. Incidents are found from the old version alone, which keeps the test fair.
 */
export const limitEvidence = (
  series: readonly PeriodCounts[],
  limit: number,
  {
    burst,
    falseAlarms,
    old = [],
    before = [],
  }: { burst: number; falseAlarms: number; old?: readonly PeriodCounts[]; before?: readonly PeriodCounts[] },
): LimitEvidence => {
  const countsOf = (some: readonly PeriodCounts[]) =>
    some.map(({ requests, errors, connectionErrors }) => {
      const bad = errors + connectionErrors;
      // Late metrics can bring a period's errors before its requests.
      return { bad, requests: Math.max(requests, bad) };
    });
  const counts = countsOf(series);
  const judgedCounts = countsOf(withoutIncidents(series, old, before, limit));
  const requests = counts.reduce((sum, one) => sum + one.requests, 0);
  const errors = counts.reduce((sum, one) => sum + one.bad, 0);
  const rows = limit >= 1 ? [] : judgedCounts.map((one) => againstLimit(one, limit));
  const evidence = highest(worthOf(rows, burst));
  const needed = 1 / falseAlarms;
  const rate = requests === 0 ? 0 : errors / requests;
  return {
    requests,
    errors,
    rate,
    evidence,
    needed,
    exceeds: judgedCounts.reduce((sum, { bad }) => sum + bad, 0) >= fewest && evidence >= needed,
  };
};
