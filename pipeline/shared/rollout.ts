/** The values that travel from state to state of the machine. */
import * as z from 'zod';

/** The machine's progress with the next weight: for deadlines and counts, never for decisions. */
const progress = z.object({
  /** The step that is being prepared; 1 is the first weight. */
  step: z.int().min(0),
  /** When its preparation began, in epoch milliseconds. */
  since: z.number(),
  /** Checks in a row that have found the new fleet ready. */
  passed: z.int().min(0),
  /** The number of signals already read. A park ends at once if there is a newer one. */
  heard: z.int().min(0),
  /** Steps of this execution, as a measure of its history's length. */
  steps: z.int().min(0).default(0),
  /** Where the last period begins whose figures have been kept, epoch milliseconds; absent: none has. */
  figures: z.number().optional(),
});

/** `$rollout`: all that travels between states. Slots, plan, weights and instances do not: they are read from the row and from AWS. */
export const rolloutInput = z.object({
  service: z.string().min(1),
  release: z.string().min(1),
  attempt: z.int().min(0),
  token: z.int().min(0),
  execution: z.string().min(1),
  progress,
});

export type Rollout = z.infer<typeof rolloutInput>;

/** For states that need to know what a person asked for, by New execution or a redrive. */
export const askedRolloutInput = rolloutInput.extend({
  /** When a person last asked for this execution, ISO 8601: its redrive, otherwise its start. */
  askedAt: z.iso.datetime({ offset: true }),
});
export type AskedRollout = z.infer<typeof askedRolloutInput>;

export const withProgress = (rollout: Rollout, change: Partial<Rollout['progress']>): Rollout => ({
  ...rollout,
  progress: { ...rollout.progress, ...change },
});
