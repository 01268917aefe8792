/** Finds the state in which an execution that holds the service continues, from the row's phase. */
import type { Row } from '../../core/protocol/row.ts';
import { holderOf } from '../../core/release/publications.ts';
import { type Rollout, withProgress } from './rollout.ts';
import { go, type StepResult } from './step-result.ts';
import { endWith } from './who-holds.ts';

/** The state in which an execution that holds the service continues. Only the row decides. */
export const continueByPhase = (rollout: Rollout, row: Row): StepResult => {
  const publication = holderOf(row);
  const mine: Rollout = {
    ...rollout,
    release: publication?.release ?? rollout.release,
    attempt: publication?.attempt ?? rollout.attempt,
    token: row.token,
  };
  switch (row.phase) {
    case 'preparing':
      // A new attempt in an old execution: the execution's progress belongs to the attempt before.
      return go(withProgress(mine, { step: 0, since: 0, passed: 0, heard: 0 }), 'Provision');
    case 'shifting':
    case 'settling':
      return go(withProgress(mine, { step: row.step }), 'Judge');
    case 'committed':
      return go(mine, 'Retire');
    case 'rollingBack':
      return go(mine, 'RollBack', { why: row.abort?.why ?? '' });
    case 'free':
      return endWith(rollout, `${row.service} is free`);
    default:
      return row.phase satisfies never;
  }
};
