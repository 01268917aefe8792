/** Runs an execution from its present state to its end. */
import {
  type Execution,
  newRun,
  note,
  over,
  type Run,
  type Status,
  type Step,
  sleep,
  type World,
} from './execution.ts';
import { faultOf } from './fault.ts';
import { enter, passive } from './states.ts';
import { runTask } from './task.ts';

export interface Ending {
  status: Exclude<Status, 'RUNNING'>;
  output?: unknown;
  error?: string | undefined;
  cause?: string | undefined;
}

const eventOf = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** Closes an execution. Work that it had begun goes on outside, and its answer is ignored. */
export const close = (world: World, execution: Execution, { status, output, error, cause }: Ending): void => {
  const { run } = execution;
  run.over = true;
  run.interrupt();
  run.cancelTimeout();
  Object.assign(execution, { status, output, error, cause, stopDate: world.time.now() });
  // From outside: caused by no event of the execution's own.
  const previous = status === 'ABORTED' || status === 'TIMED_OUT' ? 0 : execution.last;
  note({ world, execution }, eventOf[status], { output, error, cause }, previous);
};

const states = async (step: Step, resumed: boolean): Promise<unknown> => {
  const { world, execution } = step;
  // A redriven Task is scheduled again where it stands; every other state is entered again.
  let inside = resumed;
  for (;;) {
    const state = world.definition.states.get(execution.state);
    if (state === undefined) throw new Error(`no state '${execution.state}'`);
    if (!inside || state.type !== 'Task') enter(step, state);
    inside = false;
    const left = await (state.type === 'Task' ? runTask(step, state) : passive[state.type](step, state as never));
    if (left.next === undefined) return left.output;
    execution.state = left.next;
    execution.stateInput = left.output;
    execution.entered = undefined;
    if (world.transition > 0) await sleep(step, world.transition);
  }
};

/** Begins after the caller's own turn. Never rejects; `closed` is told when the execution ends by itself. */
export const begin = async (world: World, execution: Execution, closed: () => void): Promise<void> => {
  const run: Run = newRun();
  const resumed = execution.entered !== undefined;
  execution.run = run;
  const { timeout } = world.definition;
  if (timeout !== undefined)
    run.cancelTimeout = world.time.after(timeout * 1000, () => {
      close(world, execution, { status: 'TIMED_OUT' });
      closed();
    });
  await undefined;
  let ending: Ending;
  try {
    ending = { status: 'SUCCEEDED', output: await states({ world, execution, run }, resumed) };
  } catch (thrown) {
    if (thrown === over) return;
    const { error, cause } = faultOf(thrown);
    ending = { status: 'FAILED', error, cause };
  }
  if (run.over) return;
  close(world, execution, ending);
  closed();
};
