/** Computes the answer times above which an answer counts as slow, for both versions. */

import type { Plan } from '../plan/plan.ts';
import type { Threshold } from './measures.ts';

/**
 * The old version's thresholds are its own times before the rollout, the new one's a little longer. A version that is at most `ratio` times
 * as slow has no more answers above its thresholds than the old one above its own. `plus` keeps answers of about a millisecond from being
 * compared by tenths of one.
 */
export const thresholdsOf = ({ times = [], configuration }: Pick<Plan, 'times' | 'configuration'>): Threshold[] => {
  const slower = configuration.checks.comparison?.slower;
  if (slower == null) return [];
  return times.map((old) => ({ old, fresh: Math.max(old * slower.ratio, old + slower.plus) }));
};
