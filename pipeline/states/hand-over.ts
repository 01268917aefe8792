/** HandOver: the rollout goes on in another execution, as the history of this one has grown long. The row first, then the start: tried again, it is only the start. */
import { StaleToken } from '../../core/basics/errors.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { continuationName } from '../../core/protocol/row.ts';
import { holderOf } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import type { Rollout } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';

export const handOver =
  ({ ledger, executions }: Pick<Ports, 'ledger' | 'executions'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const { service, token } = rollout;
    const execution = continuationName(service, token);
    const decision = await ledger.decide(service, (row) =>
      row.lock.state === 'held' && row.lock.execution === execution
        ? { ok: true, row, records: [], changed: false }
        : protocol.handOver(row, { token, execution }),
    );
    const held = decision.ok ? holderOf(decision.row) : null;
    if (!decision.ok || held === null) throw new StaleToken(decision.ok ? `${service} is free` : decision.reason);
    // Without a token: it enters by its name alone, and what its Admit cannot do is rolled back.
    await executions.start(execution, { service, release: held.release, attempt: held.attempt });
    return go(rollout, 'Ended', { why: `goes on in ${execution}` });
  };
