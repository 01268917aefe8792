/** Says who holds the service, for an execution that is not admitted. */
import type { Row } from '../../core/protocol/row.ts';
import { holderOf } from '../../core/release/publications.ts';
import type { Rollout } from './rollout.ts';
import { go, type StepResult } from './step-result.ts';

/** Ends this execution with a reason. */
export const endWith = (rollout: Rollout, why: string): StepResult => go(rollout, 'Ended', { why });

export const isFor = (row: Row, { release, attempt }: Rollout): boolean => {
  const publication = holderOf(row);
  return publication?.release === release && publication.attempt === attempt;
};

export const whoHolds = (row: Row): string => {
  const publication = holderOf(row);
  return publication === null
    ? `${row.service} is free`
    : `${row.service} is ${row.lock.state} by ${publication.release} attempt ${publication.attempt}`;
};
