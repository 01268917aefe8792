/** Searches all interleavings of the row protocol: no state is flawed, and from each one there is a way to rest. `MODEL=full` searches more. */
import { describe, expect, it } from 'vitest';
import { protocol } from '../../core/protocol/protocol.ts';
import { everything, keeper } from './key.ts';
import { modelOf, type Scenario } from './model.ts';
import { fullScenarios, scenarios } from './scenarios.ts';
import { type Model, search } from './search.ts';
import { timeline } from './timeline.ts';
import type { World } from './world.ts';

const long = 60 * 60_000;

describe('the row protocol', () => {
  const searched: Scenario[] = process.env.MODEL === 'full' ? [...scenarios, ...fullScenarios] : scenarios;

  it.each(searched)(
    'has no flaw in any interleaving: $name (R1, R2, R4, P20, P21, P22)',
    (scenario) => {
      const { states, transitions, flaw, path } = search(modelOf(protocol, scenario));
      const [found, moves] = [states, transitions].map((count) => count.toLocaleString('en'));
      console.log(`${scenario.name}: ${found} states, ${moves} transitions, a way to rest from each`);
      expect(flaw === null ? null : timeline({ flaw, path })).toBeNull();
    },
    long,
  );
});

/** Of every state by all there is in it: what can follow, as the model tells its states apart. */
const contradiction = (model: Model<World>): { key: string; either: string; or: string } | null => {
  const keyOf = keeper(everything);
  const seen = new Set([keyOf(model.initial)]);
  const futures = new Map<string, { future: string; of: World }>();
  const open = [model.initial];
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const moves = model.moves(world);
    const next = moves.map(({ to, disturbance }) => `${model.key(to)} ${disturbance} ${model.flaw(to) !== null}`);
    const future = [model.atRest(world), ...new Set(next.sort())].join();
    const key = model.key(world);
    const known = futures.get(key);
    if (known === undefined) futures.set(key, { future, of: world });
    else if (known.future !== future) return { key, either: JSON.stringify(known.of), or: JSON.stringify(world) };
    for (const { to } of moves) {
      const one = keyOf(to);
      if (!seen.has(one)) open.push(to);
      seen.add(one);
    }
  }
  return null;
};

describe('what a key leaves out', () => {
  const byOne = scenarios.map(({ initial, ...scenario }) => ({
    ...scenario,
    initial: { ...initial, budget: 1, continued: 0 },
  }));
  it.each(byOne)('changes nothing that can follow: $name', (scenario) => {
    expect(contradiction(modelOf(protocol, scenario))).toBeNull();
  });
});
