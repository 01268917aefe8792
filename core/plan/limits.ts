/** The limits of a rollout, from its plan: what its figures are compared with, and what rolls it back in words. */
import { describePlan } from './describe.ts';
import type { Plan } from './plan.ts';

export interface RolloutLimits {
  /** The highest share of the new version's requests that may fail, 0 to 1. */
  errorRate: number;
  /** How far above the old version's the error rate may be: `ratio` times it, and `plus` (0 to 1). Null: nothing is compared. */
  worse: { ratio: number; plus: number } | null;
  /** The evidence that rolls the new version back, so many to 1. Null: nothing is compared. */
  evidence: number | null;
  /** What rolls it back, and what a person is asked about: a sentence each. */
  rollsBack: string[];
  asks: string[];
}

export const limitsOfPlan = (plan: Plan): RolloutLimits => {
  const { errorRate, comparison } = plan.configuration.checks;
  const compared = plan.old.kind === 'none' ? null : (comparison ?? null);
  const { aborts, asks } = describePlan(plan);
  return {
    errorRate: errorRate.atMost,
    worse: compared && { ratio: compared.worse.ratio, plus: compared.worse.plus },
    evidence: compared && 1 / compared.falseAlarms,
    rollsBack: aborts,
    asks,
  };
};
