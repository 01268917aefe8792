/** How long a weight bakes at least, and how often it is judged meanwhile. */
import type { Service } from '../config/service.ts';
import type { Plan, PlanStep } from './plan.ts';

/** The longest time between two checks, in seconds. A paused rollout, which waits for a person, is checked this often. */
export const longestLook = 15 * 60;

/** Each check adds 13 events to an execution's history. With this limit, the bakes alone fit into one execution. */
const looksPerRollout = 500;

/**
 * Seconds that a step bakes. Only periods that ended `settling` ago count, so a shorter bake would contain no complete period and pass
 * without evidence. 0 stays 0: its author wants no evidence.
 *
 *     period 60, settling 120:   0 → 0   60 → 240   300 → 300
 */
export const effectiveBake = ({ bake }: Pick<PlanStep, 'bake'>, { period, settling }: Service['timing']): number =>
  bake === 0 ? 0 : Math.max(bake, settling + 2 * period);

/**
 * Seconds between two checks during a bake of `bake` seconds: a period, or more if a bake is so long that it would use up its share of
 * the history.
 *
 *     4 steps, period 60:   300 → 60   86,400 → 692   604,800 → 900
 */
export const lookEvery = ({ steps, configuration }: Plan, bake: number): number =>
  Math.max(configuration.timing.period, Math.min(longestLook, Math.ceil((bake * steps.length) / looksPerRollout)));
