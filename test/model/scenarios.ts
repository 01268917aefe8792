/** Which worlds are searched: what is going on at first, and which disturbances may happen to it. */
import type { Protocol } from '../../core/protocol.ts';
import type { Slot } from '../../core/row.ts';
import { programs, startRecovery, startReserved, wokenTo } from './actors.ts';
import { decide } from './decisions.ts';
import { flawOf, isAtRest } from './properties.ts';
import type { Model, Move } from './search.ts';
import {
  type Call,
  type Execution,
  execution,
  hasFleet,
  isQuiet,
  keeper,
  type Memory,
  publicationOf,
  quieted,
  restingWorld,
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
  /** A reconcile of its own, at any speed. */
  | 'reconcile'
  /** A fleet no longer carries its share. */
  | 'sick blue'
  | 'sick green'
  /** A release is published by an event, or asked for by a person. */
  | `publish ${string}`
  | `ask ${string}`;

export interface Scenario {
  name: string;
  /** The transitions that it tries hardest: where to look first for what one of their guards prevents. */
  about: readonly (keyof Protocol)[];
  initial: World;
  disturbances: readonly Disturbance[];
}

export const modelOf = (protocol: Protocol, { initial, disturbances }: Scenario): Model<World> => ({
  initial,
  key: keeper(),
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

const move = (who: string, what: string, to: World, disturbance = false): Move<World> => ({
  who,
  what,
  to,
  disturbance,
});

const isMachines = ({ executions }: World, call: Call): boolean => executions.some(({ name }) => name === call.by);
const liveCallOf = (world: World, { name }: Execution): Call | undefined =>
  world.calls.find(({ by, late }) => by === name && !late);

const newCall = (
  world: World,
  by: string,
  at: string,
  current: boolean,
  memory: Memory = {},
): { world: World; call: Call } => {
  const call: Call = { by, at, late: false, old: false, current, still: false, memory };
  return { world: { ...world, calls: [...world.calls, call] }, call };
};

const run = (world: World, call: Call, protocol: Protocol): Move<World>[] => {
  const act = programs[call.at];
  if (act === undefined) throw new Error(`nothing is known of ${call.at}`);
  const who = `${call.by}${call.late ? ' (late)' : ''}`;
  return [act(world, call, protocol)].flat().map((to) => move(who, call.at, to));
};

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
            decide(world, protocol, 'reserveAgain', { token: 1, closed: true, now: 1500 }).world,
          ),
    );
  }
  return moves;
};

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
  'Retire',
  'Complete',
  'RollBack',
  'Discard',
  'ReportFailure',
] as const;

const disturb = (world: World, disturbance: Disturbance, protocol: Protocol): Move<World>[] => {
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
            withExecution(world, one.name, { running: true, asked: one.kind !== 'recovery', spent: false }),
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
    case 'reconcile':
      return call(disturbance, disturbance);
    default: {
      const [verb, release = ''] = disturbance.split(' ');
      return call(disturbance, 'publish', { release, closed: verb === 'ask' });
    }
  }
};

/** B has been published and is on its way in: over A, which is live in blue, or as the first ever. */
const rollingOut = ({ live }: { live: boolean }): World => {
  const world = restingWorld({ live, budget: 2 });
  const row = { ...world.row, lock: { state: 'reserved', publication: publicationOf('B', 1, false) } } as const;
  return startReserved({ ...world, row });
};

const over = rollingOut({ live: true });
const first = rollingOut({ live: false });
const all: Disturbance[] = ['timeout', 'stop', 'failure', 'redrive', 'console', 'alarm', 'sick blue', 'sick green'];
const publications: Disturbance[] = ['publish C', 'publish D', 'ask B', 'ask C', 'reconcile'];

/** Two disturbances each, in combinations that are cheap enough for every run. */
export const scenarios: Scenario[] = [
  {
    name: 'an execution of the past',
    about: ['turn', 'commit', 'shift', 'park', 'admitAnew'],
    initial: over,
    disturbances: ['redrive the past', 'sick blue', 'sick green'],
  },
  {
    name: 'late functions and aborts',
    about: ['shift', 'abort', 'turn', 'condemn', 'commit'],
    initial: over,
    disturbances: ['timeout', 'alarm', 'sick blue', 'sick green'],
  },
  {
    name: 'stopped and recovered',
    about: ['takeOver', 'finish', 'admit'],
    initial: over,
    disturbances: ['stop', 'failure', 'console', 'sick blue'],
  },
  { name: 'redriven', about: [], initial: over, disturbances: ['stop', 'redrive'] },
  { name: 'the first release ever', about: [], initial: first, disturbances: ['stop', 'alarm', 'sick green'] },
  {
    name: 'reconcile at any speed',
    about: ['acquire', 'reserveAgain'],
    initial: over,
    disturbances: ['reconcile', 'stop', 'publish C'],
  },
  {
    name: 'a service at rest',
    about: ['stepAside'],
    initial: restingWorld({ live: true, budget: 2 }),
    disturbances: ['publish B', 'publish C', 'ask B', 'ask A', 'reconcile', 'console', 'stop'],
  },
  {
    name: 'newer releases',
    about: ['publish', 'stepAside'],
    initial: over,
    disturbances: ['publish C', 'publish D', 'ask B', 'alarm'],
  },
  {
    name: 'waiting for approval',
    about: ['signal', 'park'],
    initial: { ...over, isApproved: false },
    disturbances: ['approve', 'alarm', 'timeout', 'publish C'],
  },
];

/** Any two disturbances of all: millions of states, for `MODEL=full`. */
export const fullScenarios: Scenario[] = [
  {
    name: 'anything over a live release',
    about: [],
    initial: over,
    disturbances: [...all, ...publications, 'redrive the past'],
  },
  { name: 'anything over the first release ever', about: [], initial: first, disturbances: [...all, ...publications] },
];
