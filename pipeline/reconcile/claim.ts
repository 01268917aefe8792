/** At rest, the right to take something away: given to one at a time, and only while the row is as it was when that was decided. */
import type { Decision } from '../../core/protocol/protocol.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { isStillLive, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

const moved: Decision = { ok: false, guard: 'asSeen', reason: 'another decision about the service was made meanwhile' };

/** A rollout that is admitted from now on launches nothing until what is done here has ended, however late. */
export const claim = async ({ ledger, now }: Pick<Ports, 'ledger' | 'now'>, seen: Row): Promise<boolean> => {
  // Of two that have seen different things, only the first one acts: together they might take both of what one was to stay of.
  const isAsSeen = (row: Row): boolean =>
    isStillLive(row, seen) && row.wanted.since === seen.wanted.since && row.wanted.edited === seen.wanted.edited;
  const claimed = await ledger.decide(seen.service, (row) =>
    isAsSeen(row) ? protocol.sweep(row, { token: seen.token, now: now() }) : moved,
  );
  return claimed.ok;
};
