/** Computes the scaling bounds of each group: during a rollout, and after it. */

import { otherSlot, type Slot } from '../basics/slot.ts';
import type { Limits, Plan } from './plan.ts';

/**
 * `serving` is the slot that all traffic ends up in. If that is the old one, everything is as it was. Otherwise the minimum goes with
 * the traffic: the new fleet has the old one's, the emptied slot that of a slot that is idle. Maxima and what did not run before stay
 * with the group they were found on. Where no fleet of the group's served before, the minimum is what the first rollout was asked for.
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

/** Whether schedules run is the slot's part, too: on an idle one they would launch a fleet that nobody uses. */
const schedules = 'ScheduledActions';
const scheduledAs = (part: Limits, { suspended }: Limits): string[] => {
  const others = suspended.filter((name) => name !== schedules);
  return part.suspended.includes(schedules) ? [...others, schedules].sort() : others;
};

/** Minutes after quiet in which reconcile has its turns to correct what came late; from then on limits are their owner's alone. */
const corrected = 4;

/** When the weights were last decided, and what the limits are to be since the last rollout. A row is one. */
interface Settling {
  wanted: { since: number };
  limits: Record<Slot, Limits> | null;
}

/** A rollout has only just ended: what the limits are to be is known, and they may not be there yet. */
export const isSettling = ({ wanted, limits }: Settling, settling: number, now: number): boolean =>
  limits != null && now < wanted.since + settling * 1000 + corrected * 60_000;

/**
 * The limits that a rollout begins with: as found. Only what a late effect of the one before can have changed, minimum and schedules, is
 * what `row` says it is to be, while that settles.
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
