/** Stories of a fleet that is to be removed: the state's row, and rules that agree with it. */
import { minute, start } from '../core/build.ts';
import { createWorld, held } from './build.ts';

export const over = { weights: { blue: 0, green: 100 }, seq: 6, since: start };
export const back = { weights: { blue: 100, green: 0 }, seq: 6, since: start };
export const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start };

/** Long enough after the last decision for it to be in force everywhere. */
export const opened = async (change: Parameters<typeof held>[0], rules = over.weights) => {
  const story = await createWorld(held({ step: 4, ...change }));
  story.world.rules = { https: rules, http: rules };
  story.world.now = start + 10 * minute;
  const kinds = async () => (await story.ports.ledger.history('checkout')).map(({ kind, text }) => `${kind}: ${text}`);
  return { ...story, kinds };
};
export const retiring = (change: Parameters<typeof held>[0] = {}) =>
  opened({ phase: 'committed', wanted: over, ...change });
export const discarding = (change: Parameters<typeof held>[0] = {}) =>
  opened({ phase: 'rollingBack', wanted: back, abort, ...change }, back.weights);
