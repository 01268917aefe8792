/** How many instances a weight needs, and whether the healthy ones can carry it. */
import type { Plan } from './plan.ts';

/**
 * The instances that `weight` percent of the traffic needs, if all of it needs `demand`:
 *
 *     needed = ceil(demand × weight / 100), never under 2 (1 where the whole fleet is 1); nothing at weight 0
 *
 * Never one alone: if it fails, all the traffic of that weight fails.
 *
 *     needed(4, 5)    = max(2, ceil(0.2)) = 2
 *     needed(40, 25)  = 10
 *     needed(400, 5)  = 20
 *     needed(10, 33)  = ceil(3.3) = 4
 *     needed(1, 5)    = 1
 */
export const needed = (demand: number, weight: number): number =>
  weight === 0 ? 0 : Math.max(Math.min(2, demand), Math.ceil((demand * weight) / 100));

/**
 * The present demand: the configured count, plus the instances that the old fleet has gained since admission. So a demand that doubles
 * during a rollout is followed, and so is a lower configured count.
 *
 *     demandOf(4, 4, 4) = 4,  demandOf(4, 8, 4) = 8,  demandOf(4, 0, 4) = 4,  demandOf(4, 8, 8) = 4
 */
export const demandOf = (configured: number, oldInService: number, oldAtAdmission: number): number =>
  configured + Math.max(0, oldInService - oldAtAdmission);

/**
 * The same for groups, where the live group's own number counts: its policies, schedules and operators know what traffic needs. During a
 * rollout it does not fall below the number at admission. At 100 % the old group gets no traffic, so the new group's number counts, too.
 *
 *     groupDemand(4, 8, 4, 25) = 8,  groupDemand(4, 4, 9, 100) = 9,  groupDemand(4, 2, 9, 50) = 4
 */
export const groupDemand = (atAdmission: number, old: number, fresh: number, weight: number): number =>
  Math.max(atAdmission, old, weight === 100 ? fresh : 0);

/** The most instances that may run in both slots together. */
export const instanceLimit = ({ configuration: { maxExtra }, old }: Plan, demand: number): number =>
  maxExtra === null ? Number.POSITIVE_INFINITY : Math.max(old.count, demand) + maxExtra;

/**
 * Instances that the old slot keeps from the preparation of `step` on: all of them, unless `maxExtra` leaves too little room for the new
 * fleet. Never fewer than the old slot's present weight needs.
 *
 *     demand 40, maxExtra 12, steps 25, 50, 75, 100:   40, 32, 22, 12
 *     (step 2 needs 20 and 52 may run: 32, of which 75 % of the traffic need 30)
 */
export const oldCount = (plan: Plan, step: number, demand: number): number => {
  // A numbered fleet needs its configured count; the old fleet is not grown to a changed count.
  const all = plan.configuration.fleet.kind === 'groups' ? Math.max(plan.old.count, demand) : plan.old.count;
  const keeps = needed(demand, 100 - weightOf(plan, step - 1));
  return Math.min(all, Math.max(keeps, instanceLimit(plan, demand) - targetCount(plan, step, demand)));
};

/** Why a plan cannot be carried out within its `maxExtra`, with the remedy; null: it can. */
export const maxExtraProblem = (plan: Plan, demand: number): string | null => {
  const { maxExtra } = plan.configuration;
  if (maxExtra === null || plan.old.kind === 'none') return null;
  const most = instanceLimit(plan, demand);
  for (const [index, { weight }] of plan.steps.entries()) {
    const before = weightOf(plan, index);
    const fresh = targetCount(plan, index + 1, demand);
    const together = fresh + needed(demand, 100 - before);
    if (together > most)
      return `from ${before} to ${weight} % the old fleet needs ${together - fresh} instances and the new one ${fresh}: ${together - most} more than the ${most} that maxExtra ${maxExtra} allows; take smaller steps, or allow ${together - demand}`;
  }
  return null;
};

/**
 * Instances that the new slot needs before the weight of `step` (1 is the first): enough for that weight, or the whole fleet.
 * Computed again at each step, from the demand at that time.
 *
 *     steps 5, 25, 100 and a demand of 40:   withWeight 2, 10, 40   upfront 40, 40, 40
 */
export const targetCount = (plan: Plan, step: number, demand: number): number =>
  plan.configuration.growth === 'upfront' ? demand : needed(demand, weightOf(plan, step));

/** The new slot's percentage once `step` is decided: 0 before the first step, 100 from the last on. */
export const weightOf = (plan: Plan, step: number): number => (step < 1 ? 0 : (plan.steps[step - 1]?.weight ?? 100));

/**
 * Can this many healthy targets carry `weight` percent of a traffic that needs `demand` instances?
 *
 *     carries(2, 5, 4) = true,  carries(1, 5, 4) = false,  carries(9, 25, 40) = false,  carries(0, 0, 40) = true
 */
export const carries = (healthy: number, weight: number, demand: number): boolean => healthy >= needed(demand, weight);

/**
 * Zones of the old fleet in which the new one has no healthy target yet; empty: covered. A fleet of `count` instances cannot be in more
 * zones, so no more are required.
 *
 *     old a, b, c:  new a, b of count 2 → none lack     new a, b of count 3 → c lacks     new a, a of count 2 → b, c lack
 */
export const zonesLacking = (newZones: readonly string[], oldZones: readonly string[], count: number): string[] => {
  const asked = new Set(oldZones);
  const lacking = [...asked].filter((zone) => !newZones.includes(zone));
  return asked.size - lacking.length >= Math.min(asked.size, count) ? [] : lacking;
};
