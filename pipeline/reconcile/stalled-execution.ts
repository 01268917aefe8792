/** An execution whose time is over: what had no commit is aborted, weights first; what stands still even so is stopped, and a recovery goes on. */
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
  // What nobody has to answer is in time for sure: no history is asked for.
  if (plan === null || row.lock.state !== 'held' || phaseStall(row, false, now) === null) return [];
  if (!beforeCommit(row)) return stop(ports, row, row.lock.execution);
  const late = phaseStall(row, row.question !== null || (await pausedBefore(ports, row, plan)), now);
  if (late === null) return [];
  const refused = await abortRollout(ports, plan, { why: late, by: 'reconcile' });
  return [refused ?? `${late}: aborted`];
};

/** In a row of a version that asked without a question: it is asked again at the next look, which may be minutes away. */
const pausedBefore = async (ports: Needs, { service, step }: Row, { release, attempt }: Plan): Promise<boolean> =>
  (await ports.ledger.history(service, 500)).some(
    (event) => event.id.endsWith(`/judged/${step}/pause`) && event.release === release && event.attempt === attempt,
  );

/** By its name: an execution that continues it has another one. A recovery that stands still too is followed by the next, until they are given up. */
const stop = async (ports: Needs, row: Row, execution: string): Promise<string[]> => {
  const moved = await ports.executions.moved(execution);
  const still = moved === null ? null : historyStall(row, moved, ports.now());
  if (still === null) return [];
  await ports.executions.stop(execution, still);
  const text = `${still}: it is stopped, and a recovery goes on from there`;
  return [await recordProblem(ports, row, text, `stopped/${execution}`)];
};
