/** A state machine and its executions, as the Step Functions API shows them. */
import type { Time } from '../time.ts';
import type { Definition } from './definition.ts';
import { type Execution, newRun, note, type Status, type World } from './execution.ts';
import { apiError, Fault, type TimeoutName } from './fault.ts';
import { uuid } from './functions.ts';
import { type HistoryEvent, mostEvents, type RecordedEvent, recorded } from './history.ts';
import { load } from './load.ts';
import { begin, close } from './run.ts';
import { ownerOf } from './token.ts';

export interface MachineOptions {
  /** Parsed JSON, placeholders filled in. */
  definition: unknown;
  arn?: string;
  roleArn?: string;
  time: Time;
  /** At least 0, under 1: jitter, tokens, `$random`, `$uuid`. */
  random: () => number;
  /** Calls a function by name or ARN. It rejects with an Error: `name` is what Retry and Catch match, `cause` what AWS shows as the cause. */
  invoke: (functionName: string, payload: unknown) => Promise<unknown>;
  /** How many closed executions are kept; older ones are forgotten, their names too, as AWS forgets after 90 days. */
  keepClosed?: number;
  /** Milliseconds from one state to the next. */
  transition?: number;
  /** The name under which a function's time-out is told, of the three that AWS uses. */
  timedOutAs?: TimeoutName;
  onStatus?: (execution: Description) => void;
  onEvent?: (executionName: string, event: HistoryEvent) => void;
}

/** DescribeExecution's answer. */
export interface Description {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: Status;
  startDate: Date;
  stopDate?: Date;
  input: string;
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
  redriveDate?: Date;
  redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE';
}

export interface Machine {
  readonly arn: string;
  /** UpdateStateMachine: executions that run, or are redriven, keep the definition that they began with. Throws InvalidDefinition. */
  update(definition: unknown): void;
  /** Executions are named by name or ARN throughout. Throws InvalidName, InvalidExecutionInput, ExecutionAlreadyExists. */
  start(execution: { name?: string; input?: string }): { executionArn: string; startDate: Date };
  stop(execution: string, why?: { error?: string | undefined; cause?: string | undefined }): { stopDate: Date };
  /** Throws ExecutionNotRedrivable. */
  redrive(execution: string): { redriveDate: Date };
  describe(execution: string): Description;
  /** Newest first. */
  list(status?: Status): Description[];
  history(execution: string): RecordedEvent[];
  /** `output` is JSON text. All three throw TaskTimedOut (closed, or late), InvalidToken or TaskDoesNotExist. */
  sendTaskSuccess(token: string, output: string): void;
  sendTaskFailure(token: string, why?: { error?: string | undefined; cause?: string | undefined }): void;
  sendTaskHeartbeat(token: string): void;
}

const redriveWindow = 14 * 86_400_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what AWS forbids in a name.
const forbidden = /[\s?*<>{}[\]"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

const parse = (text: string, code: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw apiError(code, `expected JSON text, found: ${text.slice(0, 200)}`);
  }
};

/** Throws InvalidDefinition, with all its `problems`. */
export const createMachine = (options: MachineOptions): Machine => {
  const { time, random, invoke, keepClosed = 200, transition = 0, onStatus = () => {}, onEvent = () => {} } = options;
  const { arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:rollout' } = options;
  const { roleArn = 'arn:aws:iam::000000000000:role/rollout', timedOutAs = 'Sandbox.Timedout' } = options;
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  const world = (definition: Definition): World => ({
    time,
    random,
    invoke,
    definition,
    name,
    arn,
    roleArn,
    transition,
    timedOutAs,
    onEvent,
  });
  /** What executions that begin from now on follow; each one follows what it began with, redrives included. */
  let current = world(load(options.definition, { now: time.now, random }));
  const worlds = new WeakMap<Execution, World>();
  const worldOf = (execution: Execution): World => worlds.get(execution) ?? current;
  const executions = new Map<string, Execution>();
  /** Names in the order in which they closed. */
  const closed = new Set<string>();

  const find = (id: string): Execution => {
    const execution = executions.get(id.slice(id.lastIndexOf(':') + 1));
    if (execution === undefined) throw apiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${id}'`);
    return execution;
  };

  const notRedrivable = ({ status, stopDate, events }: Execution): string | undefined => {
    if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
    if (time.now() - (stopDate ?? 0) > redriveWindow) return 'Execution closed more than 14 days ago';
    if (events.length >= mostEvents - 1) return 'Execution history has no room for a redrive';
    return undefined;
  };

  const describe = (execution: Execution): Description => ({
    executionArn: execution.arn,
    stateMachineArn: arn,
    name: execution.name,
    status: execution.status,
    startDate: new Date(execution.startDate),
    input: execution.inputText,
    redriveCount: execution.redriveCount,
    redriveStatus: notRedrivable(execution) === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(execution.stopDate === undefined ? {} : { stopDate: new Date(execution.stopDate) }),
    ...(execution.status === 'SUCCEEDED' ? { output: JSON.stringify(execution.output) } : {}),
    ...(execution.error === undefined ? {} : { error: execution.error }),
    ...(execution.cause === undefined ? {} : { cause: execution.cause }),
    ...(execution.redriveDate === undefined ? {} : { redriveDate: new Date(execution.redriveDate) }),
  });

  const ended = (execution: Execution): void => {
    closed.add(execution.name);
    for (const oldest of closed) {
      if (closed.size <= keepClosed) break;
      closed.delete(oldest);
      executions.delete(oldest);
    }
    onStatus(describe(execution));
  };
  const run = (execution: Execution): void => {
    onStatus(describe(execution));
    void begin(worldOf(execution), execution, () => ended(execution));
  };

  const openTask = (token: string) => {
    const owner = ownerOf(token);
    if (owner === undefined) throw apiError('InvalidToken', "Invalid Token: 'Invalid token'");
    const execution = executions.get(owner);
    if (execution === undefined) throw apiError('TaskDoesNotExist', 'Task does not exist');
    const { task } = execution.run;
    if (task?.token !== token) throw apiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    return task;
  };

  return {
    arn,
    update: (definition) => {
      current = world(load(definition, { now: time.now, random }));
    },
    start: ({ name: executionName = uuid(random), input: inputText = '{}' }) => {
      if (executionName === '' || executionName.length > 80 || forbidden.test(executionName))
        throw apiError('InvalidName', `Invalid Name: '${executionName}'`);
      const input = parse(inputText, 'InvalidExecutionInput');
      const there = executions.get(executionName);
      if (there !== undefined && (there.status !== 'RUNNING' || there.inputText !== inputText))
        throw apiError('ExecutionAlreadyExists', `Execution Already Exists: '${there.arn}'`);
      if (there !== undefined) return { executionArn: there.arn, startDate: new Date(there.startDate) };
      const execution: Execution = {
        name: executionName,
        arn: `${arn.replace(':stateMachine:', ':execution:')}:${executionName}`,
        inputText,
        input,
        status: 'RUNNING',
        startDate: time.now(),
        stopDate: undefined,
        redriveCount: 0,
        redriveDate: undefined,
        output: undefined,
        error: undefined,
        cause: undefined,
        state: current.definition.startAt,
        stateInput: input,
        entered: undefined,
        variables: {},
        events: [],
        last: 0,
        run: newRun(),
      };
      executions.set(executionName, execution);
      worlds.set(execution, current);
      note({ world: current, execution }, 'ExecutionStarted', { input, roleArn });
      run(execution);
      return { executionArn: execution.arn, startDate: new Date(execution.startDate) };
    },
    stop: (id, { error, cause } = {}) => {
      const execution = find(id);
      if (execution.status === 'RUNNING') {
        close(worldOf(execution), execution, { status: 'ABORTED', error, cause });
        ended(execution);
      }
      return { stopDate: new Date(execution.stopDate ?? time.now()) };
    },
    redrive: (id) => {
      const execution = find(id);
      const why = notRedrivable(execution);
      if (why !== undefined) throw apiError('ExecutionNotRedrivable', `${why}: '${execution.arn}'`);
      closed.delete(execution.name);
      const redriveDate = time.now();
      const redriveCount = execution.redriveCount + 1;
      const reset = { status: 'RUNNING', stopDate: undefined, error: undefined, cause: undefined };
      Object.assign(execution, reset, { redriveCount, redriveDate });
      execution.last = execution.events.length;
      note({ world: worldOf(execution), execution }, 'ExecutionRedriven', { redriveCount });
      run(execution);
      return { redriveDate: new Date(redriveDate) };
    },
    describe: (id) => describe(find(id)),
    list: (status) =>
      [...executions.values()]
        .filter((execution) => status === undefined || execution.status === status)
        .reverse()
        .map(describe),
    history: (id) => find(id).events.map(recorded),
    sendTaskSuccess: (token, output) => {
      const value = parse(output, 'InvalidOutput');
      openTask(token).succeed(value);
    },
    sendTaskFailure: (token, { error, cause } = {}) => openTask(token).fail(new Fault(error, cause)),
    sendTaskHeartbeat: (token) => openTask(token).heartbeat(),
  };
};
