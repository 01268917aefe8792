/** Applies the row's weights in a rollback. An edit that AWS refuses permanently is recorded at once, and stops nothing else. */
import { Rejected } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from './apply-weights.ts';
import { enter } from './enter-state.ts';
import type { Recorder } from './record.ts';
import type { Rollout } from './rollout.ts';

/** `refused`: why a rule does not have its weights, with a remedy; null: all rules have them. */
export const returnWeights = async (
  ports: Pick<Ports, 'ledger' | 'traffic' | 'now'>,
  rollout: Rollout,
  service: Service,
  record: Recorder,
): Promise<{ row: Row; refused: string | null }> => {
  try {
    return { row: await applyWeights(ports, service), refused: null };
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    const refused = error.message;
    await record('problem', `a rule cannot be given its weights: ${refused}; this is tried again until it succeeds`, {
      what: refused.slice(0, 80),
    });
    return { row: (await enter(ports.ledger, rollout)).row, refused };
  }
};
