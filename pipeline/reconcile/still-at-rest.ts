/** Whether a service is still at rest. */
import { isStillLive, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/** The row as it is by now; null: what was to be done at rest is a rollout's affair, or another fleet's. */
export const stillAtRest = async ({ ledger }: Pick<Ports, 'ledger'>, seen: Row): Promise<Row | null> => {
  const row = await ledger.row(seen.service);
  return row !== null && isStillLive(row, seen) ? row : null;
};
