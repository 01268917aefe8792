/** Finds which slots have enough healthy targets for the weight of a step forward or of a rollback. */

import { otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import { carries, needed, oldCount } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Carries, Holds } from '../../core/protocol/requests.ts';
import type { Row } from '../../core/protocol/row.ts';
import { healthy, type Targets } from './targets.ts';

/** Which slots can carry a step forward: `weight` for the new slot, all traffic for the old one in case of a rollback. */
export const carriesAt = (plan: Plan, targets: Targets, demand: number, weight: number): Carries => {
  const fresh = plan.new.slot;
  const old = otherSlot(fresh);
  return {
    [fresh]: carries(healthy(targets[fresh]).length, weight, demand),
    [old]: carries(healthy(targets[old]).length, 100, demand),
  } as Carries;
};

/** That slot gets the traffic at once, whatever its targets. */
export const only = (slot: Slot): Carries => ({ blue: slot === 'blue', green: slot === 'green' });

/** For a rollback three quarters of the needed targets are enough: a fleet without one of four instances is better than a bad version. */
export const suffices = (targets: Targets, slot: Slot, demand: number, weight: number): boolean =>
  healthy(targets[slot]).length * 4 >= needed(demand, weight) * 3;

/** Which slots can carry all traffic in a rollback. */
export const carriesBack = (targets: Targets, demand: number): Carries => ({
  blue: suffices(targets, 'blue', demand, 100),
  green: suffices(targets, 'green', demand, 100),
});

/**
 * The same. With `maxExtra`, the old fleet may just be getting smaller for the next step. So this also says whether both slots can carry
 * their present weights, and how much the old one can surely carry: the instances it keeps for the next step, as far as they are healthy.
 */
export const wayBack = (row: Row, plan: Plan, targets: Targets, demand: number): { carries: Carries } & Holds => {
  const carries = carriesBack(targets, demand);
  if (plan.configuration.maxExtra === null) return { carries, holds: false };
  const old = plan.old.slot;
  const kept = oldCount(plan, Math.min(row.step + 1, plan.steps.length), demand);
  const sure = Math.min(kept, healthy(targets[old]).length);
  // The old fleet does not get smaller, for this step or the next: it takes everything at once.
  if (carries[old] && sure * 4 >= needed(demand, 100) * 3) return { carries, holds: false };
  return {
    carries,
    holds: slots.every((slot) => suffices(targets, slot, demand, row.wanted.weights[slot])),
    weight: Math.floor((sure * 100) / demand),
  };
};
