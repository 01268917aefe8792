/** The error of a failed state: the name that Retry and Catch match, and a cause for people. */

export const queryEvaluationError = 'States.QueryEvaluationError';

interface Extra {
  /** The field whose expression failed, as EvaluationFailed events name it: `Output/result`. */
  location?: string;
  /** A further name the error answers to: a missed heartbeat is recorded as States.Timeout. */
  alias?: string;
}

export class Fault extends Error {
  override readonly name = 'Fault';
  /** Undefined where the one who failed the task gave none. */
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  readonly location: string | undefined;
  readonly alias: string | undefined;

  constructor(error: string | undefined, cause: string | undefined, extra: Extra = {}) {
    super(cause ?? error ?? 'failed');
    this.error = error;
    this.cause = cause;
    this.location = extra.location;
    this.alias = extra.alias;
  }
}

/** The names under which a function's time-out reaches an execution on AWS: docs/assumptions.md has the source of each. */
export const timeoutNames = ['Sandbox.Timedout', 'Lambda.Unknown', 'States.TaskFailed'] as const;
export type TimeoutName = (typeof timeoutNames)[number];

const timeoutCauses: Record<TimeoutName, (payload: string, message: string) => string> = {
  'Sandbox.Timedout': (payload) => payload,
  'Lambda.Unknown': (_, errorMessage) =>
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${JSON.stringify({ errorMessage })}`,
  'States.TaskFailed': () =>
    'An attempt was made to invoke the Lambda function. Step Functions cannot determine whether Lambda successfully received the call and executed the function.',
};

/**
 * Anything thrown, as a fault. A rejected invocation's `name` is the error, its `cause` what AWS would put into the cause as JSON text.
 * `timedOutAs` is the name under which a time-out is told.
 */
export const invocationFault = (thrown: unknown, timedOutAs: TimeoutName): Fault => {
  if (!(thrown instanceof Error)) return new Fault('Error', JSON.stringify({ errorMessage: String(thrown) }));
  const { name, message } = thrown;
  const payload = JSON.stringify(thrown.cause ?? { errorType: name, errorMessage: message });
  return name === 'Sandbox.Timedout'
    ? new Fault(timedOutAs, timeoutCauses[timedOutAs](payload, message))
    : new Fault(name, payload);
};

/** Anything thrown in the engine itself: States.Runtime, which nothing catches, so that no mistake of the engine's hides in a Catch. */
export const faultOf = (thrown: unknown): Fault =>
  thrown instanceof Fault ? thrown : new Fault('States.Runtime', String(thrown));

/** Does a Retry's or Catch's ErrorEquals take this fault? AWS: "Handling errors in Step Functions workflows". */
export const matches = (errorEquals: readonly string[], fault: Fault): boolean => {
  if (fault.error === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === 'States.ALL') return fault.error !== 'States.DataLimitExceeded';
    if (name === 'States.TaskFailed') return fault.error !== 'States.Timeout';
    return name === fault.error || name === fault.alias;
  });
};

/** An error of the Step Functions API: `name` is the code that SDK users match. */
export const apiError = (name: string, message: string): Error => Object.assign(new Error(message), { name });
