/** The answer of every state: where the machine goes next, how long it waits before, and why. */
import { longestHistory } from './history-limit.ts';
import { type Rollout, withProgress } from './rollout.ts';

/** `next` is a state's name, `wait`, or `Ended`; `seconds` how long a Wait or a park then lasts (whole, at least 1); `why` says it in words. */
export interface StepResult {
  next: string;
  seconds: number;
  why: string;
  rollout: Rollout;
}

/** A state that is asked again and again: it goes on in another execution before this one's history is full. */
const isWait = (next: string): boolean => next === 'wait' || next === 'launched';

export const go = (
  rollout: Rollout,
  next: string,
  { seconds = 1, why = '' }: { seconds?: number; why?: string } = {},
): StepResult => ({
  next: isWait(next) && rollout.progress.steps >= longestHistory ? 'HandOver' : next,
  seconds: Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 1,
  why,
  rollout: withProgress(pick(rollout), { steps: rollout.progress.steps + 1 }),
});

const pick = ({ service, release, attempt, token, execution, progress }: Rollout): Rollout => ({
  service,
  release,
  attempt,
  token,
  execution,
  progress,
});

/** The same answer; or, where the history of this execution has grown long, that another one is to go on from here. */
export const handOverIfLong = (result: StepResult): StepResult =>
  result.rollout.progress.steps < longestHistory ? result : { ...result, next: 'HandOver' };
