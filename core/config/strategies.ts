/** Strategies: functions that return a list of steps. Nothing outside this file knows their names. */
import type { Duration } from './service.ts';

/** Steps as written: the weights of the new version, which rise and end at 100. */
export interface WrittenStrategy {
  steps: { weight: number; bake: WrittenBake }[];
}

/** A fixed time, or `atMost`, which ends from `atLeast` on once the new version has been shown to be harmless. */
export type WrittenBake = Duration | { atLeast: Duration; atMost: Duration };

export interface Bakes {
  /** Time spent at each weight below 100. */
  bake?: WrittenBake;
  /** Time spent at 100 while the old fleet still runs, so that all traffic can go back to it. */
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
  // A step of 0 would never reach 100. A value that is no percentage is kept as written, so that validation refuses it.
  const many = step >= 1 && step <= 100 ? Math.ceil(100 / step) - 1 : 1;
  return canary(
    Array.from({ length: many }, (_, index) => step * (index + 1)),
    bakes,
  );
};

/** All traffic at once to a complete second fleet. The old fleet stays for `keepOldFor`. */
export const blueGreen = ({ keepOldFor = usualKeep }: Pick<Bakes, 'keepOldFor'> = {}): WrittenStrategy =>
  canary([], { keepOldFor });

/** All traffic at once. The old fleet is removed at once. */
export const allAtOnce = (): WrittenStrategy => canary([], { keepOldFor: 0 });

/** The default of `growth`. From ten instances on, a complete second fleet costs more than waiting for instances at each step. */
export const growthFor = (count: number): 'withWeight' | 'upfront' => (count >= 10 ? 'withWeight' : 'upfront');
