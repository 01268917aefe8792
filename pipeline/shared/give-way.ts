/** Lets a rollout without traffic yield to a newer release that waits, once until something goes live. */
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { holderOf } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { recorder } from './record.ts';

/** Returns the row with the abort in it, or null if the rollout does not yield. */
export const yieldToNewer = async (
  ports: Pick<Ports, 'ledger' | 'notify' | 'now'>,
  row: Row,
  by: string,
): Promise<Row | null> => {
  const holder = holderOf(row);
  if (holder === null || row.next === null) return null;
  const { service } = row;
  const { release, attempt } = holder;
  const newer = row.next.release;
  const decision = await ports.ledger.decide(service, (current) =>
    protocol.stepAside(current, { release, attempt, by: newer, now: ports.now() }),
  );
  if (!decision.ok) return null;
  const text = `yields to ${newer}`;
  await recorder(ports, { service, release, attempt }, by)('aborted', text);
  return decision.row;
};
