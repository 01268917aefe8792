import type { Service } from '../../core/config/service.ts';
/** The port that writes configurations. The ledger's port reads them. */

/** Who applies a configuration; `commit` is the configuration's own, empty without version control. */
export interface Authorship {
  author: string;
  commit: string;
  /** Epoch milliseconds. */
  at: number;
}

export interface Applied {
  added: string[];
  changed: string[];
  unchanged: string[];
  removed: string[];
}

export interface Configurations {
  configuration(service: string): Promise<Service | null>;
  services(): Promise<string[]>;
  /**
   * Replaces the configured services. Throws Rejected, before anything is written, if a service that is left out is in a rollout, or a live
   * one gets other slots. Running rollouts keep the configuration with which they were admitted.
   */
  applyConfiguration(services: Service[], authorship: Authorship): Promise<Applied>;
}
