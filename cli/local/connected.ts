/** Runs a command with a connection to the local cloud of a data folder. */
import { Rejected } from '../../core/basics/errors.ts';
import { type Place, standardData } from '../context.ts';
import type { Operated } from '../pipeline/operator.ts';
import { readControl } from './control-file.ts';
import type { Remote } from './remote.ts';

/** Runs a command where it is to work. Throws Rejected when nothing runs there. */
export const operating = async <T>(
  { stage, data, shownData }: Place,
  run: (operated: Operated) => Promise<T>,
): Promise<T> => {
  if (stage === undefined || stage === 'local') return connected(data, shownData, run);
  // Loaded late, like all that needs the SDK's clients.
  const { deployed } = await import('../pipeline/deployed.ts');
  return run(await deployed(stage));
};

/** Throws Rejected when no local cloud runs there. `shown` is the folder as the user knows it. */
export const connected = async <T>(data: string, shown: string, run: (remote: Remote) => Promise<T>): Promise<T> => {
  const folder = /^(\.{0,2}\/|~)/.test(shown) ? shown : `./${shown}`;
  const start = `cutover local up${shown === standardData ? '' : ` --data ${shown}`}`;
  const notRunning = (): Rejected => new Rejected(`no local cloud is running in ${folder}: start one with: ${start}`);
  const control = readControl(data);
  if (control === null) throw notRunning();
  // Loaded late: the SDK's clients take longer to load than other commands take to run.
  const { connect } = await import('./remote.ts');
  const remote = await connect(data, control, notRunning);
  try {
    return await run(remote);
  } finally {
    remote.close();
  }
};
