/** The model: a scenario's world, and everything that can happen in it next. */
import type { Protocol } from '../../core/protocol/protocol.ts';
import { startRecovery, startReserved, wokenTo } from './acting.ts';
import { decide } from './decisions.ts';
import { type Disturbance, disturb } from './disturbances.ts';
import { keeper, whatIsAskedFor } from './key.ts';
import { isMachines, liveCallOf, move, newCall, run } from './moving.ts';
import { flawOf, isAtRest } from './properties.ts';
import type { Model, Move } from './search.ts';
import { type Execution, isQuiet, now, quieted, type World, withExecution } from './world.ts';

export interface Scenario {
  name: string;
  /** The transitions that it tries hardest: where to look first for what one of their guards prevents. */
  about: readonly (keyof Protocol)[];
  initial: World;
  disturbances: readonly Disturbance[];
}

export const modelOf = (protocol: Protocol, { initial, disturbances }: Scenario): Model<World> => ({
  initial,
  key: keeper(whatIsAskedFor({ isRedriven: disturbances.includes('redrive') })),
  flaw: flawOf,
  atRest: isAtRest,
  moves: (world) => [
    ...world.executions.flatMap((one) => movesOf(world, one, protocol)),
    ...world.calls.flatMap((call) => (call.late || !isMachines(world, call) ? run(world, call, protocol) : [])),
    ...movesOfTime(world, protocol),
    ...(world.budget === 0
      ? []
      : disturbances.flatMap((one) => disturb({ ...world, budget: world.budget - 1 }, one, protocol))),
  ],
});

/** The machine: goes on with the function that it waits for, invokes the state's next, or wakes by the deadline. */
const movesOf = (world: World, one: Execution, protocol: Protocol): Move<World>[] => {
  if (!one.running) return [];
  const waitedFor = liveCallOf(world, one);
  if (waitedFor !== undefined) return run(world, waitedFor, protocol);
  if (one.asleep)
    return [move(one.name, 'deadline', withExecution(world, one.name, { asleep: false, state: wokenTo(one) }))];
  const started = newCall(world, one.name, one.state, one.current);
  return run(started.world, started.call, protocol);
};

/**
 * Quiet means that whatever began before the decision has been cut off by its own timeout: late functions are, at any point of
 * theirs; others are given the time to end. Recovery and reconcile come by themselves.
 */
const movesOfTime = (world: World, protocol: Protocol): Move<World>[] => {
  const { row, calls, rules, executions } = world;
  const moves: Move<World>[] = [];
  const waits = row.phase === 'preparing' || row.phase === 'committed' || row.phase === 'rollingBack';
  if (waits && !isQuiet(row) && !calls.some(({ old, late }) => old && !late))
    moves.push(move('time', 'quiet', { ...world, row: quieted(row), calls: calls.filter(({ old }) => !old) }));
  const recovered = startRecovery(world);
  if (recovered !== world) moves.push(move('on-stopped', 'starts a recovery', recovered));
  if (calls.length > 0 || executions.some(({ running }) => running)) return moves;
  // What reconcile does at its own period when nothing else happens any more: whole, since nobody is there to come in between.
  const { lock } = row;
  const { green } = row.wanted.weights;
  if (rules.some((one) => one !== green)) moves.push(move('reconcile', 'applies', { ...world, rules: [green, green] }));
  if (lock.state === 'free' && row.next !== null)
    moves.push(move('reconcile', 'acquires', decide(world, protocol, 'acquire', undefined).world));
  if (lock.state === 'reserved') {
    const started = startReserved(world);
    moves.push(
      started !== world
        ? move('reconcile', 'starts', started)
        : move(
            'reconcile',
            'reserves again',
            decide(world, protocol, 'reserveAgain', { token: 1, closed: true, now }).world,
          ),
    );
  }
  return moves;
};
