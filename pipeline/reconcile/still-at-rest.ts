/** Whether a service is still at rest. */
import { isStillLive, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/** The current row; null: a rollout has begun, or another fleet is live, so the work at rest must not be done. */
export const stillAtRest = async ({ ledger }: Pick<Ports, 'ledger'>, seen: Row): Promise<Row | null> => {
  const row = await ledger.row(seen.service);
  return row !== null && isStillLive(row, seen) ? row : null;
};
