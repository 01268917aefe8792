/** Runs a command with a connection to the local cloud of a data folder. */
import { Rejected } from '../../core/basics/errors.ts';
import { type Place, standardData } from '../context.ts';
import { readControl } from '../local/control-file.ts';
import type { Remote } from '../local/remote.ts';
import type { Pipeline } from './pipeline.ts';

/** Runs a command where it is to work. Throws Rejected when nothing runs there. */
export const withPipeline = async <T>(
  { stage, data, shownData }: Place,
  run: (pipeline: Pipeline) => Promise<T>,
): Promise<T> => {
  if (stage === undefined || stage === 'local') return withLocalCloud(data, shownData, run);
  // Loaded late, like all that needs the SDK's clients.
  const { stagePipeline } = await import('./stage-pipeline.ts');
  return run(await stagePipeline(stage));
};

/** Throws Rejected when no local cloud runs there. `shown` is the folder as the user knows it. */
export const withLocalCloud = async <T>(
  data: string,
  shown: string,
  run: (remote: Remote) => Promise<T>,
): Promise<T> => {
  const folder = /^(\.{0,2}\/|~)/.test(shown) ? shown : `./${shown}`;
  const start = `cutover local up${shown === standardData ? '' : ` --data ${shown}`}`;
  const notRunning = (): Rejected => new Rejected(`no local cloud is running in ${folder}: start one with: ${start}`);
  const control = readControl(data);
  if (control === null) throw notRunning();
  // Loaded late: the SDK's clients take longer to load than other commands take to run.
  const { connect } = await import('../local/remote.ts');
  const remote = await connect(data, control, notRunning);
  try {
    return await run(remote);
  } finally {
    remote.close();
  }
};
