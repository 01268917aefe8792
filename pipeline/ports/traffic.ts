/** The traffic port: the load balancer's rules with their weights, and its targets with their health. */

import type { Slot, Weights } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';

export interface RuleWeights {
  rule: string;
  weights: Weights;
}

/** The zone is the instance's: the load balancer does not report one. */
export interface TargetHealth {
  id: string;
  state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';
  reason: string | null;
  /** The port for a probe. */
  port: number;
}

export interface Traffic {
  /** The weights of every rule of the service at the load balancer. Throws Rejected for a rule that cannot be edited. */
  weights(service: Service): Promise<RuleWeights[]>;
  /**
   * Edits the weights in the one forward action of each rule that differs; the rest of the rule is unchanged. No edit: all rules agreed.
   * `about` is awaited once, before the first change. Throws for a rule that cannot be edited, after editing all the others.
   * `unnamed`: why rules could not be given both target groups. Without both, the idle group is not health-checked.
   */
  setWeights(
    service: Service,
    weights: Weights,
    about: () => Promise<void>,
  ): Promise<{ edited: number; unnamed: Error[] }>;
  /** Every rule, configured or not, that names a slot's target group, with its weights. */
  rulesNaming(service: Service): Promise<RuleWeights[]>;
  health(service: Service, slot: Slot): Promise<TargetHealth[]>;
  /** The instance gets no new requests; running ones finish. */
  deregister(service: Service, slot: Slot, instance: string): Promise<void>;
}
