/** Whose a fleet's parts are: for adopting it, and for giving it back. */
import type { Finding } from '../../core/basics/finding.ts';
import type { Service } from '../../core/config/service.ts';
import type { Act, AdoptionFacts, SoughtSlots } from '../../core/fleet/adoption.ts';

/** Whose a fleet's parts are, and which they are: for taking one over, and giving it back. */
export interface Ownership {
  look(service: Service, sought: SoughtSlots): Promise<AdoptionFacts & { problems: Finding[] }>;
  /** Does one act, once however often. `made`: the ARN of what it has made. */
  perform(service: Service, act: Act): Promise<{ made: string | null }>;
}
