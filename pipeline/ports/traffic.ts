/** The load balancer: rules with their weights, and targets with their health. */

import type { Slot, Weights } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';

export interface RuleWeights {
  rule: string;
  weights: Weights;
}

/** A target's zone is its instance's: the load balancer does not say it. */
export interface TargetHealth {
  id: string;
  state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';
  reason: string | null;
  /** Where a probe reaches it. */
  port: number;
}

export interface Traffic {
  /** The weights of every rule of the service, as the load balancer has them. Throws Rejected for a rule it cannot edit. */
  weights(service: Service): Promise<RuleWeights[]>;
  /**
   * Edits the weights inside the one forward action of each rule that differs; everything else on the rule stays. None edited: all agreed.
   * `about` is awaited before a weight is changed, once. Throws for a rule whose weight cannot be edited, when all the others have been.
   * `unnamed`: why rules that have these weights could not be given both target groups; without that the idle one is not health-checked.
   */
  setWeights(
    service: Service,
    weights: Weights,
    about: () => Promise<void>,
  ): Promise<{ edited: number; unnamed: Error[] }>;
  /** Every rule that names a slot's target group, whether configured or not, with the weights it gives. */
  rulesNaming(service: Service): Promise<RuleWeights[]>;
  health(service: Service, slot: Slot): Promise<TargetHealth[]>;
  /** No new request goes to the instance; those in flight end. */
  deregister(service: Service, slot: Slot, instance: string): Promise<void>;
}
