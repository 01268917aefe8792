/** What Cutover knows of one kind of image source, gathered in one module; sources.ts lists them, docs/writing-a-source.md adds one. */
import type * as z from 'zod';
import type { Looked } from '../permissions.ts';
import type { Reader } from '../reader.ts';

/** What an event's reader answers: what the event announces, or why it announces nothing. The reason ends "not an image: …". */
export type EventReader<Announced> = (detail: unknown, resources: string[]) => Announced | string;

/** `what` is for the Images port's `find`. Not `sure`: only looking it up tells whether it is this source's image. */
export interface Match {
  what: string;
  sure: boolean;
}

export interface SourceModule<
  Kept extends { kind: string },
  Written extends { kind: string },
  Announced extends { kind: string },
> {
  /** The word in configurations and rows, and the name of the function that users write. */
  kind: Kept['kind'];
  /** What users write, with its defaults. Made when it is asked for: functions read rows and never a configuration file. */
  schema: () => z.ZodType<Kept>;
  /** The source in a row, which another version may have written. */
  persisted: Reader<Kept>;
  /** Readers of EventBridge events by `detail-type`; statemachines/triggers.json lets these events through. */
  events: Record<string, EventReader<Announced>>;
  /** Null: the event announces nothing of this source. */
  matches(source: Kept, announced: Announced): Match | null;
  /** An announced image, for people. */
  announcedText(announced: Announced): string;
  /** The source, for people: what an image was not found in. */
  text(source: Kept): string;
  /** Whether its images may be AMIs, as which instances that run already are known. */
  mayBeAmi: boolean;
  /** How `cutover init --image` spells it, after `kind:`. */
  option: { like: string; read(text: string): Written };
  /** What is written between the brackets of the function in cutover.config.ts, by a function that quotes a text. */
  written(source: Written, quoted: (text: string) => string): string;
  /** Every AWS command that looking its images up sends. */
  looksUp: Looked;
}

export const sourceModule = <
  Kept extends { kind: string },
  Written extends { kind: string },
  Announced extends { kind: string },
>(
  module: SourceModule<Kept, Written, Announced>,
): SourceModule<Kept, Written, Announced> => module;
