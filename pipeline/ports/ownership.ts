/** The ownership port: reads and changes for adopting a fleet and giving it back. */
import type { Finding } from '../../core/basics/finding.ts';
import type { Service } from '../../core/config/service.ts';
import type { Act, AdoptionFacts, SoughtSlots } from '../../core/fleet/adoption.ts';

/** The parts of a fleet and their owners, and the changes of an adoption. */
export interface Ownership {
  look(service: Service, sought: SoughtSlots): Promise<AdoptionFacts & { problems: Finding[] }>;
  /** Makes one change; repeating it is harmless. `made`: the ARN of a created resource. */
  perform(service: Service, act: Act): Promise<{ made: string | null }>;
}
