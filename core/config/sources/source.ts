/** The interface of an image source's module in core. sources.ts lists the modules; docs/writing-a-source.md shows how to add one. */
import type * as z from 'zod';
import type { Looked } from '../permissions.ts';
import type { Reader } from '../reader.ts';

/** What an event announces, or the reason why it announces nothing. The reason completes "not an image: …". */
export type EventReader<Announced> = (detail: unknown, resources: string[]) => Announced | string;

/** `what` is passed to `find` of the Images port. `sure` false: only a look-up can tell whether it is this source's image. */
export interface Match {
  what: string;
  sure: boolean;
}

export interface SourceModule<
  Kept extends { kind: string },
  Written extends { kind: string },
  Announced extends { kind: string },
> {
  /** The name in configurations and rows, and of the function that users write. */
  kind: Kept['kind'];
  /** What users write, with its defaults. A function, because Lambda functions read rows and never need the schema. */
  schema: () => z.ZodType<Kept>;
  /** Reads the source from a row, which another version may have written. */
  persisted: Reader<Kept>;
  /** Readers of EventBridge events by `detail-type`; statemachines/triggers.json lets these events through. */
  events: Record<string, EventReader<Announced>>;
  /** Null: the event announces no image of this source. */
  matches(source: Kept, announced: Announced): Match | null;
  /** An announced image, for people. */
  announcedText(announced: Announced): string;
  /** The source in words, for the message that an image was not found in it. */
  text(source: Kept): string;
  /** Whether its images may be AMIs. The release of instances that run already is known by their AMI. */
  mayBeAmi: boolean;
  /** How the option `cutover init --image` spells it, after `kind:`. */
  option: { like: string; read(text: string): Written };
  /** The arguments of the function in cutover.config.ts. `quoted` quotes a text. */
  written(source: Written, quoted: (text: string) => string): string;
  /** Every AWS command that a look-up of its images sends. */
  looksUp: Looked;
}

export const sourceModule = <
  Kept extends { kind: string },
  Written extends { kind: string },
  Announced extends { kind: string },
>(
  module: SourceModule<Kept, Written, Announced>,
): SourceModule<Kept, Written, Announced> => module;
