/** What is live in a service, what is being rolled out, and what waits: for people and programs. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import { heldBy } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';

export interface StatusView {
  service: string;
  urls: string[];
  live: { release: string; label: string; slot: string; since: number } | null;
  /** Why nothing is live where something was; null: nothing ever was, or something is. */
  ended: string | null;
  rollout: {
    release: string;
    label: string;
    attempt: number;
    phase: string;
    step: number;
    steps: number;
    slot: string | null;
    abort: string | null;
  } | null;
  /** No recovery follows any more, and a person has to look: what was told of it. */
  stuck: string | null;
  next: { release: string; label: string } | null;
  weights: Row['wanted']['weights'] | null;
}

/** In a person's words. */
const phaseOf = (row: Row): string => {
  if (row.lock.state === 'reserved') return 'starting';
  if (row.phase === 'rollingBack') return 'going back';
  const asked = row.plan?.configuration.approval != null && row.signals.length === 0;
  return row.phase === 'preparing' && asked && row.parked.length > 0
    ? `waiting for approval (cutover approve ${row.service})`
    : row.phase;
};

/** What was told, unless something has gone on since. `events` are the newest first. */
const stuckBy = (row: Row | null, events: HistoryEvent[]): string | null => {
  const held = row === null ? null : heldBy(row);
  const own = events.filter(({ release, attempt }) => release === held?.release && attempt === held?.attempt);
  const newest = own.find(({ kind }) => kind !== 'problem');
  return newest?.kind === 'stuck' ? newest.text : null;
};

/** What was live has ended otherwise than by a rollout: the local cloud was started again. */
const endedBy = (events: HistoryEvent[]): string | null =>
  events.find(({ kind, data }) => kind === 'removed' && data?.ended === true)?.text ?? null;

export const statusOf = (service: string, row: Row | null, urls: string[], events: HistoryEvent[]): StatusView => {
  const held = row === null ? null : heldBy(row);
  return {
    service,
    urls,
    live: row?.live
      ? { release: row.live.release, label: row.live.image.label, slot: row.live.slot, since: row.live.since }
      : null,
    ended: row?.live === null ? endedBy(events) : null,
    rollout:
      row === null || held === null
        ? null
        : {
            release: held.release,
            label: held.image.label,
            attempt: held.attempt,
            phase: phaseOf(row),
            step: row.step,
            steps: row.plan?.steps.length ?? 0,
            slot: row.plan?.new.slot ?? null,
            abort: row.abort?.why ?? null,
          },
    stuck: stuckBy(row, events),
    next: row?.next ? { release: row.next.release, label: row.next.image.label } : null,
    weights: row?.wanted.weights ?? null,
  };
};

/** So many of the newest events say whether a rollout is stuck, or what was live has ended. */
const recent = 50;

/** Of each service in turn; one that cannot be read does not keep the others from being shown. */
export const statuses = async (
  { ledger }: Pick<Ports, 'ledger'>,
  services: readonly string[],
  urls: Record<string, string[]>,
): Promise<{ views: StatusView[]; unread: string[] }> => {
  const views: StatusView[] = [];
  const unread: string[] = [];
  for (const name of services)
    try {
      const row = await ledger.row(name);
      const told = row?.lock.state === 'held' || row?.live === null;
      const events = told ? await ledger.history(name, recent) : [];
      views.push(statusOf(name, row, urls[name] ?? [], events));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      unread.push(error.message);
    }
  return { views, unread };
};
