/** Handles a stalled execution: aborts an uncommitted rollout, weights first. If the execution is still stalled then, stops it, and a recovery continues. */
import type { Plan } from '../../core/plan/plan.ts';
import { beforeCommit } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { historyStall, phaseStall } from '../../core/protocol/stalled.ts';
import { abortRollout } from '../operations/abort.ts';
import { recordProblem } from './problem.ts';
import type { Needs, Part } from './run-parts.ts';

export const stalledExecution: Part = async (ports, { row }) => {
  const { plan } = row;
  const now = ports.now();
  // An execution that is in time even without a wait for a person is not stalled, so the history need not be read.
  if (plan === null || row.lock.state !== 'held' || phaseStall(row, false, now) === null) return [];
  if (!beforeCommit(row)) return stop(ports, row, row.lock.execution);
  const late = phaseStall(row, row.question !== null || (await pausedBefore(ports, row, plan)), now);
  if (late === null) return [];
  const refused = await abortRollout(ports, plan, { why: late, by: 'reconcile' });
  return [refused ?? `${late}: aborted`];
};

/** A row of a version that paused without a question. The question is asked at the next check, which may be minutes away. */
const pausedBefore = async (ports: Needs, { service, step }: Row, { release, attempt }: Plan): Promise<boolean> =>
  (await ports.ledger.history(service, 500)).some(
    (event) => event.id.endsWith(`/judged/${step}/pause`) && event.release === release && event.attempt === attempt,
  );

/** Only the execution of that name: one that continues it has another name. A recovery that stalls is followed by the next, until the last. */
const stop = async (ports: Needs, row: Row, execution: string): Promise<string[]> => {
  const moved = await ports.executions.moved(execution);
  const still = moved === null ? null : historyStall(row, moved, ports.now());
  if (still === null) return [];
  await ports.executions.stop(execution, still);
  const text = `${still}: it is stopped, and a recovery continues from there`;
  return [await recordProblem(ports, row, text, `stopped/${execution}`)];
};
