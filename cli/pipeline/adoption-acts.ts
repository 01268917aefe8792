/** What adopting and giving back do, act by act, for people. */
import type { Service } from '../../core/config/service.ts';
import { type Act, actText } from '../../core/fleet/adoption.ts';
import type { Doing } from '../../pipeline/operations/adopt.ts';
import type { Context } from '../context.ts';
import type { Terminal } from '../terminal.ts';

export const tellActs = (terminal: Terminal, acts: readonly Act[], service: Service): void => {
  if (acts.length === 0) terminal.say('  no change in the account: only the record');
  for (const [index, act] of acts.entries()) terminal.say(`  ${index + 1}. ${actText(act, service)}`);
};

export const doingOn = ({ stop }: Context, terminal: Terminal, service: Service): Doing => ({
  stopped: () => stop.aborted,
  onAct: (act, undone) => {
    if (undone) terminal.say(`  undone: ${actText(act, service)}`);
  },
});
