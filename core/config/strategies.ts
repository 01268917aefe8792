/** Strategies: functions to a list of steps. After this file nobody knows their names. */
import type { Duration } from './service.ts';

/** Steps as written: weights for the new version, rising, the last one 100. */
export interface WrittenStrategy {
  steps: { weight: number; bake: WrittenBake }[];
}

/** So long; or at most so long, and no longer than `atLeast` once the new version has been shown not to be harmful. */
export type WrittenBake = Duration | { atLeast: Duration; atMost: Duration };

export interface Bakes {
  /** Time spent at each weight below 100. */
  bake?: WrittenBake;
  /** Time spent at 100 while the old fleet still runs and can take everything back. */
  keepOldFor?: Duration;
}

const usualBake = '5 minutes';
const usualKeep = '15 minutes';

/** The given weights, then 100. `canary([5, 25, 50])` → 5, 25, 50, 100. */
export const canary = (
  weights: readonly number[],
  { bake = usualBake, keepOldFor = usualKeep }: Bakes = {},
): WrittenStrategy => ({
  steps: [...weights.map((weight) => ({ weight, bake })), { weight: 100, bake: keepOldFor }],
});

/** Equal steps up to 100. `linear(25)` → 25, 50, 75, 100; `linear(40)` → 40, 80, 100. */
export const linear = (step: number, bakes: Bakes = {}): WrittenStrategy => {
  // A step of 0 would never arrive. What is no percentage stands as written, for the validation to refuse.
  const many = step >= 1 && step <= 100 ? Math.ceil(100 / step) - 1 : 1;
  return canary(
    Array.from({ length: many }, (_, index) => step * (index + 1)),
    bakes,
  );
};

/** Everything at once to a whole second fleet; the old one stays for a while. */
export const blueGreen = ({ keepOldFor = usualKeep }: Pick<Bakes, 'keepOldFor'> = {}): WrittenStrategy =>
  canary([], { keepOldFor });

/** Everything at once, and the old fleet goes at once. */
export const allAtOnce = (): WrittenStrategy => canary([], { keepOldFor: 0 });

/** What growth is where nothing is written: from ten instances on, a whole second fleet costs more than waiting for instances at each step. */
export const growthFor = (count: number): 'withWeight' | 'upfront' => (count >= 10 ? 'withWeight' : 'upfront');
