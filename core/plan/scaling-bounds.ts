/** Computes the scaling bounds of each group: during a rollout, and after it. */

import { otherSlot, type Slot } from '../basics/slot.ts';
import type { Limits, Plan } from './plan.ts';

/**
 * `serving` is the slot that ends up with all traffic. If that is the old one, everything stays as found. Otherwise the minimum moves with
 * the traffic: the new fleet gets the old one's, and the emptied slot gets that of an idle slot. Maxima and suspended processes stay with
 * their group. Without an old fleet the minimum is the count that the first rollout asked for.
 *
 *     blue 2 to 10, green 0 to 10, green serves    → blue 0 to 10, green 2 to 10
 */
export const limitsAfter = ({ limits, old, configuration }: Plan, serving: Slot): Record<Slot, Limits> | null => {
  if (limits === null || serving === old.slot) return limits;
  const idle = otherSlot(serving);
  const least = old.kind === 'ours' ? limits[idle].min : configuration.fleet.count;
  const { [serving]: fresh, [idle]: emptied } = limits;
  const resting = Math.min(fresh.min, emptied.min);
  return {
    [serving]: { ...fresh, min: Math.min(least, fresh.max), suspended: scheduledAs(emptied, fresh) },
    [idle]: { ...emptied, min: resting, desired: 0, suspended: scheduledAs(fresh, emptied) },
  } as Record<Slot, Limits>;
};

/** Schedules run only on the slot that serves: on an idle one they would launch an unused fleet. */
const schedules = 'ScheduledActions';
const scheduledAs = (part: Limits, { suspended }: Limits): string[] => {
  const others = suspended.filter((name) => name !== schedules);
  return part.suspended.includes(schedules) ? [...others, schedules].sort() : others;
};

/** Minutes for which reconcile still corrects late changes after the row is quiet. After that, only the owner changes the bounds. */
const corrected = 4;

/** When the weights were last decided, and the scaling bounds that should be set since the last rollout. A row has both. */
interface Settling {
  wanted: { since: number };
  limits: Record<Slot, Limits> | null;
}

/** True shortly after a rollout: the wanted bounds are known, but may not be set yet. */
export const isSettling = ({ wanted, limits }: Settling, settling: number, now: number): boolean =>
  limits != null && now < wanted.since + settling * 1000 + corrected * 60_000;

/**
 * The scaling bounds at the start of a rollout, as found. Minimum and schedules may still be those of the previous rollout; while that settles,
 * the row's values count.
 */
export const limitsBefore = (
  found: Record<Slot, Limits>,
  row: Settling,
  settling: number,
  now: number,
): Record<Slot, Limits> => {
  const { limits } = row;
  if (limits == null || !isSettling(row, settling, now)) return found;
  const part = (slot: Slot): Limits => ({
    ...found[slot],
    min: limits[slot].min,
    suspended: scheduledAs(limits[slot], found[slot]),
  });
  return { blue: part('blue'), green: part('green') };
};
