/** Finds what a rollout waits for, from its row and its events. */
import type { HistoryEvent } from '../release/history.ts';
import { openQuestion } from './guards.ts';
import type { Row } from './row.ts';

export interface Wait {
  /** An approval before any traffic; a decision at the present weight; the end of an incident of both versions; the end of an alarm. */
  for: 'approval' | 'decision' | 'incident' | 'alarm';
  /** The question that an answer has to name; null: nobody is asked. */
  question: string | null;
  /** Epoch milliseconds. */
  since: number;
  /** Until when an answer is awaited; after that, no answer means no. Null: no time limit. */
  until: number | null;
  /** What happened, with its numbers. */
  why: string;
}

/** The commands for an answer, as the end of a sentence. */
export const answerCommands = (service: string, question: string): string =>
  `cutover approve ${service} --question ${question}, or cutover reject ${service} --question ${question}`;

const forKinds = (kinds: readonly string[]): Wait['for'] =>
  kinds.includes('approval') ? 'approval' : kinds.includes('incident') ? 'incident' : 'decision';

/** Why the rollout does not continue by itself; null: it does. `events`: those of the service, newest first. */
export const waitOf = (row: Row, events: readonly HistoryEvent[]): Wait | null => {
  const { plan, lock, abort } = row;
  if (plan === null || lock.state !== 'held' || abort !== null) return null;
  const open = openQuestion(row);
  if (open !== null) {
    const { id, kinds, asked, until, why } = open;
    return { for: forKinds(kinds), question: id, since: asked, until, why };
  }
  const [newest] = events.filter(({ release, attempt }) => release === plan.release && attempt === plan.attempt);
  const isHeld = row.phase === 'preparing' && newest?.kind === 'waiting' && newest.by === 'Shift';
  return isHeld
    ? { for: 'alarm', question: null, since: newest.at, until: null, why: withoutAdvice(newest.text) }
    : null;
};

/** The reason, without the commands at the end of its sentence. */
const withoutAdvice = (text: string): string => text.replace(/; to give up, run .*$/s, '');
