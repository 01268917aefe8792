/** An execution whose time is over: what had no commit is aborted, weights first; what stands still even so is stopped, and a recovery goes on. */
import { beforeCommit } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { historyStall, phaseStall } from '../../core/protocol/stalled.ts';
import { abortRollout } from '../operations/abort.ts';
import type { Needs, Part } from './part.ts';
import { recordProblem } from './problem.ts';

export const stalledExecution: Part = async (ports, { row }) => {
  const { plan } = row;
  const now = ports.now();
  // What nobody has to answer is in time for sure: no history is asked for.
  if (plan === null || row.lock.state !== 'held' || phaseStall(row, false, now) === null) return [];
  if (!beforeCommit(row)) return stop(ports, row, row.lock.execution);
  const pause = `/judged/${row.step}/pause`;
  const paused = (await ports.ledger.history(row.service, 500)).some(
    ({ id, release, attempt }) => id.endsWith(pause) && release === plan.release && attempt === plan.attempt,
  );
  const late = phaseStall(row, paused, now);
  if (late === null) return [];
  const refused = await abortRollout(ports, plan, { why: late, by: 'reconcile' });
  return [refused ?? `${late}: aborted`];
};

/** By its name: whoever goes on from there has another. A recovery that stands still too is followed by the next, until they are given up. */
const stop = async (ports: Needs, row: Row, execution: string): Promise<string[]> => {
  const moved = await ports.executions.moved(execution);
  const still = moved === null ? null : historyStall(row, moved, ports.now());
  if (still === null) return [];
  await ports.executions.stop(execution, still);
  const text = `${still}: it is stopped, and a recovery goes on from there`;
  return [await recordProblem(ports, row, text, `stopped/${execution}`)];
};
