/** The ledger's events, which are only ever added, and the history of rollouts that they make. */

import type { EventKindName } from './event-kinds.ts';
import type { Outcome } from './publications.ts';

export interface HistoryEvent {
  /** Derived, so that a repeated step adds no second event: `${release}-${attempt}/${by}/${kind}`, and more where that is not unique. */
  id: string;
  at: number;
  release: string;
  attempt: number;
  /** The state or function that recorded it. */
  by: string;
  kind: EventKindName;
  /** One sentence. */
  text: string;
  /**
   * Values for machines; plain JSON. The fold below reads `label` (any event), `step` and `weight` (shifted), `requests` and `errors`
   * (of the new version so far; any event), `outcome` and `reason` (finished), `instance` (evidence). `seconds`: since admission (finished),
   * or from the decision until every rule had its weights back (aborted).
   */
  data?: Record<string, unknown>;
}

/** The start of the ids of an attempt's events, before a slash. */
export const attemptId = ({ release, attempt }: Pick<HistoryEvent, 'release' | 'attempt'>): string =>
  `${release}-${attempt}`;

/** One attempt to bring a release live, as its events show it. Times are epoch milliseconds. */
export interface RolloutHistory {
  service: string;
  release: string;
  /** The image's name for people; the release if no event has it. */
  label: string;
  attempt: number;
  /** When it was first published, and when it was admitted; null: never. */
  publishedAt: number;
  startedAt: number | null;
  endedAt: number | null;
  /** Null: it has not ended. */
  outcome: Outcome | null;
  /** The service only observes: `reason` is the plan that it would follow, or why it would be refused. */
  observed: boolean;
  /** Why it ended, or is about to end. */
  reason: string;
  /** Weights it had, in order. */
  steps: { step: number; weight: number; at: number }[];
  /** Of the new version, at the last judgement. */
  requests: number;
  errors: number;
  /** How failed instances ended, and their last console output. */
  evidence: { instance: string; said: string }[];
}

/** A service's rollouts, newest first. Events may be repeated and in any order. A value of an unknown form is ignored. */
export const rolloutsOf = (service: string, events: readonly HistoryEvent[]): RolloutHistory[] => {
  const rollouts = new Map<string, RolloutHistory>();
  for (const event of inOrder(events)) {
    const key = rolloutKey(event);
    if (key === null) continue;
    rollouts.set(key, withEvent(rollouts.get(key) ?? unheardOf(service, event), event));
  }
  return [...rollouts.values()].reverse();
};

/** The rollout that an event is about; null: the service as a whole. A publication refused before it had a release is an entry of its own. */
export const rolloutKey = (event: HistoryEvent): string | null => {
  if (event.release !== '') return attemptId(event);
  return event.kind === 'refused' ? event.id : null;
};

const inOrder = (events: readonly HistoryEvent[]): HistoryEvent[] => [
  ...new Map(
    [...events].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map((event) => [event.id, event] as const),
  ).values(),
];

const unheardOf = (service: string, { release, attempt, at }: HistoryEvent): RolloutHistory => ({
  service,
  release,
  label: release,
  attempt,
  publishedAt: at,
  startedAt: null,
  endedAt: null,
  outcome: null,
  observed: false,
  reason: '',
  steps: [],
  requests: 0,
  errors: 0,
  evidence: [],
});

const withEvent = (rollout: RolloutHistory, event: HistoryEvent): RolloutHistory => {
  const { data = {}, at, kind, text } = event;
  const next = {
    ...rollout,
    label: typeof data.label === 'string' ? data.label : rollout.label,
    requests: numberOr(rollout.requests, data.requests),
    errors: numberOr(rollout.errors, data.errors),
  };
  switch (kind) {
    case 'admitted':
      return {
        ...next,
        startedAt: rollout.startedAt ?? at,
        observed: false,
        reason: rollout.observed ? '' : rollout.reason,
      };
    case 'observed':
      return rollout.startedAt === null ? { ...next, observed: true, reason: text } : next;
    case 'shifted':
      return {
        ...next,
        steps: withStep(rollout.steps, { step: numberOr(0, data.step), weight: numberOr(0, data.weight), at }),
      };
    case 'aborted':
      return { ...next, reason: text };
    case 'evidence': {
      const instance = typeof data.instance === 'string' ? data.instance : 'an instance';
      return { ...next, evidence: [...rollout.evidence, { instance, said: text }] };
    }
    case 'superseded':
    case 'refused':
      return ended(next, kind, text, at);
    case 'finished':
      return ended(next, outcomeOf(data.outcome), typeof data.reason === 'string' ? data.reason : text, at);
    default:
      return next;
  }
};

/** An attempt ends once. Later events about its end are repetitions. */
const ended = (rollout: RolloutHistory, outcome: Outcome | null, reason: string, at: number): RolloutHistory =>
  rollout.endedAt === null ? { ...rollout, outcome, reason, endedAt: at } : rollout;

const withStep = (steps: RolloutHistory['steps'], reached: RolloutHistory['steps'][number]): RolloutHistory['steps'] =>
  steps.some(({ step }) => step === reached.step) ? steps : [...steps, reached];

const outcomes: readonly unknown[] = ['live', 'failed', 'superseded', 'refused'] satisfies Outcome[];

const outcomeOf = (value: unknown): Outcome | null => (outcomes.includes(value) ? (value as Outcome) : null);

const numberOr = (otherwise: number, value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
