/** One rollout under a policy, and what many of them come to. */
import type { Decision, Policy } from './policies.ts';
import { baseline, type Cell, type Count, day, history, worldOf } from './world.ts';

export interface Outcome {
  /** Minutes from the first traffic until the old version serves everything again; null: never within a day. */
  back: number | null;
  /** Requests of the new version that failed until then. */
  failed: number;
  /** Requests that it answered until then. */
  served: number;
}

const together = (fresh: Count, old: Count): Count => ({
  ...fresh,
  requests: fresh.requests + old.requests,
  errors: fresh.errors + old.errors,
  over500ms: fresh.over500ms + old.over500ms,
});

export const rollout = (policy: Policy, cell: Cell, seed: number): Outcome => {
  const world = worldOf(cell, seed);
  const before = Array.from({ length: history }, (_, at) => world.minute(at - history, 0).old);
  const fresh: Count[] = [];
  const old: Count[] = [];
  const seen: Count[] = [];
  const decide = policy.begin();
  let [failed, served] = [0, 0];
  const serve = (at: number, weight: number): void => {
    const minute = world.minute(at, weight / 100);
    fresh.push(minute.fresh);
    old.push(minute.old);
    seen.push(policy.blended === true ? together(minute.fresh, minute.old) : minute.fresh);
    failed += minute.fresh.errors;
    served += minute.fresh.requests;
  };
  let weight = decide({ now: 0, fresh: [], old: [], before }) as number;
  for (let at = 0; at < day; at++) {
    serve(at, weight);
    const now = at + 1;
    const there = Math.max(0, now - policy.lag);
    const decision: Decision = decide({ now, fresh: seen.slice(0, there), old: old.slice(0, there), before });
    if (decision === 'back') {
      for (let minute = 1; minute < policy.backTakes; minute++)
        serve(at + minute, weight * (1 - minute / policy.backTakes));
      return { back: now + policy.backTakes, failed, served };
    }
    if (decision === 'live') {
      // Nobody looks any more: what is live stays, for the rest of the day.
      const left = cell.requestsPerMinute * (day - now);
      return { back: null, failed: failed + Math.round(left * cell.errors), served: served + left };
    }
    weight = decision;
  }
  return { back: null, failed, served };
};

/** A version that is as good as the old one, at the policy's first weight for a day: whether it is rolled back. */
export const backOverADay = (policy: Policy, cell: Cell, seed: number): boolean => {
  const world = worldOf({ ...cell, errors: baseline, latency: 1 }, seed);
  const before = Array.from({ length: history }, (_, at) => world.minute(at - history, 0).old);
  const first = policy.begin()({ now: 0, fresh: [], old: [], before }) as number;
  const minutes = Array.from({ length: day }, (_, at) => world.minute(at, first / 100));
  const fresh = minutes.map((one) => (policy.blended === true ? together(one.fresh, one.old) : one.fresh));
  return policy.overADay({ now: day, fresh, old: minutes.map((one) => one.old), before });
};

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
