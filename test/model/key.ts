/** The key of a state: states with equal keys have equal futures. Values that are never read again are left out. */
import type { Row } from '../../core/protocol/row.ts';
import type { Call, Execution, World } from './world.ts';

/** What is told of a world's parts. */
interface Told {
  row(row: Row): unknown;
  execution(one: Execution): unknown;
  /** Of one that is closed, and will not enter any more either. */
  closed(one: Execution): unknown;
}

const whole = (part: unknown): unknown => part;
export const everything: Told = { row: whole, execution: whole, closed: whole };

/** The step and the slot are overwritten before another state asks for them; and only a wish can be spent. */
const ofExecution = ({ step, slot, spent, ...one }: Execution): unknown => ({
  ...one,
  step: one.state === 'Shift' || one.state === 'AwaitApproval' ? step : 0,
  slot: one.state === 'Discard' ? slot : null,
  spent: one.asked && spent,
});

export const whatIsAskedFor = ({ isRedriven }: { isRedriven: boolean }): Told => ({
  // Who aborted, and why, is for people; when weights were raised, for the comparison of times.
  row: ({ abort, raised: _, ...row }) => ({ ...row, abort: abort && { kind: abort.kind, waits: abort.waits } }),
  execution: ofExecution,
  // A redrive makes a new wish; of what nobody can redrive nothing counts but that its name is taken.
  closed: (one) => (isRedriven && one.state !== 'Ended' ? ofExecution({ ...one, asked: false }) : one.name),
});

/** Every part is written out once and known by its number from then on: a key is a short list of numbers. */
export const keeper = (told: Told): ((world: World) => string) => {
  const numbers = new Map<string, number>();
  const numbered = <P extends object>(tell: (part: P) => unknown): ((part: P) => number) => {
    const known = new WeakMap<P, number>();
    return (part) => {
      let found = known.get(part);
      if (found !== undefined) return found;
      const text = JSON.stringify(tell(part));
      found = numbers.get(text) ?? numbers.size;
      numbers.set(text, found);
      known.set(part, found);
      return found;
    };
  };
  const [row, execution, closed] = [numbered(told.row), numbered(told.execution), numbered(told.closed)];
  const any = numbered(whole);
  return (world) =>
    String.fromCharCode(
      row(world.row),
      any(world.fleets),
      world.rules[0] + 1,
      world.rules[1] + 1,
      any(world.records),
      world.asides * 16 + world.budget,
      world.flaw === null ? 0 : 1,
      world.executions.length,
      ...inOrder(world.executions.map((one) => (mayEnter(one, world.calls) ? execution(one) : closed(one)))),
      ...inOrder(world.calls.map(any)),
    );
};

/** An Admit that is late still enters for its execution, whatever has become of that. */
const mayEnter = ({ name, running }: Execution, calls: readonly Call[]): boolean =>
  running || calls.some(({ by, at }) => by === name && at.startsWith('Admit.'));

const inOrder = (numbers: number[]): number[] => numbers.sort((a, b) => a - b);
