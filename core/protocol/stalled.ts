/** Detects an execution that runs but makes no progress within the limit of its phase. */

import { formatDuration } from '../basics/duration.ts';
import { effectiveBake } from '../plan/bake.ts';
import type { Plan } from '../plan/plan.ts';
import type { Row } from './row.ts';

/** Seconds added to each deadline: retries for hours are an outage of AWS, and the rollout has not stalled. */
const grace = 2 * 3600;

/** Seconds that a phase may take. `paused`: a person decides, without a time limit. */
const allowed = ({ phase, step }: Row, { configuration, steps }: Plan, paused: boolean): number => {
  const { timing, checks, approval } = configuration;
  const ready = checks.readyWithin + checks.warmUp;
  switch (phase) {
    case 'preparing':
      return timing.settling + 2 * ready + (approval?.within ?? 0) + grace;
    case 'shifting':
    case 'settling':
      return paused ? Number.POSITIVE_INFINITY : effectiveBake(steps[step - 1] ?? { bake: 0 }, timing) + ready + grace;
    case 'committed':
    case 'rollingBack':
      return timing.settling + grace;
    case 'free':
      return Number.POSITIVE_INFINITY;
    default:
      return phase satisfies never;
  }
};

/** How much too late it is, in words; null: it is in time. */
const lateFor = (what: string, since: number, now: number, seconds: number): string | null =>
  (now - since) / 1000 > seconds
    ? `${what} for ${formatDuration(Math.floor((now - since) / 60_000) * 60)}, ${formatDuration(seconds)} were allowed`
    : null;

export const phaseStall = (row: Row, paused: boolean, now: number): string | null => {
  const { plan, wanted, phase, lock } = row;
  if (plan === null || lock.state !== 'held') return null;
  const since = Math.max(plan.at, wanted.since);
  return lateFor(`${lock.execution} has been ${phase}`, since, now, allowed(row, plan, paused));
};

/**
 * The same for a rollout that cannot be aborted. After commit and during a rollback an execution may wait without limit, for example for a
 * foreign rule, but it checks every few seconds. Only an execution that has stopped checking is stalled. `moved`: when its history last grew.
 */
export const historyStall = (row: Row, moved: number, now: number): string | null => {
  const { plan, phase, lock } = row;
  if (plan === null || lock.state !== 'held') return null;
  return lateFor(`${lock.execution} has stalled while ${phase}`, moved, now, allowed(row, plan, false));
};
