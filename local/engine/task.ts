/** Task: one try after another, each with deadline, heartbeat and an optional token; then Retry, then Catch. */
import { arnParts } from '../../core/basics/arn.ts';
import type { Retrier, Task } from './definition.ts';
import { evaluating, type OpenTask, record, type Step, scopeOf, sleep, stateFault, waitFor } from './execution.ts';
import { type Template, typed } from './expressions.ts';
import type { Scope } from './fast-path.ts';
import { Fault, invocationFault, matches } from './fault.ts';
import { fields } from './fields.ts';
import { uuid } from './functions.ts';
import { type Left, leave } from './states.ts';
import { newToken } from './token.ts';

const isPositive = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;

const seconds = (step: Step, template: Template | undefined, scope: Scope, field: string) =>
  template && evaluating(step, () => typed<number>(template, scope, field, 'integer from 1', isPositive));

/** What Step Functions gives for a call through `lambda:invoke`. */
const invokeResult = (step: Step, functionName: string, payload: unknown) => {
  const requestId = uuid(step.world.random);
  const version = /:function:[^:]+:(.+)$/.exec(functionName)?.[1] ?? '$LATEST';
  const headers = {
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(JSON.stringify(payload))),
    'Content-Type': 'application/json',
    Date: new Date(step.world.time.now()).toUTCString(),
    'X-Amz-Executed-Version': version,
    'X-Amzn-Trace-Id': `Root=1-${requestId}`,
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
  };
  return {
    ExecutedVersion: version,
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
};

interface Call {
  functionName: string;
  payload: unknown;
  timeout: number | undefined;
  heartbeat: number | undefined;
  token: string | undefined;
}

/** Waits for the answer, or for the token to come back; the first to fail or to time out decides. */
const answer = (step: Step, task: Task, call: Call, named: Record<string, string>): Promise<unknown> =>
  waitFor(step, (settle) => {
    const { time } = step.world;
    const late = (alias: string) => () => settle.reject(new Fault('States.Timeout', undefined, { alias }));
    const deadline = call.timeout === undefined ? () => {} : time.after(call.timeout * 1000, late('States.Timeout'));
    let missed = (): void => {};
    const heartbeat = (): void => {
      missed();
      if (call.heartbeat !== undefined) missed = time.after(call.heartbeat * 1000, late('States.HeartbeatTimeout'));
    };
    if (call.token !== undefined)
      step.run.task = { token: call.token, succeed: settle.resolve, fail: settle.reject, heartbeat } satisfies OpenTask;
    const returned = (payload: unknown = null): void => {
      if (settle.over()) return;
      const result = task.kind === 'function' ? payload : invokeResult(step, call.functionName, payload);
      if (call.token === undefined) {
        settle.resolve(result);
        return;
      }
      record(step, 'TaskSubmitted', { output: result, ...named });
      // The clock of heartbeats starts when the function has returned.
      heartbeat();
    };
    step.world
      .invoke(call.functionName, call.payload)
      .then(returned)
      .catch((error) => settle.reject(error instanceof Fault ? error : invocationFault(error, step.world.timedOutAs)));
    return () => {
      deadline();
      missed();
      step.run.task = undefined;
    };
  });

/** One try. Records how it went, but for the state's end. */
const attempt = async (step: Step, task: Task, retryCount: number): Promise<{ result: unknown; scope: Scope }> => {
  const { world, execution } = step;
  const token = task.kind === 'token' ? newToken(execution, world.random) : undefined;
  const scope = scopeOf(step, retryCount, token);
  const input = await evaluating(step, () => task.arguments(scope));
  const timeout = await seconds(step, task.timeout, scope, 'TimeoutSeconds');
  const heartbeat = await seconds(step, task.heartbeat, scope, 'HeartbeatSeconds');
  const bare = task.kind === 'function';
  const { FunctionName, Payload = {} } = (bare ? {} : input) as { FunctionName?: unknown; Payload?: unknown };
  const strange = bare ? [] : Object.keys(input as object).filter((field) => !fields.invoke.includes(field));
  if (strange.length > 0) throw stateFault(execution, `Arguments/${strange.join(', ')} is not supported.`);
  const prefix = bare ? 'LambdaFunction' : 'Task';
  const named: Record<string, string> = bare
    ? {}
    : { resource: task.kind === 'token' ? 'invoke.waitForTaskToken' : 'invoke', resourceType: 'lambda' };
  const { region } = arnParts(world.arn);
  const limits = { timeoutInSeconds: timeout, heartbeatInSeconds: heartbeat };
  if (bare) record(step, 'LambdaFunctionScheduled', { input, resource: task.resource, timeoutInSeconds: timeout });
  else record(step, 'TaskScheduled', { parameters: input, region, ...named, ...limits });
  record(step, `${prefix}Started`, bare ? undefined : named);
  try {
    const call = bare
      ? { functionName: task.resource, payload: input, timeout, heartbeat, token }
      : { functionName: String(FunctionName), payload: Payload, timeout, heartbeat, token };
    const result = await answer(step, task, call, named);
    record(step, `${prefix}Succeeded`, { output: result, ...named });
    scope.states.result = result;
    return { result, scope };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { error, cause } = thrown;
    record(step, `${prefix}${error === 'States.Timeout' ? 'TimedOut' : 'Failed'}`, { error, cause, ...named });
    throw thrown;
  }
};

/** Seconds before the nth repetition: interval · backoff^(n-1), at most the longest, and any time up to that with full jitter. */
export const delay = (retrier: Retrier, repetition: number, random: () => number): number => {
  const full = Math.min(retrier.longest, retrier.interval * retrier.backoff ** (repetition - 1));
  return retrier.jitter ? full * random() : full;
};

export const runTask = async (step: Step, task: Task): Promise<Left> => {
  const used = task.retry.map(() => 0);
  for (let retryCount = 0; ; retryCount++) {
    try {
      const { result, scope } = await attempt(step, task, retryCount);
      return await leave(step, task, task, scope, result);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      const index = task.retry.findIndex(({ errors }) => matches(errors, thrown));
      const retrier = task.retry[index];
      const repetition = (used[index] ?? 0) + 1;
      if (retrier === undefined || repetition > retrier.attempts) return caught(step, task, thrown, retryCount);
      used[index] = repetition;
      await sleep(step, 1000 * delay(retrier, repetition, step.world.random));
    }
  }
};

const caught = (step: Step, task: Task, fault: Fault, retryCount: number): Promise<Left> => {
  const catcher = task.catch.find(({ errors }) => matches(errors, fault));
  if (catcher === undefined) throw fault;
  const scope = scopeOf(step, retryCount);
  const errorOutput = { Error: fault.error ?? null, Cause: fault.cause ?? null };
  scope.states.errorOutput = errorOutput;
  return leave(step, task, catcher, scope, errorOutput);
};
