/** Makes the plan that a rollout follows. */

import { fullSlot, otherSlot, type Slot, type Weights } from '../basics/slot.ts';
import type { Service } from '../config/service.ts';
import { growthFor } from '../config/strategies.ts';
import type { Publication } from '../release/publications.ts';
import type { Plan, Template, Traffic } from './plan.ts';

/** The fields that show which slot is the old one. A row has them. */
export interface Standing {
  live: { slot: Slot; release: string } | null;
  wanted: { weights: Weights };
}

export interface PlanRequest {
  service: Service;
  publication: Publication;
  row: Standing;
  /** Instances in the old slot: those with Cutover's tags, and other targets of its target group. */
  observed: { ours: number; foreign: number };
  /** Scaling bounds of both slots, as found; null if the fleet has none. */
  limits: Plan['limits'];
  /** Null if the fleet keeps its own template. */
  template: Template | null;
  /** Names of the alarms that are on now. */
  alarmsOn: string[];
  traffic?: Traffic | null;
  times?: number[];
  now: number;
}

/** The slot that a rollout replaces: the live one, or else the one with the most weight. */
export const oldSlotOf = (row: Standing): Slot => row.live?.slot ?? fullSlot(row.wanted.weights);

/**
 * Makes the plan. Without an old fleet there is nothing to compare with and nothing to go back to, so all traffic moves in one step.
 */
export const planOf = ({
  service,
  publication,
  row,
  observed,
  limits,
  template,
  alarmsOn,
  traffic = null,
  times = [],
  now,
}: PlanRequest): Plan => {
  const { release, image, attempt, by, asked } = publication;
  const slot = oldSlotOf(row);
  const kind = observed.ours > 0 ? 'ours' : observed.foreign > 0 ? 'foreign' : 'none';
  const { steps } = service.strategy;
  const standing = observed.ours + observed.foreign;
  // A group may be about to launch more: its desired capacity says what traffic needs.
  const count = kind === 'none' ? standing : Math.max(standing, limits?.[slot].desired ?? 0);
  const growth =
    service.growth ?? (service.maxExtra === null ? growthFor(count || service.fleet.count) : ('withWeight' as const));
  return {
    schema: 1,
    service: service.name,
    release,
    image,
    attempt,
    by,
    asked,
    old: {
      slot,
      kind,
      release: kind === 'none' ? null : (row.live?.release ?? null),
      count,
    },
    new: { slot: otherSlot(slot) },
    steps: kind === 'none' ? steps.slice(-1) : steps,
    template,
    limits,
    alarmsOn,
    traffic,
    times,
    configuration: { ...service, growth },
    at: now,
  };
};
