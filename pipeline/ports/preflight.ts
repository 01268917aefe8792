/** The preflight port: what an admission checks in the account before anything is changed. */
import type { Finding } from '../../core/basics/finding.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Template } from '../../core/plan/plan.ts';

/** What preflight has to know about the new fleet. */
export interface FleetNeeds {
  /** The live slot, and the one for the new fleet. */
  old: Slot;
  new: Slot;
  /** How many instances the new fleet will have, and how many more than now run at most. */
  count: number;
  extra: number;
  /** What the new fleet is launched from. */
  template: Template;
}

/** Everything in the account that would make a rollout fail, each with its remedy. */
export type Preflight = (service: Service, needs: FleetNeeds) => Promise<Finding[]>;
