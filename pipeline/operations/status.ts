/** What is live in a service, what is being rolled out, and what waits, for people and programs. */

import { Rejected } from '../../core/basics/errors.ts';
import { weightOf } from '../../core/plan/capacity.ts';
import type { Row } from '../../core/protocol/row.ts';
import { type Wait, waitOf } from '../../core/protocol/waiting.ts';
import type { PeriodFigures } from '../../core/release/figures.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import { holderOf } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { type BakeView, bakeView } from './bake-view.ts';

export interface WaitView extends Wait {
  /** What happens without an answer. */
  otherwise: string;
  /** The commands to answer. `approve`: null if nobody is asked. */
  commands: { approve: string | null; reject: string };
}

export interface StatusView {
  service: string;
  urls: string[];
  live: { release: string; label: string; slot: string; since: number } | null;
  /** Why the last live release is not live any more; null: one is live, or none ever was. */
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
  /** What the rollout waits for, and what a person can answer; null: it continues by itself. */
  waiting: WaitView | null;
  /** The weight that is in force and judged; null: there is none. */
  bake: BakeView | null;
  /** The message that no further recovery follows and a person has to look; null: the rollout is not stuck. */
  stuck: string | null;
  next: { release: string; label: string } | null;
  /** The metrics of about the last hour of the rollout, oldest first; absent if not asked for. */
  figures?: PeriodFigures[];
  weights: Row['wanted']['weights'] | null;
}

/** The phase in words for people. */
const phaseOf = (row: Row, wait: Wait | null): string => {
  if (row.lock.state === 'reserved') return 'starting';
  if (row.phase === 'rollingBack') return 'going back';
  return wait === null ? row.phase : waitWords[wait.for];
};

const waitWords = {
  approval: 'waiting for approval',
  decision: 'waiting for a decision',
  incident: 'waiting for the end of an incident',
  alarm: 'waiting for an alarm to be OK',
} as const;

/** What happens if nobody answers. */
const otherwiseOf = (wait: Wait, { plan, step, service }: Row): string => {
  const weight = plan === null ? 0 : weightOf(plan, step);
  switch (wait.for) {
    case 'approval':
      return `no user reaches the new version; without an answer by then it is rolled back`;
    case 'decision':
      return `traffic stays at ${weight} % until somebody decides; a failed limit, health check or alarm still rolls back`;
    case 'incident':
      return `traffic stays at ${weight} %; ${service} continues by itself when both versions have stopped failing`;
    case 'alarm':
      return `no user reaches the new version; ${service} continues by itself when the alarm is OK`;
    default:
      return wait.for satisfies never;
  }
};

const waitingOf = (row: Row, wait: Wait): WaitView => ({
  ...wait,
  otherwise: otherwiseOf(wait, row),
  commands:
    wait.question === null
      ? { approve: null, reject: `cutover abort ${row.service}` }
      : {
          approve: `cutover approve ${row.service} --question ${wait.question}`,
          reject: `cutover reject ${row.service} --question ${wait.question}`,
        },
});

/** The message that it is stuck, unless something has happened since. `events`: newest first. */
const stuckBy = (row: Row | null, events: HistoryEvent[]): string | null => {
  const held = row === null ? null : holderOf(row);
  const own = events.filter(({ release, attempt }) => release === held?.release && attempt === held?.attempt);
  const newest = own.find(({ kind }) => kind !== 'problem');
  return newest?.kind === 'stuck' ? newest.text : null;
};

/** Why the live release ended without a rollout: the local cloud was restarted. */
const endedBy = (events: HistoryEvent[]): string | null =>
  events.find(({ kind, data }) => kind === 'removed' && data?.ended === true)?.text ?? null;

export const statusOf = (service: string, row: Row | null, urls: string[], events: HistoryEvent[]): StatusView => {
  const held = row === null ? null : holderOf(row);
  const wait = row === null ? null : waitOf(row, events);
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
            phase: phaseOf(row, wait),
            step: row.step,
            steps: row.plan?.steps.length ?? 0,
            slot: row.plan?.new.slot ?? null,
            abort: row.abort?.why ?? null,
          },
    waiting: row === null || wait === null ? null : waitingOf(row, wait),
    bake: null,
    stuck: stuckBy(row, events),
    next: row?.next ? { release: row.next.release, label: row.next.image.label } : null,
    weights: row?.wanted.weights ?? null,
  };
};

/** This many of the newest events are enough to say what a rollout waits for, whether it is stuck, or why nothing is live. */
const recent = 200;

/** The number of periods that status shows. */
const shownFigures = 60;

const newestFigures = async ({ ledger }: Pick<Ports, 'ledger'>, row: Row | null): Promise<PeriodFigures[]> =>
  row?.plan == null ? [] : ledger.figures(row.service, row.plan, shownFigures);

/** Of each service in turn. One that cannot be read does not hide the others. */
export const statuses = async (
  ports: Pick<Ports, 'ledger' | 'metrics' | 'now'>,
  services: readonly string[],
  urls: Record<string, string[]>,
  { figures = false }: { figures?: boolean } = {},
): Promise<{ views: StatusView[]; unread: string[] }> => {
  const views: StatusView[] = [];
  const unread: string[] = [];
  for (const name of services)
    try {
      const row = await ports.ledger.row(name);
      const told = row?.lock.state === 'held' || row?.live === null;
      const events = told ? await ports.ledger.history(name, recent) : [];
      const view = statusOf(name, row, urls[name] ?? [], events);
      const shown = figures ? { figures: await newestFigures(ports, row) } : {};
      views.push({ ...view, bake: row === null ? null : await bakeView(ports, row), ...shown });
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      unread.push(error.message);
    }
  return { views, unread };
};
