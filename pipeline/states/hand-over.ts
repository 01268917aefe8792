/** HandOver: continues the rollout in another execution, because this one's history is long. The row is written first, so that a retry only starts it. */
import { StaleToken } from '../../core/basics/errors.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { continuationName, continues } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import type { Rollout } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';

export const handOver =
  ({ ledger, executions }: Pick<Ports, 'ledger' | 'executions'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const { service, token } = rollout;
    const decision = await ledger.decide(service, (row) =>
      row.lock.state === 'held' && continues(row.lock.execution, service, token)
        ? { ok: true, row, records: [], changed: false }
        : protocol.handOver(row, { token, execution: continuationName(row, token) }),
    );
    const lock = decision.ok ? decision.row.lock : null;
    if (!decision.ok || lock?.state !== 'held')
      throw new StaleToken(decision.ok ? `${service} is free` : decision.reason);
    const { execution, publication: held } = lock;
    // Without a token: the new execution enters by its name. If its Admit fails, the rollout is rolled back.
    await executions.start(execution, { service, release: held.release, attempt: held.attempt });
    return go(rollout, 'Ended', { why: `goes on in ${execution}` });
  };
