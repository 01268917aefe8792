/** Decides whether a new fleet is ready for its next weight. */
import { zonesLacking } from '../plan/capacity.ts';

export interface ReadinessFacts {
  /** How many instances the next weight needs, including the spare. */
  needed: number;
  /** Instances that ended by themselves since the attempt began. */
  died: number;
  /** Why the last one ended, in the provider's words. */
  deathReason: string;
  healthyZones: string[];
  healthy: number;
  /** Why targets are not healthy, for people. */
  unhealthyReasons: string[];
  oldZones: string[];
  /** Why fewer could be had; null: nothing lacks. */
  short: string | null;
  /** Checks in a row that have found it ready, before this one. */
  passed: number;
  passes: number;
  /** Seconds since the preparation of this step began, the limit, and the warm-up after readiness. */
  waited: number;
  within: number;
  warmUp: number;
  poll: number;
}

export type Readiness =
  | { state: 'ready'; why: string; lacking: string[] }
  | { state: 'pending'; passed: number; seconds: number; why: string }
  | { state: 'failed'; why: string };

/** At least as many as needed, and at least three, have ended by themselves, and none is healthy: more launches would end the same way. */
export const keepDying = ({ died, needed, healthy }: Pick<ReadinessFacts, 'died' | 'needed' | 'healthy'>): boolean =>
  died >= Math.max(3, needed) && healthy === 0;

/**
 * One check. A zone without capacity does not hold up a fleet that is complete elsewhere. If the missing capacity is not confirmed, half of
 * the time is spent waiting for the zone. `lacking` names it for the caller's message.
 * A fleet whose instances keep ending fails before its time is over.
 */
export const readiness = (facts: ReadinessFacts): Readiness => {
  const { needed, healthy, died, waited, within } = facts;
  const lacking = zonesLacking(facts.healthyZones, facts.oldZones, needed);
  const covered = lacking.length === 0 || facts.short !== null || waited >= within / 2;
  if (healthy >= needed && covered) {
    const passed = facts.passed + 1;
    const gap =
      lacking.length > 0 ? `, none in ${lacking.join(', ')}${facts.short === null ? '' : `: ${facts.short}`}` : '';
    const words = `${healthy} of ${needed} instances are healthy${gap}`;
    // The warm-up is counted in checks, because only checks know how long the fleet has been ready.
    const wanted = Math.max(facts.passes, 1 + Math.ceil(facts.warmUp / facts.poll));
    return passed >= wanted
      ? { state: 'ready', why: words, lacking }
      : { state: 'pending', passed, seconds: facts.poll, why: `${words}, check ${passed} of ${wanted}` };
  }
  const reasons = [...new Set(facts.unhealthyReasons)].slice(0, 3).join('; ');
  const state = `${healthy} of ${needed} instances are healthy after ${Math.round(waited)} s${
    covered ? '' : `, none in ${lacking.join(', ')}`
  }`;
  if (keepDying(facts))
    return {
      state: 'failed',
      why: `${died} instances ended by themselves before one was healthy: ${facts.deathReason}`,
    };
  if (waited >= within)
    return {
      state: 'failed',
      why: [
        `${state}, ${within} s were allowed (checks.readyWithin)`,
        facts.short,
        reasons,
        died > 0 ? `${died} died: ${facts.deathReason}` : '',
      ]
        .filter((part) => part !== null && part !== '')
        .join('; '),
    };
  return { state: 'pending', passed: 0, seconds: facts.poll, why: reasons === '' ? state : `${state} (${reasons})` };
};
