/** Gives reconcile the right to remove something at rest: to one at a time, and only while the row is as it was when that was decided. */
import type { Decision } from '../../core/protocol/protocol.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { isStillLive, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

const moved: Decision = { ok: false, guard: 'asSeen', reason: 'another decision about the service was made meanwhile' };

/** A rollout that is admitted after this waits with its launches until the removal has ended, even if it ends late. */
export const claim = async ({ ledger, now }: Pick<Ports, 'ledger' | 'now'>, seen: Row): Promise<boolean> => {
  // Two runs of reconcile may have seen different instances, and together remove both of two of which one should stay. Only the first may act.
  const isAsSeen = (row: Row): boolean =>
    isStillLive(row, seen) && row.wanted.since === seen.wanted.since && row.wanted.edited === seen.wanted.edited;
  const claimed = await ledger.decide(seen.service, (row) =>
    isAsSeen(row) ? protocol.sweep(row, { token: seen.token, now: now() }) : moved,
  );
  return claimed.ok;
};
