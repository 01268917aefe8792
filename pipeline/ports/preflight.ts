/** Preflight: what an admission finds out beforehand about the account. */
import type { Finding } from '../../core/basics/finding.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Template } from '../../core/plan/plan.ts';

/** What an admission needs of the fleet, to find out beforehand what would go wrong. */
export interface FleetNeeds {
  /** The slot that is live, and the one that is to take the new fleet. */
  old: Slot;
  new: Slot;
  /** How many instances the new one is to have in the end, and how many more than now run at the most. */
  count: number;
  extra: number;
  /** What it is launched from. */
  template: Template;
}

/** Everything about the account that would make a rollout go wrong, each with its remedy. */
export type Preflight = (service: Service, needs: FleetNeeds) => Promise<Finding[]>;
