/** Checks that the scaling bounds of two Auto Scaling groups are as found, by reading the simulated account directly. */
import { expect } from 'vitest';
import { otherSlot, type Slot } from '../core/basics/slot.ts';
import type { GroupsFleet } from '../core/config/service.ts';
import type { Row } from '../core/protocol/row.ts';
import type { Cloud } from '../local/cloud.ts';

export interface GroupLimits {
  min: number;
  max: number;
  suspended: string[];
}
type BothLimits = Record<Slot, GroupLimits>;

const schedules = 'ScheduledActions';

/** The parts that the slots play have changed: the minimum and whether schedules run go with the traffic, all else stays with its group. */
const partsChanged = (found: BothLimits): BothLimits => {
  const part = (slot: Slot): GroupLimits => {
    const { max, suspended } = found[slot];
    const played = found[otherSlot(slot)];
    const others = suspended.filter((name) => name !== schedules);
    return { min: played.min, max, suspended: played.suspended.includes(schedules) ? [...others, schedules] : others };
  };
  return { blue: part('blue'), green: part('green') };
};

export const watchLimits = (cloud: Cloud, fleet: GroupsFleet) => {
  const groupOf = (slot: Slot) => {
    const group = cloud.world.autoScalingGroups.get(fleet[slot]);
    if (group === undefined) throw new Error(`there is no group ${fleet[slot]}`);
    return group;
  };
  const limitsOf = (slot: Slot): GroupLimits => {
    const { min, max, suspended } = groupOf(slot);
    return { min, max, suspended: [...suspended].sort() };
  };
  const now = (): BothLimits => ({ blue: limitsOf('blue'), green: limitsOf('green') });
  let found = now();
  let serving: Slot | null = null;
  return {
    now,
    /** Their owner has set them at rest: from here on these are the ones found. */
    areFound: (slot = serving): void => {
      found = now();
      serving = slot;
    },
    /** Their owner has set a maximum while something ran. */
    maximumIs: (slot: Slot, max: number): void => {
      found = { ...found, [slot]: { ...found[slot], max } };
      cloud.setGroup(fleet[slot], { max });
    },
    /** Whatever happened since, they are as found, each for the part that its slot plays now. */
    expectAsFound: (row: Pick<Row, 'live'> | null): void => {
      if (row?.live == null) {
        expect(now()).toEqual(found);
        return;
      }
      const { slot } = row.live;
      // The first fleet has the number it was asked for as its minimum.
      if (serving === null) found = { ...found, [slot]: { ...found[slot], min: fleet.count } };
      else if (serving !== slot) found = partsChanged(found);
      serving = slot;
      expect(now()).toEqual({
        blue: { ...found.blue, suspended: [...found.blue.suspended].sort() },
        green: { ...found.green, suspended: [...found.green.suspended].sort() },
      });
      expect(groupOf(otherSlot(slot)).desired).toBe(0);
    },
  };
};
