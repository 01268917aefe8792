/** The interface of a metrics provider's module in core. providers.ts lists the modules; docs/writing-a-provider.md shows how to add one. */
import type * as z from 'zod';
import type { Looked } from '../permissions.ts';
import type { Reader } from '../reader.ts';

export interface ProviderModule<Kept extends { kind: string }> {
  /** The name in configurations and rows, and of the function that users write. */
  kind: Kept['kind'];
  /** How users write it, for messages. */
  like: string;
  /** What users write, with its defaults. A function, because Lambda functions read rows and never need the schema. */
  schema: () => z.ZodType<Kept>;
  /** Reads the provider from a row, which another version may have written. */
  persisted(...read: Parameters<Reader<Kept>>): Kept;
  /** The metrics that exist only by the minute on AWS, in words for people; null: it has them for any period. */
  byTheMinute: string | null;
  /** Every AWS command that reading its metrics sends. */
  looksUp: Looked;
}

export const providerModule = <Kept extends { kind: string }>(module: ProviderModule<Kept>): ProviderModule<Kept> =>
  module;
