/** Which slots have the healthy targets for the weight that a step forward, or the way back, would give them. */

import { otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import { carries, needed, oldCount } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Carries, Holds } from '../../core/protocol/requests.ts';
import type { Row } from '../../core/protocol/row.ts';
import { healthy, type Targets } from './targets.ts';

/** Which slots carry what a step forward would give them: `weight` to the new slot, all to the old one if it must go back. */
export const carriesAt = (plan: Plan, targets: Targets, demand: number, weight: number): Carries => {
  const fresh = plan.new.slot;
  const old = otherSlot(fresh);
  return {
    [fresh]: carries(healthy(targets[fresh]).length, weight, demand),
    [old]: carries(healthy(targets[old]).length, 100, demand),
  } as Carries;
};

/** That slot gets the traffic at once: there is nothing to wait for. */
export const only = (slot: Slot): Carries => ({ blue: slot === 'blue', green: slot === 'green' });

/** Three quarters of what is needed are enough to go back: a fleet with one of four instances gone is degraded, a bad image is worse. */
export const suffices = (targets: Targets, slot: Slot, demand: number, weight: number): boolean =>
  healthy(targets[slot]).length * 4 >= needed(demand, weight) * 3;

/** Which slots carry everything, for the way back. */
export const carriesBack = (targets: Targets, demand: number): Carries => ({
  blue: suffices(targets, 'blue', demand, 100),
  green: suffices(targets, 'green', demand, 100),
});

/**
 * The same; and under `maxExtra`, where the old fleet may be giving room to the next step at this moment, whether both slots carry what they
 * have, and the percentage that the old one is sure to carry: by the instances that it keeps for the next step, as far as they are healthy.
 */
export const wayBack = (row: Row, plan: Plan, targets: Targets, demand: number): { carries: Carries } & Holds => {
  const carries = carriesBack(targets, demand);
  if (plan.configuration.maxExtra === null) return { carries, holds: false };
  const old = plan.old.slot;
  const kept = oldCount(plan, Math.min(row.step + 1, plan.steps.length), demand);
  const sure = Math.min(kept, healthy(targets[old]).length);
  // It has never made room, and will not for the next step either: it takes everything at once.
  if (carries[old] && sure * 4 >= needed(demand, 100) * 3) return { carries, holds: false };
  return {
    carries,
    holds: slots.every((slot) => suffices(targets, slot, demand, row.wanted.weights[slot])),
    weight: Math.floor((sure * 100) / demand),
  };
};
