/** Complete, ReportFailure and HandOver. The record of the attempt, in one transaction with letting go of the service; then whoever waits is started. */
import * as z from 'zod';
import { Rejected, RolloutFailed, StaleToken, Transient } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import { fullSlot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { limitsAfter } from '../../core/plan/scaling-bounds.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { AttemptRecord } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { causeText } from '../shared/cause-text.ts';
import { enter } from '../shared/enter.ts';
import { go, type StepResult } from '../shared/go.ts';
import { handOver } from '../shared/hand-over.ts';
import { eventOf } from '../shared/record.ts';
import { isRecovery } from '../shared/recover.ts';
import { type Rollout, rolloutInput } from '../shared/rollout.ts';
import { startReserved } from '../shared/start-reserved.ts';
import { inService, lookAtTargets } from '../shared/targets.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'executions' | 'notify' | 'now'>;

export const finishInput = rolloutInput.extend({
  outcome: z.enum(['live', 'failed', 'continued']),
  why: z.string(),
  /** When a person last asked for this execution, ISO 8601: its redrive, else its start. */
  askedAt: z.iso.datetime({ offset: true }),
});
type FinishInput = z.infer<typeof finishInput>;

export const finish =
  (ports: Needs) =>
  (input: FinishInput): Promise<StepResult> => {
    switch (input.outcome) {
      case 'live':
        return complete(ports, input);
      case 'failed':
        return reportFailure(ports, input);
      case 'continued':
        return handOver(ports, input);
      default:
        return input.outcome satisfies never;
    }
  };

const complete = async (ports: Needs, rollout: Rollout): Promise<StepResult> => {
  const { row } = await enter(ports.ledger, rollout);
  await letGo(ports, rollout, row, 'live', `${rollout.release} is live`);
  return go(rollout, 'Ended');
};

const reportFailure = async (ports: Needs, input: FinishInput): Promise<StepResult> => {
  const rollout: Rollout = input;
  const said = causeText(input.why);
  const row = await ports.ledger.row(rollout.service);
  if (row?.lock.state === 'held' && row.lock.execution === rollout.execution) {
    // Admit failed, or its answer was lost, after it had let this execution in: on by phase, under the row's own token.
    if (row.token !== rollout.token)
      return go({ ...rollout, token: row.token }, row.phase === 'committed' ? 'Retire' : 'RollBack', {
        why: said,
      });
    const { kind, why } = row.abort ?? { kind: 'failed' as const, why: said };
    await letGo(ports, rollout, row, kind, why);
    return ended(rollout, kind, why);
  }
  const { release, attempt } = rollout;
  if (
    row?.lock.state === 'reserved' &&
    row.lock.publication.release === release &&
    row.lock.publication.attempt === attempt
  ) {
    await letGo(ports, rollout, row, 'failed', said);
    return ended(rollout, 'failed', said);
  }
  const record = (await ports.ledger.records(rollout.service, release)).find((known) => known.attempt === attempt);
  if (record === undefined) throw new Rejected(said || `nothing is known of ${release} attempt ${attempt}`);
  return Date.parse(input.askedAt) > record.at ? go(rollout, 'Admit') : ended(rollout, record.outcome, record.reason);
};

/** A failure is thrown, so that the console shows it and offers a redrive; a recovery has done its work, and being superseded is no failure. */
const ended = (rollout: Rollout, outcome: AttemptRecord['outcome'], why: string): StepResult => {
  if (outcome === 'failed' && !isRecovery(rollout.execution)) throw new RolloutFailed(why);
  return go(rollout, 'Ended', { why });
};

/** Which slots a fleet stands in. */
const standing = async (ports: Pick<Ports, 'traffic'>, service: Service): Promise<Record<Slot, boolean>> => {
  const targets = await lookAtTargets(ports, service);
  return { blue: inService(targets.blue).length > 0, green: inService(targets.green).length > 0 };
};

/** Writes the record, frees the service or reserves it for who is next, says so, and starts the next one. */
export const letGo = async (
  ports: Needs,
  rollout: Pick<Rollout, 'service' | 'release' | 'attempt'>,
  row: Row,
  outcome: AttemptRecord['outcome'],
  reason: string,
): Promise<void> => {
  const { plan, token } = row;
  const fleets = plan === null ? { blue: false, green: false } : await standing(ports, plan.configuration);
  // Before the record: whoever comes back here for want of an answer restores once more.
  const limits = plan === null ? null : limitsAfter(plan, fullSlot(row.wanted.weights));
  if (plan !== null && limits !== null) await ports.fleet.restore(plan.configuration, limits);
  const held = {
    service: row.service,
    release: rollout.release,
    attempt: rollout.attempt,
    ...(plan && { attempt: plan.attempt }),
  };
  const now = ports.now();
  const finished = eventOf(held, now, 'finish', 'finished', reason, {
    data: { outcome, reason, ...(plan !== null && { seconds: (now - plan.at) / 1000 }) },
  });
  const decision = await ports.ledger.decide(
    row.service,
    (current) => protocol.finish(current, { token, outcome, reason, fleets, now: ports.now() }),
    { event: () => finished },
  );
  if (!decision.ok) {
    // Something has come into the emptied slot since: what brought it may take it away again, and if not, this fails where it stands.
    if (decision.guard === 'emptied') throw new Transient(decision.reason);
    throw new StaleToken(decision.reason);
  }
  await ports.notify({ ...finished, service: row.service });
  await startReserved(ports, row.service);
};
