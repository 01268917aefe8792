/** Searches all interleavings of the row protocol: no state is flawed, and from each one there is a way to rest. `MODEL=full` searches more. */
import { describe, expect, it } from 'vitest';
import { protocol } from '../../core/protocol.ts';
import { modelOf, type Scenario } from './model.ts';
import { fullScenarios, scenarios } from './scenarios.ts';
import { search } from './search.ts';
import { timeline } from './timeline.ts';

const long = 20 * 60_000;

describe('the row protocol', () => {
  const searched: Scenario[] = process.env.MODEL === 'full' ? [...scenarios, ...fullScenarios] : scenarios;

  it.each(searched)(
    'has no flaw in any interleaving: $name (R1, R2, R4, P20, P21, P22)',
    (scenario) => {
      const { states, flaw, path } = search(modelOf(protocol, scenario));
      console.log(`${scenario.name}: ${states.toLocaleString('en')} states, each with a way to rest`);
      expect(flaw === null ? null : timeline({ flaw, path })).toBeNull();
    },
    long,
  );
});
