/** What Cutover knows of one provider of figures, gathered in one module; providers.ts lists them, docs/writing-a-provider.md adds one. */
import type * as z from 'zod';
import type { Looked } from '../permissions.ts';
import type { Reader } from '../reader.ts';

export interface ProviderModule<Kept extends { kind: string }> {
  /** The word in configurations and rows, and the name of the function that users write. */
  kind: Kept['kind'];
  /** How it is written, for messages. */
  like: string;
  /** What users write, with its defaults. Made when it is asked for: functions read rows and never a configuration file. */
  schema: () => z.ZodType<Kept>;
  /** The provider in a row, which another version may have written. */
  persisted(...read: Parameters<Reader<Kept>>): Kept;
  /** What it measures by the minute at the finest on AWS, for people; null: it measures by any period. */
  byTheMinute: string | null;
  /** Every AWS command that reading its figures sends. */
  looksUp: Looked;
}

export const providerModule = <Kept extends { kind: string }>(module: ProviderModule<Kept>): ProviderModule<Kept> =>
  module;
