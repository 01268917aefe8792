/** The row: one document per service, the only place where a decision is taken. Plain JSON; times are epoch milliseconds. */
import { type Image, isSameImage } from '../basics/image.ts';
import type { Slot, Weights } from '../basics/slot.ts';
import type { Limits, Plan, Template } from '../plan/plan.ts';
import type { Lock, Publication } from '../release/publications.ts';

export interface Live {
  release: string;
  image: Image;
  attempt: number;
  /** What its instances were launched from: a lost one is replaced by its like. */
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
  /** `maxExtra` has made the old fleet smaller: traffic goes back as far as it carries it, until it carries all. */
  waits?: boolean;
}

/** What a person is asked about the rollout. One answer closes it; a decided weight, an abort and the rollout's end take it away. */
export interface Question {
  /** Answers name it, so that none given to an earlier question counts for this one. */
  id: string;
  /** What is asked about: `approval` before any traffic, else each kind of finding that is left to a person at this weight. */
  kinds: string[];
  step: number;
  /** Epoch milliseconds. */
  asked: number;
  /** When no answer is taken for a no; null: it waits for as long as it takes. */
  until: number | null;
  /** What was found, with its figures. */
  why: string;
}

/** What a person said about the rollout. */
export interface Signal {
  kind: 'approve' | 'reject';
  by: string;
  at: number;
  /** The question that was answered, and its kinds; a rejection needs none. Absent in rows of versions that asked without one. */
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
   * The weights every rule shall have. `seq` grows with each decision; `since` is when it was taken; `edited` when a rule was last about to
   * be given them, where that was later.
   */
  wanted: { weights: Weights; seq: number; since: number; edited?: number };
  /** How many of the plan's steps have had their weight decided: 0 before any traffic. */
  step: number;
  /** The slot whose removal has been decided during a rollback: from here no turn. */
  condemned: Slot | null;
  lock: Lock;
  phase: Phase;
  plan: Plan | null;
  /** What the slots' limits are to be since the last rollout ended; null where the fleet has none, and while one is under way. */
  limits: Record<Slot, Limits> | null;
  abort: Abort | null;
  /** A rollout has already yielded to a newer image since the last success; the next one may not yield. */
  steppedAside: boolean;
  /** When each weight of the rollout under way was decided, oldest first. */
  raised: number[];
  question: Question | null;
  signals: Signal[];
  /** Hex digits that change with every holder and reservation: parts of the names of executions. Absent in rows of versions that had none. */
  nonce?: string;
  /** Task tokens of executions that wait to be woken. All are tried, none is trusted. */
  parked: string[];
}

/** A service's first row. `weights` are the rules' own, as found: nothing moves until a rollout shifts. */
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

/** Nobody has held the service since it was read, and what is live is what was. */
export const isStillLive = ({ lock, token, live }: Row, seen: Row): boolean =>
  lock.state === 'free' &&
  token === seen.token &&
  (live === null ? seen.live === null : seen.live !== null && isSameImage(live, seen.live)) &&
  live?.slot === seen.live?.slot;

/**
 * What nobody can guess in advance, for the names of executions: whoever may start one could take the next names beforehand. Each is used
 * for one name, as a name that was used is seen by everybody. Empty in rows of versions that had none.
 */
const secret = ({ nonce = '' }: Pick<Row, 'nonce'>, which: number): string => {
  const part = nonce.slice(12 * which, 12 * (which + 1));
  return part === '' ? '' : `-n${part}`;
};
const secretPattern = '(-n[0-9a-f]{12})?';

/** The execution that goes on where the one that holds under `token` has to end; never a derived name, so that none is used up. */
export const continuationName = (row: Pick<Row, 'service' | 'nonce'>, token: number): string =>
  `continue-${row.service}-${token}${secret(row, 0)}`;
export const isContinuation = (execution: string): boolean => execution.startsWith('continue-');
/** Whether it is the one that was to go on from that token. */
export const continues = (execution: string, service: string, token: number): boolean =>
  new RegExp(`^continue-${service}-${token}${secretPattern}$`).test(execution);

/** The n-th recovery in a row, from 1 on, of a holder that has ended under the row's token. */
export const recoveryName = (row: Pick<Row, 'service' | 'token' | 'nonce'>, n: number): string =>
  `recover-${row.service}-${row.token}-${n}${secret(row, n)}`;
export const isRecovery = (execution: string): boolean => execution.startsWith('recover-');
/** Where it stands among the recoveries in a row; 0: it is none. */
export const recoveryNumber = (execution: string): number =>
  Number(new RegExp(`^recover-.*-\\d+-(\\d+)${secretPattern}$`).exec(execution)?.[1] ?? 0);

/** An execution's derived name: the same for everyone who would start this attempt. 80 characters at most, as Step Functions asks. */
export const executionName = (service: string, publication: Pick<Publication, 'release' | 'attempt'>): string =>
  `${service}-${publication.release}-${publication.attempt}`;
/** Another name for the same, where somebody else has used that one. */
export const otherName = (row: Pick<Row, 'service' | 'nonce'>, publication: Publication): string =>
  `${executionName(row.service, publication)}${secret(row, 0)}`;
/** Whether it is one of both. */
export const isDerived = (execution: string, service: string, release: string): boolean =>
  new RegExp(`^${service}-${release}-\\d+${secretPattern}$`).test(execution);
