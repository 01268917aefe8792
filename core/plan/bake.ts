/** How long a weight bakes at least, and how often the evidence is looked at meanwhile. */
import type { Service } from '../config/service.ts';
import type { Plan, PlanStep } from './plan.ts';

/** The longest time without a look, in seconds; a paused rollout, which waits for a person, is looked at this often. */
export const longestLook = 15 * 60;

/** Every look costs 13 events of an execution's history: bakes alone stay within one. */
const looksPerRollout = 500;

/**
 * Seconds that a step is waited for. Only periods that ended `settling` ago count, so a shorter bake would see none that lies wholly
 * within it and pass unseen. 0 stays 0: who writes it wants no evidence.
 *
 *     period 60, settling 120:   0 → 0   60 → 240   300 → 300
 */
export const effectiveBake = ({ bake }: Pick<PlanStep, 'bake'>, { period, settling }: Service['timing']): number =>
  bake === 0 ? 0 : Math.max(bake, settling + 2 * period);

/**
 * Seconds between two looks during a bake of `bake` seconds: a period, and more for a bake so long that it would use up its share of
 * the history.
 *
 *     4 steps, period 60:   300 → 60   86,400 → 692   604,800 → 900
 */
export const lookEvery = ({ steps, configuration }: Plan, bake: number): number =>
  Math.max(configuration.timing.period, Math.min(longestLook, Math.ceil((bake * steps.length) / looksPerRollout)));
