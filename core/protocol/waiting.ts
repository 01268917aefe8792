/** What a rollout waits for that a person can end, as its row and its events say. */
import type { HistoryEvent } from '../release/history.ts';
import type { Row } from './row.ts';

export interface Question {
  /** An approval before any traffic; a decision at the weight that is in force; the end of an incident of both versions. */
  for: 'approval' | 'decision' | 'incident';
  /** Epoch milliseconds. */
  since: number;
  /** When no answer is taken for a no; null: it waits for as long as it takes. */
  until: number | null;
  /** What happened, with its figures. */
  why: string;
}

/** The question that nobody has answered yet. `events`: of the service, the newest first. Null: nobody is asked. */
export const questionOf = (row: Row, events: readonly HistoryEvent[]): Question | null => {
  const { plan, lock, phase, signals, abort } = row;
  if (plan === null || lock.state !== 'held' || abort !== null) return null;
  const own = events.filter(({ release, attempt }) => release === plan.release && attempt === plan.attempt);
  const open = (asked: HistoryEvent | undefined): asked is HistoryEvent =>
    asked !== undefined && !signals.some(({ at }) => at >= asked.at);
  if (phase === 'preparing') {
    const asked = own.find(({ kind, by }) => kind === 'waiting' && by === 'AwaitApproval');
    const within = plan.configuration.approval?.within;
    if (!open(asked) || within === undefined) return null;
    const why = 'the new instances are healthy and have passed their smoke tests';
    return { for: 'approval', since: asked.at, until: asked.at + within * 1000, why };
  }
  if (phase !== 'shifting' && phase !== 'settling') return null;
  const judged = own.filter(({ kind, data }) => kind === 'judged' && data?.step === row.step);
  // What Judge found since has left nothing open.
  if (judged[0]?.data?.action === 'advance') return null;
  for (const [action, what] of [['pause', 'decision'] as const, ['wait', 'incident'] as const]) {
    const asked = judged.find(({ data }) => data?.action === action);
    if (open(asked)) return { for: what, since: asked.at, until: null, why: withoutAdvice(asked.text) };
  }
  return null;
};

/** Judge's reasons, without the commands that end its sentence. */
const withoutAdvice = (text: string): string => text.replace(/; a person decides.*$/s, '');
