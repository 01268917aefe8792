/** The extra instances of a rollout, in instance-hours and in money. */
import { effectiveBake } from './bake.ts';
import { oldCount, targetCount } from './capacity.ts';
import type { Plan } from './plan.ts';

/** Instances in both slots while one step bakes. */
export interface StepCapacity {
  old: number;
  fresh: number;
  /** How many more than the service needs without a rollout. */
  extra: number;
  /** `extra` for the time of the bake, in instance-hours. */
  extraHours: number;
}

/** Per step. The hours leave out booting and draining, which are not known beforehand. */
export const capacityOf = (plan: Plan, demand: number): StepCapacity[] =>
  plan.steps.map((step, index) => {
    const old = plan.old.kind === 'none' ? 0 : oldCount(plan, index + 1, demand);
    const fresh = targetCount(plan, index + 1, demand);
    const extra = Math.max(0, old + fresh - demand);
    const hours = effectiveBake(step, plan.configuration.timing) / 3600;
    return { old, fresh, extra, extraHours: extra * hours };
  });

/**
 * The price of an instance hour: the highest one of the types that the fleet may launch, or of the whole table if the types are not known.
 * Null: the table has none of the types.
 */
export const priceOf = ({
  template,
  configuration: { prices },
}: Pick<Plan, 'template'> & { configuration: Pick<Plan['configuration'], 'prices'> }): number | null => {
  const types = template?.types ?? [];
  const known = (types.length === 0 ? Object.keys(prices) : types).flatMap((type) => prices[type] ?? []);
  return known.length === 0 ? null : Math.max(...known);
};
