/** What the instances that a rollout runs besides the usual ones come to, in hours and in money. */
import { effectiveBake } from './bake.ts';
import { oldCount, targetCount } from './capacity.ts';
import type { Plan } from './plan.ts';

/** Instances in both slots while one step bakes. */
export interface StepCapacity {
  old: number;
  fresh: number;
  /** More than the service needs for itself. */
  extra: number;
  /** `extra` for as long as the step bakes, in instance-hours. */
  extraHours: number;
}

/** Per step. Booting and draining, which nobody can know beforehand, are not in the hours. */
export const capacityOf = (plan: Plan, demand: number): StepCapacity[] =>
  plan.steps.map((step, index) => {
    const old = plan.old.kind === 'none' ? 0 : oldCount(plan, index + 1, demand);
    const fresh = targetCount(plan, index + 1, demand);
    const extra = Math.max(0, old + fresh - demand);
    const hours = effectiveBake(step, plan.configuration.timing) / 3600;
    return { old, fresh, extra, extraHours: extra * hours };
  });

/**
 * The price of an instance hour: the dearest of the types that the fleet may launch; where those are not known, of all in the table.
 * Null: the table has none of them.
 */
export const priceOf = ({
  template,
  configuration: { prices },
}: Pick<Plan, 'template'> & { configuration: Pick<Plan['configuration'], 'prices'> }): number | null => {
  const types = template?.types ?? [];
  const known = (types.length === 0 ? Object.keys(prices) : types).flatMap((type) => prices[type] ?? []);
  return known.length === 0 ? null : Math.max(...known);
};
