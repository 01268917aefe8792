/** Lets an execution follow another one that holds the service and has ended. */
import { beforeCommit, type Decision, protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { isRecovery } from '../../core/protocol/row.ts';
import { holderOf } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { wayBack } from './capacity.ts';
import { continueByPhase } from './continue-by-phase.ts';
import { demandBack } from './demand.ts';
import { isPersons, nobodyAsks, wantedAttempt } from './redrive.ts';
import type { AskedRollout } from './rollout.ts';
import type { StepResult } from './step-result.ts';
import { lookAtTargets } from './targets.ts';
import { endWith, isFor, whoHolds } from './who-holds.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'executions' | 'now'>;

/** The input names the release that is under way, with any attempt number. */
const isOf = (row: Row, { release }: AskedRollout): boolean => holderOf(row)?.release === release;

/** Another execution holds the service. Only a closed one can be followed: by a recovery, a person, or an execution of the same attempt. */
export const takeOver = async (ports: Needs, input: AskedRollout, row: Row): Promise<StepResult> => {
  if (row.lock.state !== 'held') return endWith(input, whoHolds(row));
  if (!isRecovery(input.execution) && !isPersons(input) && !isFor(row, input)) return endWith(input, whoHolds(row));
  if ((await ports.executions.status(row.lock.execution)) === 'running')
    return endWith(input, `${whoHolds(row)}, and running`);
  if (isPersons(input) && !isOf(row, input)) {
    // The person's request is not lost: it waits behind the rollout that this execution now brings to its end.
    const asked = await ports.ledger.decide(input.service, async (current) => {
      const wanted = await wantedAttempt(ports, input);
      // An execution that comes here again after its own end has asked for nothing since.
      if (wanted === null || wanted.publication.order <= wanted.endedAt) return nobodyAsks;
      return protocol.publish(current, { publication: wanted.publication, now: ports.now() });
    });
    if (!asked.ok) return endWith(input, whoHolds(row));
  }
  const way = await wayBackNow(ports, row);
  const decision = await ports.ledger.decide(input.service, (current) => {
    const now = ports.now();
    const { execution } = input;
    const taken = protocol.takeOver(current, { token: row.token, execution, closed: true, ...way, now });
    return isPersons(input) && isOf(current, input) ? andAnew(taken, input, now) : taken;
  });
  if (!decision.ok) return endWith(input, decision.reason);
  return continueByPhase(input, decision.row);
};

/** A person's New execution of an attempt that can only be rolled back: a new attempt follows, decided in the same write. */
const andAnew = (taken: Decision, { askedAt }: AskedRollout, now: number): Decision => {
  const held = taken.ok ? holderOf(taken.row) : null;
  if (!taken.ok || held === null || taken.row.abort === null) return taken;
  const order = Date.parse(askedAt);
  const publication = { ...held, attempt: held.attempt + 1, order, asked: true, by: 'the console' };
  const published = protocol.publish(taken.row, { publication, now });
  return published.ok ? { ...published, changed: true } : taken;
};

const wayBackNow = async (ports: Needs, row: Row): Promise<ReturnType<typeof wayBack>> => {
  const { plan } = row;
  // If forward or back is decided already, it stays decided.
  if (plan === null || !beforeCommit(row)) return { carries: { blue: false, green: false } };
  const targets = await lookAtTargets(ports, plan.configuration);
  return wayBack(row, plan, targets, await demandBack(ports, plan, targets, row.step));
};
