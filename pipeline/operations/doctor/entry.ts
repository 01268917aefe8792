/** The interface of a check: one kind of finding, and what it looks at. */
import type { Finding } from '../../../core/basics/finding.ts';
import type { Slot } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import type { AdoptionFacts } from '../../../core/fleet/adoption.ts';
import type { Template } from '../../../core/plan/plan.ts';
import type { Row } from '../../../core/protocol/row.ts';
import type { Found } from '../../ports/images.ts';
import type { TemplateFlags } from '../../ports/inspection.ts';
import type { AlarmView } from '../../ports/metrics.ts';
import type { Ports } from '../../ports/ports.ts';

export type Needs = Pick<Ports, 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'ownership' | 'images' | 'inspection'>;

/** What checks look at, and with which ports. */
export interface Look {
  ports: Needs;
  service: Service;
  row: Row;
  old: Slot;
  fresh: Slot;
  facts: AdoptionFacts & { problems: Finding[] };
  /** Both slots and every rule exist and can be used. Only then can checks ask about their connections. */
  sound: boolean;
  /** The template of the slot that takes the new fleet; null if `unusable` says why not, or its group is missing. */
  template: Template | null;
  unusable: Finding[];
  /** Read once for all checks: the flags of `template` (none without one), the configured alarms, the newest image. */
  flags(): Promise<TemplateFlags[]>;
  alarms(): Promise<AlarmView[]>;
  newest(): Promise<Found | null>;
  /** The path of the pipeline's roles; null: it has none. */
  roles: string | null;
}

/** One kind of finding. */
export interface Entry<Seen> {
  /** What is checked, in words. */
  name: string;
  /** If this person lacks the permission for the check, that is reported, but is no problem: rollouts do not need it. */
  optional?: true;
  /** Each thing that may be wrong. An AWS error is reported as a finding of its own. */
  observe(look: Look): readonly Seen[] | Promise<readonly Seen[]>;
  /** Null: it is fine. */
  problem(seen: Seen, look: Look): string | null;
  remedy(seen: Seen, look: Look): string;
}

export const entry = <Seen>(one: Entry<Seen>): Entry<unknown> => one as Entry<unknown>;

/** A check whose observations are findings already. */
export const findings = (name: string, observe: (look: Look) => readonly Finding[] | Promise<readonly Finding[]>) =>
  entry<Finding>({ name, observe, problem: ({ problem }) => problem, remedy: ({ remedy }) => remedy });
