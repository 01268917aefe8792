/** Complete: records that the new version is live, and frees the service for the next rollout. */
import type { Ports } from '../ports/ports.ts';
import { enter } from '../shared/enter-state.ts';
import { finishAttempt } from '../shared/finish-attempt.ts';
import type { Rollout } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'executions' | 'notify' | 'now'>;

export const complete =
  (ports: Needs) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const { row } = await enter(ports.ledger, rollout);
    await finishAttempt(ports, rollout, row, 'live', `${rollout.release} is live`);
    return go(rollout, 'Ended');
  };
