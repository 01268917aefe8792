/** The input of each transition of the row protocol: who asks, under which token, when, and what was just observed. */

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
/** Whether each slot's healthy targets can carry the weight that it would get, as observed in this step. */
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
/** Each slot's healthy targets can carry the weight that it has. Only given if the old fleet was made smaller for `maxExtra`. */
export interface Holds {
  holds?: boolean;
  /** Percent of the traffic that the old fleet can surely carry, even while it is being made smaller. */
  weight?: number;
}
/** A person's new attempt: New execution in the console, or a redrive of an attempt that is on record. */
export interface AdmitAnewRequest extends Token, Now {
  /** `order` is when the person asked: the execution's StartTime, or its RedriveTime. */
  publication: Publication;
  execution: string;
  plan: Plan;
  /** When the newest attempt on record for this release ended; null if there is none. Read after the row, in the same decision. */
  endedAt: number | null;
}
export interface TakeOverRequest extends Now, Holds {
  /** The token in the row when the ended execution was read. */
  token: number;
  execution: string;
  /** The holder's execution was seen to have ended, after the row was read. */
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
  /** Percent of the traffic that the old fleet can carry now, while the rollback waits for it to grow. */
  weight?: number;
  /**
   * While the rollback waits: the old fleet has no healthy target and the new one has some. `awaited`: the new fleet gets all the weight until
   * the old one is healthy again. `lost`: the rollback no longer waits for the old fleet.
   */
  silent?: 'awaited' | 'lost';
}
/** A fleet that runs already, as a release. */
export interface AdoptRequest extends Now {
  live: Live;
}
/** Something will be removed at rest. A rollout admitted later launches only after the removal can no longer hit its fleet. */
export interface SweepRequest extends Token, Now {}
/** Another execution continues the same attempt. */
export interface HandOverRequest extends Token {
  execution: string;
}
/** Rules are about to be given weights that were decided some time ago. */
export type EditRequest = Now;
export interface CondemnRequest extends Token, Now {
  slot: Slot;
  /** Which slots have a healthy target, as observed in this step. */
  answers: Record<Slot, boolean>;
}
export interface CommitRequest extends Token {
  carries: Carries;
}
export interface FinishRequest extends Now {
  token: number;
  outcome: Outcome;
  reason: string;
  /** Which slots contain instances, as observed in this step. */
  fleets: Record<Slot, boolean>;
}
export interface ParkRequest extends Token {
  taskToken: string;
}
/** A question to a person. `step`: as read from the row; `until`: epoch milliseconds; null: no time limit. */
export interface AskRequest extends Token, Now, Pick<Question, 'kinds' | 'step' | 'until' | 'why'> {}
/** An approval has to name the question that it answers; a rejection may. */
export interface SignalRequest {
  release: string;
  attempt: number;
  signal: Omit<Signal, 'kinds'>;
}
