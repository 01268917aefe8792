/** Finds the smallest set of faults that still breaks a rule, by leaving out one at a time. */
import { type Played, play } from './play.ts';

export const shrunk = async (played: Played): Promise<Played> => {
  const { seed, scenario } = played;
  // What never struck has done nothing.
  let best = { ...played, faults: played.struck.map(({ fault }) => fault) };
  for (const fault of best.faults) {
    const faults = best.faults.filter((one) => one !== fault);
    const without = await play(seed, { scenario, faults }).catch(() => null);
    if (without !== null && without.violations.length > 0) best = without;
  }
  return best;
};
