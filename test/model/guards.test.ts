/** Takes every guard out of the row protocol, one at a time, and shows what then happens. A guard without a counterexample has no place in it. */
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  type GuardTable,
  guards,
  type Protocol,
  protocol,
  protocolOf,
} from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { modelOf, type Scenario } from './model.ts';
import { scenarios } from './scenarios.ts';
import { type Found, search } from './search.ts';
import { timeline } from './timeline.ts';
import type { World } from './world.ts';

const long = 20 * 60_000;

const byOne = (of: readonly Scenario[]): Scenario[] =>
  of.map((scenario) => ({ ...scenario, initial: { ...scenario.initial, budget: 1 } }));

/** The first counterexample: by one disturbance or by two, first where the transition is tried hardest, then anywhere. */
const counterexample = (broken: Protocol, transition: keyof Protocol): Found<World> & { scenario: string } => {
  const near = scenarios.filter(({ about }) => about.includes(transition));
  const far = scenarios.filter(({ about }) => !about.includes(transition));
  for (const scenario of [...byOne(near), ...near, ...byOne(far), ...far]) {
    const found = search(modelOf(broken, scenario));
    if (found.flaw !== null) return { ...found, scenario: scenario.name };
  }
  return { states: 0, transitions: 0, flaw: null, path: [], scenario: 'none' };
};

const show = (what: string, found: Found<World> & { scenario: string }): void =>
  console.log(`${what} (${found.scenario}, ${found.path.length} moves, state ${found.states})\n${timeline(found)}`);

describe('every guard is needed', () => {
  const table: GuardTable = guards;
  // Numbered as in docs/safety.md.
  const all = Object.entries(table).flatMap(([transition, of], index) =>
    Object.keys(of).map((guard) => ({
      name: `P${transition === 'ask' ? 25 : index + 1}: without ${transition}.${guard}`,
      transition: transition as keyof GuardTable,
      guard,
    })),
  );

  it.each(all)(
    '$name the search finds a flaw',
    ({ name, transition, guard }) => {
      const { [guard]: _, ...others } = table[transition];
      const found = counterexample(protocolOf({ ...table, [transition]: others }), transition);
      show(name, found);
      expect(found.flaw).not.toBeNull();
    },
    long,
  );
});

const keepingSince = (decision: Decision, { wanted: { since } }: Row): Decision =>
  decision.ok ? { ...decision, row: { ...decision.row, wanted: { ...decision.row.wanted, since } } } : decision;

/** Clauses that are no guards but part of a change, each with what it would be without it. */
const without: Record<string, (protocol: Protocol) => Partial<Protocol>> = {
  'P1: what a person asked for waits on, whatever is published behind it': ({ publish }) => ({
    publish: (row, request) => publish({ ...row, next: row.next && { ...row.next, asked: false } }, request),
  }),
  'P8: an abort counts from now even if no weight changes': ({ abort }) => ({
    abort: (row, request) => keepingSince(abort(row, request), row),
  }),
  'P13: a finish counts from now, so that the next fleet is born quiet (P22)': ({ finish }) => ({
    finish: (row, request) => keepingSince(finish(row, request), row),
  }),
  'P18: a sweep counts from now, so that the next fleet is born quiet after it (P22)': ({ sweep }) => ({
    sweep: (row, request) => keepingSince(sweep(row, request), row),
  }),
  'P19: whoever has handed over holds nothing any more': ({ handOver }) => ({
    handOver: (row, request) => {
      const decision = handOver(row, request);
      return decision.ok ? { ...decision, row: { ...decision.row, token: row.token } } : decision;
    },
  }),
  'P6: taking over aborts what was not committed, in the same write': ({ takeOver }) => ({
    takeOver: (row, request) => {
      const decision = takeOver(row, request);
      const { phase, abort, wanted } = row;
      return decision.ok ? { ...decision, row: { ...decision.row, phase, abort, wanted } } : decision;
    },
  }),
  'P8: a rollback stays with the new fleet where only that one carries': ({ abort }) => ({
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
