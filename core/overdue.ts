/** When an execution has stood still: it runs, and has not done in time what nobody has to answer. */
import { effectiveBake } from './bake.ts';
import { formatDuration } from './duration.ts';
import type { Plan } from './plan.ts';
import type { Row } from './row.ts';

/** Seconds on top of every deadline that a rollout keeps by itself: retries of hours are somebody else's outage, not a stand-still. */
const grace = 2 * 3600;

/** Seconds that a phase may take; `paused`: a person decides, and may take as long as it takes. */
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

/** In words, or null: it is in time. */
export const overdue = (row: Row, paused: boolean, now: number): string | null => {
  const { plan, wanted, phase, lock } = row;
  if (plan === null || lock.state !== 'held') return null;
  const since = Math.max(plan.at, wanted.since);
  const seconds = allowed(row, plan, paused);
  return (now - since) / 1000 > seconds
    ? `${lock.execution} has been ${phase} for ${formatDuration(Math.floor((now - since) / 60_000) * 60)}, ${formatDuration(seconds)} were allowed`
    : null;
};
