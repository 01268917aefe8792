/** Doctor's findings about alarms that are on already, or that could never abort anything. */
import { entry } from './entry.ts';

export const alarmStates = entry<{ name: string; state: string }>({
  name: 'state of alarms',
  observe: ({ alarms }) => alarms(),
  problem: ({ name, state }) =>
    state === 'ALARM'
      ? `alarm ${name} is on now: it is muted in rollouts until it has been OK for a full period`
      : state === 'INSUFFICIENT_DATA'
        ? `alarm ${name} has no data, so it cannot stop a rollout`
        : null,
  remedy: ({ state }) =>
    state === 'ALARM'
      ? 'find out why before the next rollout'
      : 'correct its metric and dimensions, or take it out of checks.alarms',
});
