/** An execution's history may not grow without end: from a length on, the rollout goes on in another execution. */
import type { StepResult } from './go.ts';

/** A step and what waits beside it are 13 events of a history at most. From 15,000 on the rollout goes on in another; at 25,000 it would be ended. */
export const longestHistory = 1150;

/** The same answer; or, where much has happened already, that another execution is to go on from here. */
export const unlessLong = (result: StepResult): StepResult =>
  result.rollout.progress.steps < longestHistory ? result : { ...result, next: 'HandOver' };
