/** What each transition of the row protocol is asked: who asks, under which token, when, and what was just observed. */

import type { Slot } from '../basics/slot.ts';
import type { Plan } from '../plan/plan.ts';
import type { Outcome, Publication } from '../release/publications.ts';
import type { Abort, Live, Question, Signal } from './row.ts';

export interface Token {
  token: number;
}
export interface Now {
  now: number;
}
/** Which slots' healthy targets carry the share they would get, as this very step has just observed. */
export type Carries = Record<Slot, boolean>;

export interface PublishRequest extends Now {
  publication: Publication;
}
export interface AdmitRequest extends Now {
  release: string;
  attempt: number;
  execution: string;
  plan: Plan;
}
/** Each slot's healthy targets carry at least the share it has. Given where the old fleet was made smaller on purpose, and only there. */
export interface Holds {
  holds?: boolean;
  /** Percent of the traffic that the old fleet is sure to carry even if it is giving room at this moment. */
  weight?: number;
}
/** A person's fresh attempt: the console's New execution, or a redrive of an attempt that is on record. */
export interface AdmitAnewRequest extends Token, Now {
  /** `order` is when the person asked: the execution's StartTime, or its RedriveTime. */
  publication: Publication;
  execution: string;
  plan: Plan;
  /** When the newest attempt on record for this release ended; null without one. Read after the row, in the same decision. */
  endedAt: number | null;
}
export interface TakeOverRequest extends Now, Holds {
  /** The token under which the dead execution was read. */
  token: number;
  execution: string;
  /** The holder's execution was seen closed, after the row was read. */
  closed: boolean;
  carries: Carries;
}
export interface ReserveAgainRequest extends Now {
  token: number;
  closed: boolean;
}
export interface ShiftRequest extends Token, Now {
  step: number;
  carries: Carries;
}
export interface AbortRequest extends Now, Holds {
  release: string;
  attempt: number;
  kind: Abort['kind'];
  why: string;
  by: string;
  carries: Carries;
}
export interface StepAsideRequest extends Now {
  release: string;
  attempt: number;
  by: string;
}
export interface TurnRequest extends Token, Now {
  carries: Carries;
  /** Percent of the traffic that the old fleet carries by now, while the way back waits for it. */
  weight?: number;
  /**
   * While the way back waits: the old fleet has no healthy target and the new one has some. Awaited, it gives its weight to the new one
   * until it answers again; lost, it is waited for no longer.
   */
  silent?: 'awaited' | 'lost';
}
/** A fleet that was there before, as a release. */
export interface AdoptRequest extends Now {
  live: Live;
}
/** Something is going to be removed at rest: a rollout admitted from now on launches only when the removal can no longer hit its fleet. */
export interface SweepRequest extends Token, Now {}
/** Another execution of the same attempt goes on from here. */
export interface HandOverRequest extends Token {
  execution: string;
}
/** Rules are about to be given weights that were decided a while ago. */
export type EditRequest = Now;
export interface CondemnRequest extends Token, Now {
  slot: Slot;
  /** Which slots have a healthy target, as this very step has just observed. */
  answers: Record<Slot, boolean>;
}
export interface CommitRequest extends Token {
  carries: Carries;
}
export interface FinishRequest extends Now {
  token: number;
  outcome: Outcome;
  reason: string;
  /** Which slots have instances in them, as this very step has just observed. */
  fleets: Record<Slot, boolean>;
}
export interface ParkRequest extends Token {
  taskToken: string;
}
/** A person is asked. `step`: as the row was read; `until`: epoch milliseconds; null: without a limit. */
export interface AskRequest extends Token, Now, Pick<Question, 'kinds' | 'step' | 'until' | 'why'> {}
/** An approval names the question that it answers; a rejection may. */
export interface SignalRequest {
  release: string;
  attempt: number;
  signal: Omit<Signal, 'kinds'>;
}
