/** What a person has to know before adopting a fleet, in addition to the list of changes. */
import { otherSlot, type Slot } from '../basics/slot.ts';
import type { Act } from './adoption.ts';

/**
 * Route 53 calls a load balancer unhealthy if one of its target groups has no targets, even at weight 0. Adoption creates such a target
 * group: before, the rule led to one only.
 */
export const adoptionNotes = (acts: readonly Act[], live: Slot): string[] =>
  acts.some(({ kind }) => kind === 'pair')
    ? [
        `Between rollouts the target group of ${otherSlot(live)} is empty. A Route 53 alias record with EvaluateTargetHealth then calls the load balancer unhealthy and answers with another record, if there is one. Before you adopt: set EvaluateTargetHealth to false on each alias record of this load balancer, and give the record a Route 53 health check of the service's own address instead. If no alias record sets it, nothing is to be done.`,
      ]
    : [];
