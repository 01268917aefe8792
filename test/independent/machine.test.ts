/** The state machine's file in LocalStack's interpreter, which nobody here wrote, against the local engine: the same scripts, the same histories. */
import { expect, test } from 'vitest';
import { comparable, differences } from './comparable.ts';
import { python } from './python.ts';
import { definition, type Event, fewest, ways } from './scripted.ts';

interface Other {
  events: Record<string, unknown>[];
  waits: number[];
  left: number;
}

const waitsOf = (events: Event[]): number[] =>
  events.flatMap(({ type, timestamp, id }) => {
    const after = events[id];
    return type === 'WaitStateEntered' && after !== undefined ? [(+after.timestamp - +timestamp) / 1000] : [];
  });

test('scripted executions have the same history, variables and waits in both interpreters', async () => {
  const { kept, covered } = await fewest(1000);
  expect(ways.filter((way) => !covered.has(way))).toEqual([]);
  const there = python<Other[]>('interpreter.py', { definition, cases: kept.map(({ script }) => script) });
  for (const [index, { script, events }] of kept.entries()) {
    const other = there[index];
    const [ours, theirs] = [JSON.parse(JSON.stringify(events)), other?.events].map(
      (list) => comparable(list) as unknown[],
    ) as [unknown[], unknown[]];
    // The first event that differs says more than all of them.
    for (const [at, event] of ours.entries()) expect(event, `${script.name}, event ${at + 1}`).toEqual(theirs[at]);
    expect(ours, script.name).toHaveLength(theirs.length);
    expect([waitsOf(events), 0], script.name).toEqual([other?.waits, other?.left]);
  }
  const count = kept.reduce((sum, { events }) => sum + events.length, 0);
  console.log(
    `${kept.length} executions, all ${ways.length} ways, ${count} events equal but for ${differences.length} known differences`,
  );
}, 400_000);
