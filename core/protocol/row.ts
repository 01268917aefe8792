/** The row: one document per service, the only place where decisions are made. Plain JSON; times are epoch milliseconds. */
import { type Image, isSameImage } from '../basics/image.ts';
import type { Slot, Weights } from '../basics/slot.ts';
import type { Limits, Plan, Template } from '../plan/plan.ts';
import type { Lock, Publication } from '../release/publications.ts';

export interface Live {
  release: string;
  image: Image;
  attempt: number;
  /** The template that its instances were launched from, so that a lost one is replaced by the same. */
  template: Template | null;
  slot: Slot;
  order: number;
  since: number;
}

export type Phase = 'free' | 'preparing' | 'shifting' | 'settling' | 'committed' | 'rollingBack';

export interface Abort {
  kind: 'failed' | 'superseded';
  why: string;
  by: string;
  at: number;
  /** `maxExtra` has made the old fleet smaller. It gets as much traffic back as it can carry, until it can carry all. */
  waits?: boolean;
}

/** A question to a person about the rollout. It ends with an answer, with the next weight, with an abort, or with the rollout. */
export interface Question {
  /** Answers name it, so that an answer to an earlier question does not count for this one. */
  id: string;
  /** The subjects of the question: `approval` before any traffic, or the kinds of findings that the service leaves to a person at this weight. */
  kinds: string[];
  step: number;
  /** Epoch milliseconds. */
  asked: number;
  /** Until when an answer is awaited; after that, no answer means no. Null: no time limit. */
  until: number | null;
  /** What was found, with its numbers. */
  why: string;
}

/** A person's answer. */
export interface Signal {
  kind: 'approve' | 'reject';
  by: string;
  at: number;
  /** The question that was answered, and its kinds; a rejection needs none. Absent in rows of versions that had no questions. */
  question?: string;
  kinds?: string[];
}

export interface Row {
  service: string;
  /** Grows with every change of holder; a step acts only under the token it was started with. */
  token: number;
  live: Live | null;
  next: Publication | null;
  /**
   * The weights that every rule should have. `seq` grows with each decision; `since` is the time of the decision; `edited` is the latest time at
   * which a rule was about to be given them, if that was later.
   */
  wanted: { weights: Weights; seq: number; since: number; edited?: number };
  /** How many of the plan's steps have been decided: 0 before any traffic. */
  step: number;
  /** The slot whose removal has been decided during a rollback. After that, no traffic can be turned to it. */
  condemned: Slot | null;
  lock: Lock;
  phase: Phase;
  plan: Plan | null;
  /** The scaling bounds that the slots should have since the last rollout; null if the fleet has none, and during a rollout. */
  limits: Record<Slot, Limits> | null;
  abort: Abort | null;
  /** A rollout has already yielded to a newer image since the last success; the next one may not yield. */
  steppedAside: boolean;
  /** When each weight of the present rollout was decided, oldest first. */
  raised: number[];
  question: Question | null;
  signals: Signal[];
  /** Random hex digits that change with every holder and reservation, for names of executions. Absent in rows of versions that had none. */
  nonce?: string;
  /** Task tokens of executions that wait to be woken. All of them are tried; some may be outdated. */
  parked: string[];
}

/** A service's first row. `weights` are the rules' weights as found, so that nothing moves before a rollout. */
export const firstRow = (service: string, weights: Weights, now: number): Row => ({
  service,
  token: 0,
  live: null,
  next: null,
  wanted: { weights, seq: 0, since: now },
  step: 0,
  condemned: null,
  lock: { state: 'free' },
  phase: 'free',
  plan: null,
  limits: null,
  abort: null,
  steppedAside: false,
  raised: [],
  question: null,
  signals: [],
  parked: [],
});

/** Nobody has held the service since `seen` was read, and the live release is unchanged. */
export const isStillLive = ({ lock, token, live }: Row, seen: Row): boolean =>
  lock.state === 'free' &&
  token === seen.token &&
  (live === null ? seen.live === null : seen.live !== null && isSameImage(live, seen.live)) &&
  live?.slot === seen.live?.slot;

/**
 * A random part for the names of executions, so that nobody with the right to start executions can take the next name beforehand. Each
 * part is used for one name only, because used names are visible. Empty in rows of versions that had none.
 */
const secret = ({ nonce = '' }: Pick<Row, 'nonce'>, which: number): string => {
  const part = nonce.slice(12 * which, 12 * (which + 1));
  return part === '' ? '' : `-n${part}`;
};
const secretPattern = '(-n[0-9a-f]{12})?';

/** The execution that continues when the holder under `token` has to end. Attempts never have such a name, so none of theirs is used up. */
export const continuationName = (row: Pick<Row, 'service' | 'nonce'>, token: number): string =>
  `continue-${row.service}-${token}${secret(row, 0)}`;
export const isContinuation = (execution: string): boolean => execution.startsWith('continue-');
/** Whether it is the execution that should continue from that token. */
export const continues = (execution: string, service: string, token: number): boolean =>
  new RegExp(`^continue-${service}-${token}${secretPattern}$`).test(execution);

/** The n-th recovery in a row, from 1 on, of a holder that has ended under the row's token. */
export const recoveryName = (row: Pick<Row, 'service' | 'token' | 'nonce'>, n: number): string =>
  `recover-${row.service}-${row.token}-${n}${secret(row, n)}`;
export const isRecovery = (execution: string): boolean => execution.startsWith('recover-');
/** The number of a recovery in its row of recoveries; 0: it is no recovery. */
export const recoveryNumber = (execution: string): number =>
  Number(new RegExp(`^recover-.*-\\d+-(\\d+)${secretPattern}$`).exec(execution)?.[1] ?? 0);

/** An execution's name, derived from its attempt, so that everyone who starts it uses the same. At most 80 characters, as Step Functions requires. */
export const executionName = (service: string, publication: Pick<Publication, 'release' | 'attempt'>): string =>
  `${service}-${publication.release}-${publication.attempt}`;
/** The second name for the same attempt, for when a stranger has used the first. */
export const otherName = (row: Pick<Row, 'service' | 'nonce'>, publication: Publication): string =>
  `${executionName(row.service, publication)}${secret(row, 0)}`;
/** Whether it is one of these two names. */
export const isDerived = (execution: string, service: string, release: string): boolean =>
  new RegExp(`^${service}-${release}-\\d+${secretPattern}$`).test(execution);
