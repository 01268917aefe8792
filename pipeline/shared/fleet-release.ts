/** What a fleet is launched from: a rollout's plan, or the row's `live`. */
import type { Service } from '../../core/config/service.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Live } from '../../core/protocol/row.ts';
import type { FleetRelease } from '../ports/fleet.ts';

export const releaseOfPlan = (plan: Plan): FleetRelease => ({
  service: plan.service,
  release: plan.release,
  image: plan.image,
  attempt: plan.attempt,
  template: plan.template,
  fleet: plan.configuration.fleet,
  targetGroup: plan.configuration.slots[plan.new.slot],
  from: plan.configuration,
  since: plan.at,
});

/** What is launched when the live fleet needs more instances. */
export const releaseOfLive = (
  { release, image, attempt, template, slot, since }: Live,
  service: Service,
): FleetRelease => ({
  service: service.name,
  release,
  image,
  attempt,
  template,
  fleet: service.fleet,
  targetGroup: service.slots[slot],
  from: null,
  since,
});
