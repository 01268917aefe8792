import type { Service } from '../../core/config/service.ts';
/** The configurations in force: who reads them is in the ledger's port, who writes them is here. */

/** Who applies, and what: `commit` is the configuration's own, empty if it is under no version control. */
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
   * Makes the given services the configured ones. Throws Rejected, before anything is written, when a service that is not among them
   * is in a rollout, or when a live one is given other slots. Running rollouts keep the configuration they were admitted with.
   */
  applyConfiguration(services: Service[], authorship: Authorship): Promise<Applied>;
}
