/** What may happen to a rollout at any point. */

import type { Slot } from '../../core/basics/slot.ts';
import type { Protocol } from '../../core/protocol/protocol.ts';
import { liveCallOf, move, newCall, run } from './moving.ts';
import type { Move } from './search.ts';
import {
  type Execution,
  execution,
  hasFleet,
  type Memory,
  releaseIn,
  type World,
  withCall,
  withExecution,
} from './world.ts';

/** What may happen to a rollout. Each costs one of the scenario's budget. */
export type Disturbance =
  /** A task times out: its function goes on, nobody waits for it, and the state is tried again. */
  | 'timeout'
  /** A task fails for good: its function may go on, the machine goes where its Catch leads. */
  | 'failure'
  /** An execution is stopped at any point. */
  | 'stop'
  /** A closed one is redriven. */
  | 'redrive'
  /** One whose attempt is on record is redriven, wherever it once stopped. */
  | 'redrive the past'
  /** A person starts an execution of B from the console. */
  | 'console'
  /** An alarm goes off, or a person aborts. */
  | 'alarm'
  | 'approve'
  | 'reject'
  /** A reconcile of its own, at any speed. */
  | 'reconcile'
  /** A fleet no longer carries its share. */
  | 'sick blue'
  | 'sick green'
  /** None of the live fleet's instances answers any more. */
  | 'lost blue'
  /** A release is published by an event, or asked for by a person. */
  | `publish ${string}`
  | `ask ${string}`;

const catchOf: Partial<Record<Execution['state'], Execution['state']>> = {
  Admit: 'ReportFailure',
  Provision: 'RollBack',
  Shift: 'RollBack',
  Bake: 'RollBack',
  Judge: 'RollBack',
};

const states = [
  'Admit',
  'Provision',
  'Shift',
  'Bake',
  'Judge',
  'HandOver',
  'Retire',
  'Complete',
  'RollBack',
  'Discard',
  'ReportFailure',
] as const;

/** Redriven after its record, it starts over; what was started for another one does not. */
const isPersons = ({ kind }: Execution): boolean => kind === 'derived' || kind === 'console';

export const disturb = (world: World, disturbance: Disturbance, protocol: Protocol): Move<World>[] => {
  const spent = (who: string, what: string, to: World) => move(who, what, to, true);
  const call = (by: string, at: string, memory: Memory = {}): Move<World>[] => {
    if (world.calls.some((one) => one.by === by)) return [];
    const started = newCall(world, by, at, false, memory);
    return run(started.world, started.call, protocol).map((made) => ({ ...made, disturbance: true }));
  };
  const running = world.executions.filter((one) => one.running);
  const left = (one: Execution): World => {
    const waitedFor = liveCallOf(world, one);
    return waitedFor === undefined ? world : withCall(world, waitedFor, { late: true });
  };
  switch (disturbance) {
    case 'timeout':
      return running
        .filter((one) => liveCallOf(world, one) !== undefined)
        .map((one) => spent(one.name, `${one.state} times out`, left(one)));
    case 'failure':
      return running.flatMap((one) => {
        const state = catchOf[one.state];
        return state === undefined || one.asleep
          ? []
          : [spent(one.name, `${one.state} fails`, withExecution(left(one), one.name, { state }))];
      });
    case 'stop':
      return running.map((one) =>
        spent(one.name, 'is stopped', withExecution(left(one), one.name, { running: false, asleep: false })),
      );
    case 'redrive':
      return world.executions
        .filter((one) => !one.running && one.state !== 'Ended')
        .map((one) =>
          spent(
            one.name,
            'is redriven',
            withExecution(world, one.name, { running: true, asked: isPersons(one), spent: false }),
          ),
        );
    case 'redrive the past':
      return world.executions.some(({ name }) => name === 'A-1')
        ? []
        : states.map((state) =>
            spent('A-1', `is redriven at ${state}`, {
              ...world,
              executions: [
                ...world.executions,
                { ...execution('A-1', 'derived', 'A', 1), asked: true, state, step: 1 },
              ],
            }),
          );
    case 'console':
      return world.executions.some(({ kind }) => kind === 'console')
        ? []
        : [
            spent('console', 'starts', {
              ...world,
              executions: [...world.executions, execution('console', 'console', 'B', 0)],
            }),
          ];
    case 'lost blue':
      return !hasFleet(world.fleets.blue) || world.fleets.blue.endsWith('!!')
        ? []
        : [
            spent('world', 'blue is lost', {
              ...world,
              fleets: { ...world.fleets, blue: `${releaseIn(world.fleets.blue)}!!` },
            }),
          ];
    case 'sick blue':
    case 'sick green': {
      const slot = disturbance.slice('sick '.length) as Slot;
      const there = world.fleets[slot];
      return !hasFleet(there) || there.endsWith('!')
        ? []
        : [spent('world', `${slot} no longer carries`, { ...world, fleets: { ...world.fleets, [slot]: `${there}!` } })];
    }
    case 'alarm':
    case 'approve':
    case 'reject':
    case 'reconcile':
      return call(disturbance, disturbance);
    default: {
      const [verb, release = ''] = disturbance.split(' ');
      return call(disturbance, 'publish', { release, closed: verb === 'ask' });
    }
  }
};
