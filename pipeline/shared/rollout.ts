/** What travels from state to state of the machine. */
import * as z from 'zod';

/** How far the machine has come with the next weight: for deadlines and counting, never for decisions. */
const progress = z.object({
  /** The step that is being prepared: 1 is the first weight. */
  step: z.int().min(0),
  /** When its preparation began, epoch milliseconds. */
  since: z.number(),
  /** Checks in a row that found the new fleet ready. */
  passed: z.int().min(0),
  /** Signals that have been taken into account: a park sleeps over none that is newer. */
  heard: z.int().min(0),
  /** Steps that this execution has taken: what its history is measured by. */
  steps: z.int().min(0).default(0),
  /** Where the last period begins whose figures have been kept, epoch milliseconds; absent: none has. */
  figures: z.number().optional(),
});

/** `$rollout`: all that travels from state to state. Slots, plan, weights and instances never do: they are read from the row and from AWS. */
export const rolloutInput = z.object({
  service: z.string().min(1),
  release: z.string().min(1),
  attempt: z.int().min(0),
  token: z.int().min(0),
  execution: z.string().min(1),
  progress,
});

export type Rollout = z.infer<typeof rolloutInput>;

/** For states at which a person's wish counts: a new execution's, or a redrive's. */
export const askedRolloutInput = rolloutInput.extend({
  /** When a person last asked for this execution, ISO 8601: its redrive, else its start. */
  askedAt: z.iso.datetime({ offset: true }),
});
export type AskedRollout = z.infer<typeof askedRolloutInput>;

export const withProgress = (rollout: Rollout, change: Partial<Rollout['progress']>): Rollout => ({
  ...rollout,
  progress: { ...rollout.progress, ...change },
});
