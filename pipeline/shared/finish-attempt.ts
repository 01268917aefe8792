/** Ends an attempt: writes its record and frees the service in one transaction, then starts the waiting publication. */
import { StaleToken, Transient } from '../../core/basics/errors.ts';
import { fullSlot, type Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { limitsAfter } from '../../core/plan/scaling-bounds.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { AttemptRecord } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { eventOf } from './record.ts';
import type { Rollout } from './rollout.ts';
import { startReserved } from './start-reserved.ts';
import { inService, lookAtTargets } from './targets.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'executions' | 'notify' | 'now'>;

/** Which slots have targets. */
const standing = async (ports: Pick<Ports, 'traffic'>, service: Service): Promise<Record<Slot, boolean>> => {
  const targets = await lookAtTargets(ports, service);
  return { blue: inService(targets.blue).length > 0, green: inService(targets.green).length > 0 };
};

/** Writes the record, frees the service or reserves it for the next publication, records the event, and starts the next one. */
export const finishAttempt = async (
  ports: Needs,
  rollout: Pick<Rollout, 'service' | 'release' | 'attempt'>,
  row: Row,
  outcome: AttemptRecord['outcome'],
  reason: string,
): Promise<void> => {
  const { plan, token } = row;
  const fleets = plan === null ? { blue: false, green: false } : await standing(ports, plan.configuration);
  // Restore before the record is written, so that a retry after a lost response restores again.
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
    // Targets have appeared in the emptied slot. They may disappear again; if not, the retries end and the execution fails.
    if (decision.guard === 'emptied') throw new Transient(decision.reason);
    throw new StaleToken(decision.reason);
  }
  await ports.notify({ ...finished, service: row.service });
  await startReserved(ports, row.service);
};
