/** One kind of finding, and what it looks at. */
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

/** What entries look at, and with what. */
export interface Look {
  ports: Needs;
  service: Service;
  row: Row;
  old: Slot;
  fresh: Slot;
  facts: AdoptionFacts & { problems: Finding[] };
  /** Both slots and every rule exist and are as they have to be: only then can what is between them be asked for. */
  sound: boolean;
  /** What the slot that takes the new fleet is launched from; null where `unusable` says why not, or a group that is missing. */
  template: Template | null;
  unusable: Finding[];
  /** Asked for once, for all entries that look at it: the flags of `template`, none without one; the configured alarms; the newest image. */
  flags(): Promise<TemplateFlags[]>;
  alarms(): Promise<AlarmView[]>;
  newest(): Promise<Found | null>;
  /** Where the pipeline's roles are; null: nowhere. */
  roles: string | null;
}

/** One kind of finding. */
export interface Entry<Seen> {
  /** What is looked at, for people. */
  name: string;
  /** Where this person may not look, that is said, and is no fault: rollouts do not need the right. */
  optional?: true;
  /** Each thing that may be wrong. What AWS itself refuses to tell is a finding of its own. */
  observe(look: Look): readonly Seen[] | Promise<readonly Seen[]>;
  /** Null: nothing is wrong with it. */
  problem(seen: Seen, look: Look): string | null;
  remedy(seen: Seen, look: Look): string;
}

export const entry = <Seen>(one: Entry<Seen>): Entry<unknown> => one as Entry<unknown>;

/** What finds and advises by itself. */
export const findings = (name: string, observe: (look: Look) => readonly Finding[] | Promise<readonly Finding[]>) =>
  entry<Finding>({ name, observe, problem: ({ problem }) => problem, remedy: ({ remedy }) => remedy });
