/** Parks an execution: stores the task token first and reads the row afterwards, so that no signal is missed, whenever it comes. */
import * as z from 'zod';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { rolloutInput } from './rollout.ts';

export const parkInput = z.object({ rollout: rolloutInput, taskToken: z.string().min(1) });

export const park =
  ({ ledger, executions }: Pick<Ports, 'ledger' | 'executions'>) =>
  async ({ rollout, taskToken }: z.infer<typeof parkInput>): Promise<{ parked: boolean }> => {
    const decision = await ledger.decide(rollout.service, (row) =>
      protocol.park(row, { token: rollout.token, taskToken }),
    );
    const row = decision.ok ? decision.row : null;
    // Nothing to wait for, or another execution holds the service: the next state reads that from the row.
    const wake = row === null || row.signals.length > rollout.progress.heard;
    if (wake) await executions.wake(taskToken);
    return { parked: !wake };
  };
