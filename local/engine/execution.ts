/** One execution: its present state, its events, its wait, and the values that its expressions see. */
import type { Time } from '../time.ts';
import type { Definition } from './definition.ts';
import type { Scope } from './fast-path.ts';
import { Fault, queryEvaluationError, type TimeoutName } from './fault.ts';
import { type HistoryEvent, mostEvents } from './history.ts';

/** What every execution of a machine shares. */
export interface World {
  time: Time;
  random: () => number;
  /** Calls a Lambda function by name or ARN. What it rejects with names the error (`name`) and, as `cause`, what AWS would show. */
  invoke: (functionName: string, payload: unknown) => Promise<unknown>;
  definition: Definition;
  name: string;
  arn: string;
  roleArn: string;
  /** Milliseconds between a state's end and the next one's start. */
  transition: number;
  /** How a function's time-out is told. */
  timedOutAs: TimeoutName;
  onEvent: (executionName: string, event: HistoryEvent) => void;
}

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface OpenTask {
  token: string;
  succeed(output: unknown): void;
  fail(fault: Fault): void;
  heartbeat(): void;
}

export interface Execution {
  name: string;
  arn: string;
  /** As it was given: starting again is compared by text. */
  inputText: string;
  input: unknown;
  status: Status;
  startDate: number;
  stopDate: number | undefined;
  redriveCount: number;
  redriveDate: number | undefined;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  /** Where it stands: the state, what it was given, and which event entered it (none yet: undefined). */
  state: string;
  stateInput: unknown;
  entered: HistoryEvent | undefined;
  variables: Readonly<Record<string, unknown>>;
  events: HistoryEvent[];
  /** The event that the next one follows from. */
  last: number;
  run: Run;
}

/** One go at an execution: the first, or a redrive's. Once over, nothing it still waits for has any effect. */
export interface Run {
  over: boolean;
  /** Gives up what is being waited for. */
  interrupt: () => void;
  task: OpenTask | undefined;
  cancelTimeout: () => void;
}

export const newRun = (): Run => ({ over: false, interrupt: () => {}, task: undefined, cancelTimeout: () => {} });

/** Thrown through a run that is over, and caught where it began. */
export const over = Symbol('over');

/** What a state's code works with. */
export interface Step {
  world: World;
  execution: Execution;
  run: Run;
}

export const note = (
  { world, execution }: { world: World; execution: Execution },
  type: string,
  details?: Readonly<Record<string, unknown>>,
  previousEventId = execution.last,
): HistoryEvent => {
  const id = execution.events.length + 1;
  const event = { id, previousEventId, timestamp: world.time.now(), type, details };
  execution.events.push(event);
  // The first state follows from nothing, as AWS records it: not from ExecutionStarted.
  execution.last = id === 1 ? 0 : id;
  world.onEvent(execution.name, event);
  return event;
};

/** Records an event of a running state. */
export const record = (step: Step, type: string, details?: Readonly<Record<string, unknown>>): HistoryEvent => {
  if (step.run.over) throw over;
  if (step.execution.events.length >= mostEvents - 1)
    throw new Fault('States.Runtime', `The execution reached the maximum number of history events (${mostEvents}).`);
  return note(step, type, details);
};

export interface Settle<T> {
  resolve(value: T): void;
  reject(fault: Fault): void;
  /** Settled or given up: nothing that comes now counts. */
  over(): boolean;
}

/** Waits for what `begin` arranges and undoes it once settled. A run that ends meanwhile leaves the promise unsettled, and itself to the garbage collector. */
export const waitFor = <T>({ run }: Step, begin: (settle: Settle<T>) => () => void): Promise<T> =>
  new Promise((resolve, reject) => {
    let done = false;
    let undo = (): void => {};
    const settle = (then: () => void): void => {
      if (done) return;
      done = true;
      undo();
      then();
    };
    run.interrupt = () => settle(() => {});
    undo = begin({
      resolve: (value) => settle(() => resolve(value)),
      reject: (fault) => settle(() => reject(fault)),
      over: () => done,
    });
    if (done) undo();
  });

export const sleep = (step: Step, ms: number): Promise<void> =>
  waitFor(step, ({ resolve }) => step.world.time.after(ms, () => resolve()));

const prefixed = (execution: Execution, fault: Fault): Fault => {
  const at = `An error occurred while executing the state '${execution.state}' (entered at the event id #${execution.entered?.id}). `;
  return new Fault(fault.error, at + fault.cause, fault.location === undefined ? {} : { location: fault.location });
};

/** Runs what evaluates expressions; a failure is recorded where AWS records it. */
export const evaluating = async <T>(
  step: Step,
  evaluate: () => T | Promise<T>,
  previousEventId?: number,
): Promise<T> => {
  try {
    return await evaluate();
  } catch (thrown) {
    const { execution } = step;
    if (!(thrown instanceof Fault) || thrown.error !== queryEvaluationError) throw thrown;
    const fault = prefixed(execution, thrown);
    if (step.run.over) throw over;
    // A state that has done nothing yet fails as if it had not been entered.
    const { entered, last } = execution;
    const previous = previousEventId ?? (entered?.id === last ? entered.previousEventId : last);
    const { error, cause, location } = fault;
    note(step, 'EvaluationFailed', { cause, error, location, state: execution.state }, previous);
    throw fault;
  }
};

/** A state's failure that no expression caused, worded as AWS does. */
export const stateFault = (execution: Execution, cause: string): Fault =>
  prefixed(execution, new Fault('States.Runtime', cause));

const contextOf = ({ world, execution }: Step, retryCount: number, token: string | undefined) => ({
  Execution: {
    Id: execution.arn,
    Input: execution.input,
    Name: execution.name,
    RoleArn: world.roleArn,
    StartTime: new Date(execution.startDate).toISOString(),
    // Documented to exist after a redrive; what is there before is not, so that an expression has to ask.
    ...(execution.redriveDate === undefined
      ? {}
      : { RedriveCount: execution.redriveCount, RedriveTime: new Date(execution.redriveDate).toISOString() }),
  },
  State: {
    EnteredTime: new Date(execution.entered?.timestamp ?? 0).toISOString(),
    Name: execution.state,
    RetryCount: retryCount,
  },
  StateMachine: { Id: world.arn, Name: world.name },
  ...(token === undefined ? {} : { Task: { Token: token } }),
});

/** What the expressions of the state that the execution stands in see. Most never ask for the context. */
export const scopeOf = (step: Step, retryCount = 0, token?: string): Scope & { states: Record<string, unknown> } => ({
  variables: step.execution.variables,
  states: {
    input: step.execution.stateInput,
    get context() {
      return contextOf(step, retryCount, token);
    },
  },
});
