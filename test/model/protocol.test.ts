/** Searches all interleavings of the row protocol: with every guard there is no flaw, and without any one of them there is. */
import { describe, expect, it } from 'vitest';
import { type GuardTable, guards, type Protocol, protocol, protocolOf } from '../../core/protocol.ts';
import { fullScenarios, modelOf, type Scenario, scenarios } from './scenarios.ts';
import { type Found, search } from './search.ts';
import { timeline } from './timeline.ts';
import type { World } from './world.ts';

const long = 20 * 60_000;

/** The first counterexample: by one disturbance anywhere, or by two, first where the transition is tried hardest. */
const counterexample = (broken: Protocol, transition: keyof Protocol): Found<World> & { scenario: string } => {
  const near = scenarios.filter(({ about }) => about.includes(transition));
  const far = scenarios.filter(({ about }) => !about.includes(transition));
  const byOne = [...near, ...far].map((scenario) => ({ ...scenario, initial: { ...scenario.initial, budget: 1 } }));
  for (const scenario of [...byOne, ...near, ...far]) {
    const found = search(modelOf(broken, scenario));
    if (found.flaw !== null) return { ...found, scenario: scenario.name };
  }
  return { states: 0, complete: true, flaw: null, path: [], scenario: 'none' };
};

const show = (what: string, found: Found<World> & { scenario: string }): void =>
  console.log(`${what} (${found.scenario}, ${found.path.length} moves, state ${found.states})\n${timeline(found)}`);

describe('the row protocol', () => {
  const searched: Scenario[] = process.env.MODEL === 'full' ? [...scenarios, ...fullScenarios] : scenarios;

  it.each(searched)(
    'has no flaw in any interleaving: $name',
    (scenario) => {
      const { states, complete, flaw, path } = search(modelOf(protocol, scenario));
      console.log(`${scenario.name}: ${states.toLocaleString('en')} states, each with a way to rest`);
      expect(flaw === null ? null : timeline({ flaw, path })).toBeNull();
      expect(complete).toBe(true);
    },
    long,
  );
});

describe('every guard is needed', () => {
  const table: GuardTable = guards;
  const all = Object.entries(table).flatMap(([transition, of]) =>
    Object.keys(of).map((guard) => ({
      name: `${transition}.${guard}`,
      transition: transition as keyof GuardTable,
      guard,
    })),
  );

  it.each(all)(
    'without $name the search finds a flaw',
    ({ name, transition, guard }) => {
      const { [guard]: _, ...others } = table[transition];
      const found = counterexample(protocolOf({ ...table, [transition]: others }), transition);
      show(`without ${name}`, found);
      expect(found.flaw).not.toBeNull();
    },
    long,
  );
});

/** Clauses that are no guards but part of a change, each with what it would be without it. */
const without: Record<string, (protocol: Protocol) => Partial<Protocol>> = {
  'an abort counts from now even if no weight changes': ({ abort }) => ({
    abort: (row, request) => {
      const decision = abort(row, request);
      return decision.ok
        ? { ...decision, row: { ...decision.row, wanted: { ...decision.row.wanted, since: row.wanted.since } } }
        : decision;
    },
  }),
  'a finish counts from now, so that the next fleet is born quiet': ({ finish }) => ({
    finish: (row, request) => {
      const decision = finish(row, request);
      return decision.ok
        ? { ...decision, row: { ...decision.row, wanted: { ...decision.row.wanted, since: row.wanted.since } } }
        : decision;
    },
  }),
  'taking over aborts what was not committed, in the same write': ({ takeOver }) => ({
    takeOver: (row, request) => {
      const decision = takeOver(row, request);
      const { phase, abort, wanted } = row;
      return decision.ok ? { ...decision, row: { ...decision.row, phase, abort, wanted } } : decision;
    },
  }),
  'a rollback stays with the new fleet where only that one carries': ({ abort }) => ({
    abort: (row, request) => abort(row, { ...request, carries: { blue: true, green: false } }),
  }),
};

describe('every clause is needed', () => {
  it.each(Object.keys(without))(
    '%s: without it the search finds a flaw',
    (clause) => {
      const broken = without[clause]?.(protocol) ?? {};
      const found = counterexample({ ...protocol, ...broken }, Object.keys(broken)[0] as keyof Protocol);
      show(`without: ${clause}`, found);
      expect(found.flaw).not.toBeNull();
    },
    long,
  );
});
