/** From which time on an answer counts as slow, for both versions. */

import type { Plan } from '../plan/plan.ts';
import type { Threshold } from './measures.ts';

/**
 * The old version's own times before the rollout, and the new one's a little longer: a version that is at most `ratio` times as slow has
 * no more answers beyond its thresholds than the old one beyond its own. `plus` keeps what takes a millisecond from being compared by a
 * tenth of one.
 */
export const thresholdsOf = ({ times = [], configuration }: Pick<Plan, 'times' | 'configuration'>): Threshold[] => {
  const slower = configuration.checks.comparison?.slower;
  if (slower == null) return [];
  return times.map((old) => ({ old, fresh: Math.max(old * slower.ratio, old + slower.plus) }));
};
