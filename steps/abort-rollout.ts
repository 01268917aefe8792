/** Aborts through the row: decide, apply the weights, wake the execution. Used by alarms, by people and by RollBack's callers alike. */

import { protocol } from '../core/protocol.ts';
import type { Abort, Row } from '../core/row.ts';
import { apply } from './apply.ts';
import { carriesBack, demandOf, lookAtTargets } from './observe.ts';
import type { Ports } from './ports.ts';
import { eventOf, tell } from './tell.ts';
import { wakeAll } from './wake.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'executions' | 'notify' | 'now'>;

/** Answers null when it was aborted, or the reason why it was not. */
export const abortRollout = async (
  ports: Needs,
  { service, release, attempt }: { service: string; release: string; attempt: number },
  { kind = 'failed', why, by }: { kind?: Abort['kind']; why: string; by: string },
): Promise<string | null> => {
  const row = await ports.ledger.row(service);
  if (row?.plan == null) return 'no rollout is on its way';
  const { plan } = row;
  const targets = await lookAtTargets(ports, plan.configuration);
  const carries = carriesBack(targets, await demandOf(ports, plan, targets));
  const decision = await ports.ledger.decide(service, (current) =>
    protocol.abort(current, { release, attempt, kind, why, by, carries, now: ports.now() }),
  );
  // Decided before, by a call whose weights or wake-up may not have got through: they are done again.
  const decided = decision.ok ? decision.row : await alreadyGoingBack(ports, { service, release, attempt });
  if (decided === null) return decision.ok ? null : decision.reason;
  const applied = await apply(ports, plan.configuration);
  await wakeAll(ports, decided);
  await tell(
    ports,
    service,
    eventOf({ service, release, attempt }, ports.now(), by, 'aborted', why, {
      data: { weights: applied.wanted.weights },
    }),
  );
  return null;
};

const alreadyGoingBack = async (
  { ledger }: Needs,
  { service, release, attempt }: { service: string; release: string; attempt: number },
): Promise<Row | null> => {
  const row = await ledger.row(service);
  const mine = row?.plan?.release === release && row.plan.attempt === attempt;
  return mine && row.phase === 'rollingBack' ? row : null;
};
