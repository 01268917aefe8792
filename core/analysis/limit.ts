/** What the new version's errors prove against an absolute limit, outside incidents of both versions. */
import { againstLimit, highest, worthOf } from './e-process.ts';
import { withoutIncidents } from './incident.ts';
import type { PeriodCounts } from './samples.ts';

export interface LimitEvidence {
  requests: number;
  /** Answered with a 5xx, or not connected. */
  errors: number;
  /** Errors per request, 0 to 1; 0 without requests. */
  rate: number;
  /** That the true rate is above the limit, at its highest so far: so many times as likely as at the limit. */
  evidence: number;
  /** The evidence that proves it. */
  needed: number;
  exceeds: boolean;
}

/** Fewer errors than that prove nothing: the last resort against a burst that history did not show. */
const fewest = 3;

/**
 * The periods of the new version against `limit` (0 to 1), valid however often it is looked at. `burst`: how many errors come at a time
 * (burst.ts); `falseAlarms`: how rarely a version at exactly the limit is said to exceed it, in a whole rollout. `old` and `before`: the old
 * version's periods during and before the rollout; those of an incident prove nothing. Leaving them out by the old version's figures alone keeps the test fair.
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
