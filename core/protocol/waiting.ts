/** What a rollout waits for, as its row and its events say. */
import type { HistoryEvent } from '../release/history.ts';
import { openQuestion } from './guards.ts';
import type { Row } from './row.ts';

export interface Wait {
  /** An approval before any traffic; a decision at the weight that is in force; the end of an incident of both versions; an alarm that is OK again. */
  for: 'approval' | 'decision' | 'incident' | 'alarm';
  /** The question that an answer names; null: nobody is asked, and only the alarm ends it. */
  question: string | null;
  /** Epoch milliseconds. */
  since: number;
  /** When no answer is taken for a no; null: it waits for as long as it takes. */
  until: number | null;
  /** What happened, with its figures. */
  why: string;
}

/** What a person types, as it ends a sentence. */
export const answerCommands = (service: string, question: string): string =>
  `cutover approve ${service} --question ${question}, or cutover reject ${service} --question ${question}`;

const forKinds = (kinds: readonly string[]): Wait['for'] =>
  kinds.includes('approval') ? 'approval' : kinds.includes('incident') ? 'incident' : 'decision';

/** What keeps the rollout from going on by itself. `events`: of the service, the newest first. Null: nothing does. */
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

/** The reason, without the command that ends its sentence. */
const withoutAdvice = (text: string): string => text.replace(/; to give up, run .*$/s, '');
