/** Helpers of the model's functions: go on, answer, ask the protocol, and effects with their safety checks. */

import { otherSlot, type Slot } from '../../core/basics/slot.ts';
import type { Protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { decide } from './decisions.ts';
import {
  type Call,
  type Execution,
  execution,
  executionOf,
  hasFleet,
  type Memory,
  releaseIn,
  type State,
  type World,
  weightOn,
  withCall,
  withExecution,
} from './world.ts';

export type Act = (world: World, call: Call, protocol: Protocol) => World | World[];

/** The call goes on at another place, with what it remembers from now on. */
export const at = (world: World, call: Call, place: string, memory: Memory = call.memory): World =>
  withCall(world, call, { at: place, memory });

/** The call ends. Its execution goes on to a state, unless nobody waits for this answer any more. */
export const answer = (world: World, call: Call, state: State, change: Partial<Execution> = {}): World => {
  const ended = withCall(world, call, null);
  return call.late ? ended : withExecution(ended, call.by, { state, ...change });
};

/** The call as it is after a decision: what it remembers may have become stale by it. */
export const same = (before: World, after: World, call: Call): Call => after.calls[before.calls.indexOf(call)] as Call;

/** Decides, and goes on with the call as it then is. */
export const ask = <K extends keyof Protocol>(
  world: World,
  call: Call,
  protocol: Protocol,
  name: K,
  request: Parameters<Protocol[K]>[1],
): { ok: boolean; guard: string; world: World; call: Call } => {
  const decided = decide(world, protocol, name, request, call);
  return { ...decided, call: same(world, decided.world, call) };
};

export const tokenOf = (call: Call): number => (call.current ? 1 : 0);
export const owner = (world: World, call: Call): Execution => executionOf(world, call.by) as Execution;
export const neither = { blue: false, green: false };
export const ended = { running: false, current: false };

export const fleetsOf = ({ fleets }: World): Record<Slot, boolean> => ({
  blue: hasFleet(fleets.blue),
  green: hasFleet(fleets.green),
});

/** Where an execution that has been let in goes on. */
export const byPhase = ({ phase, step }: Row): { state: State; step: number } => {
  if (phase === 'preparing') return { state: 'Provision', step };
  if (phase === 'committed') return { state: 'Retire', step };
  return { state: phase === 'rollingBack' ? 'RollBack' : 'Judge', step };
};

/** The execution that holds the service, or the one that it is reserved for. */
export const holderIn = ({ lock }: Row): string | null => {
  if (lock.state === 'free') return null;
  return lock.state === 'held' ? lock.execution : `${lock.publication.release}-${lock.publication.attempt}`;
};

/** An effect that launches: never another release into a slot that is not empty. */
export const ensure = (world: World, slot: Slot, release: string): World => {
  const there = world.fleets[slot];
  const flaw =
    hasFleet(there) && releaseIn(there) !== release
      ? `${release} is launched into ${slot}, where ${releaseIn(there)} is`
      : null;
  return { ...world, fleets: { ...world.fleets, [slot]: release }, flaw: world.flaw ?? flaw };
};

export const inSlot = ({ fleets }: World, slot: Slot): { release: string } => ({
  release: hasFleet(fleets[slot]) ? releaseIn(fleets[slot]) : 'nothing',
});

/** An effect that empties a slot: only what it was meant for, and under no weight, neither now nor by an apply on its way. */
export const remove = (world: World, slot: Slot, { release, carries }: Memory): World => {
  const there = world.fleets[slot];
  if (!hasFleet(there)) return world;
  const isComing = world.calls.some(
    ({ at: place, memory: { green } }) =>
      (place === 'apply.rule1' || place === 'apply.rule2') && green !== undefined && weightOn(slot, green) > 0,
  );
  const flaw =
    releaseIn(there) !== release
      ? `a removal meant for ${release} takes ${releaseIn(there)} away`
      : world.rules.some((green) => weightOn(slot, green) > 0)
        ? `${slot} is removed while a rule gives it weight`
        : isComing
          ? `${slot} is removed under a weight that is still on its way`
          : world.row.phase === 'committed' && !carries?.[otherSlot(slot)]
            ? `${slot} is removed after commit by a step that has not seen ${otherSlot(slot)} carry`
            : null;
  return { ...world, fleets: { ...world.fleets, [slot]: 'removed' }, flaw: world.flaw ?? flaw };
};

/** Where a woken or timed-out park leads. */
export const wokenTo = ({ state }: Execution): State => (state === 'Bake' ? 'Judge' : 'Shift');

export const startReserved = (world: World): World => {
  const { lock } = world.row;
  if (lock.state !== 'reserved') return world;
  const { release, attempt } = lock.publication;
  const name = `${release}-${attempt}`;
  if (executionOf(world, name) !== undefined) return world;
  return { ...world, executions: [...world.executions, execution(name, 'derived', release, attempt)] };
};

/** The execution that one goes on in: of the same attempt, one further from its first. */
export const continuationOf = ({ name, release, attempt }: Execution): string =>
  `${release}-${attempt}${'~'.repeat(timesContinued(name) + 1)}`;
export const timesContinued = (name: string): number => name.split('~').length - 1;

/** Whoever has been handed the service; a name that was ever used is not started again. */
export const startContinuation = (world: World, name: string, { release, attempt }: Memory): World =>
  executionOf(world, name) !== undefined
    ? world
    : { ...world, executions: [...world.executions, execution(name, 'continuation', release ?? '', attempt ?? 0)] };

/** A recovery, if the holder's execution is closed and none runs; or the holder itself, if it was handed the service and never started. */
export const startRecovery = (world: World): World => {
  const { lock } = world.row;
  if (lock.state !== 'held' || executionOf(world, lock.execution)?.running) return world;
  if (world.executions.some(({ kind, running }) => kind === 'recovery' && running)) return world;
  if (timesContinued(lock.execution) > 0 && executionOf(world, lock.execution) === undefined)
    return startContinuation(world, lock.execution, lock.publication);
  const n = world.executions.filter(({ kind }) => kind === 'recovery').length + 1;
  return { ...world, executions: [...world.executions, execution(`recovery-${n}`, 'recovery', '', 0)] };
};
