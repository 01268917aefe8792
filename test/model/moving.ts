/** A move of the model: a function that is called, or goes on. */
import type { Protocol } from '../../core/protocol/protocol.ts';
import { programs } from './actors.ts';
import type { Move } from './search.ts';
import type { Call, Execution, Memory, World } from './world.ts';

export const move = (who: string, what: string, to: World, disturbance = false): Move<World> => ({
  who,
  what,
  to,
  disturbance,
});

export const isMachines = ({ executions }: World, call: Call): boolean =>
  executions.some(({ name }) => name === call.by);
export const liveCallOf = (world: World, { name }: Execution): Call | undefined =>
  world.calls.find(({ by, late }) => by === name && !late);

export const newCall = (
  world: World,
  by: string,
  at: string,
  current: boolean,
  memory: Memory = {},
): { world: World; call: Call } => {
  const call: Call = { by, at, late: false, old: false, current, still: false, memory };
  return { world: { ...world, calls: [...world.calls, call] }, call };
};

export const run = (world: World, call: Call, protocol: Protocol): Move<World>[] => {
  const act = programs[call.at];
  if (act === undefined) throw new Error(`nothing is known of ${call.at}`);
  const who = `${call.by}${call.late ? ' (late)' : ''}`;
  return [act(world, call, protocol)].flat().map((to) => move(who, call.at, to));
};
