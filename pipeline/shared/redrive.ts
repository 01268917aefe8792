/** Finds the new attempt that a person asks for, by New execution in the console or by a redrive of an ended execution. */
import type { Decision } from '../../core/protocol/protocol.ts';
import { isContinuation, isDerived, isRecovery } from '../../core/protocol/row.ts';
import type { Publication } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import type { AskedRollout } from './rollout.ts';

/** The pipeline derives the names of its own executions. Any other name was started by a person, or is a recovery. */
export const isPersons = ({ service, release, execution }: AskedRollout): boolean =>
  !isRecovery(execution) && !isContinuation(execution) && !isDerived(execution, service, release);

export const nobodyAsks: Decision = { ok: false, guard: 'asked', reason: 'nobody has asked for this since it ended' };

/**
 * The new attempt that New execution, or a redrive after the record, asks for; null: none. Its order is the time of the request, not the
 * present time: an execution that comes here again after its own end has asked for nothing since.
 */
export const wantedAttempt = async (
  ports: Pick<Ports, 'ledger'>,
  input: AskedRollout,
): Promise<{ publication: Publication; endedAt: number } | null> => {
  if (isRecovery(input.execution) || isContinuation(input.execution)) return null;
  const records = await ports.ledger.records(input.service, input.release);
  const order = Date.parse(input.askedAt);
  const redriven = records.some(({ attempt, at }) => attempt === input.attempt && order > at);
  const last = records.at(-1);
  if (last === undefined || !(redriven || isPersons(input))) return null;
  const { at: endedAt } = last;
  // Two images may share a release, so the named attempt decides.
  const { release, image } = records.find(({ attempt }) => attempt === input.attempt) ?? last;
  const by = isPersons(input) ? 'the console' : 'a redrive';
  return { publication: { release, image, attempt: last.attempt + 1, order, asked: true, by }, endedAt };
};
