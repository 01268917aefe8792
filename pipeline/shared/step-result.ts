/** The answer of every state: which state is next, how long the machine waits before it, and why. */
import { longestHistory } from './history-limit.ts';
import { type Rollout, withProgress } from './rollout.ts';

/** `next` is a state's name, `wait`, or `Ended`; `seconds`: how long a Wait or a park lasts (whole, at least 1); `why`: in words. */
export interface StepResult {
  next: string;
  seconds: number;
  why: string;
  rollout: Rollout;
}

/** States that repeat: before the history is full, they continue in another execution. */
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

/** The same answer; or, if this execution's history has become long, a hand-over to another one. */
export const handOverIfLong = (result: StepResult): StepResult =>
  result.rollout.progress.steps < longestHistory ? result : { ...result, next: 'HandOver' };
