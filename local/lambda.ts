/** Lambda: calls handlers as AWS does: through JSON, with time limits, cold and warm instances, and errors as payloads. */
import { inInvocation } from './invocation.ts';
import type { Time } from './time.ts';

/** What a handler is told besides its event. */
export interface LambdaContext {
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export interface LambdaOptions {
  time: Time;
  functions: Record<string, (event: unknown, context: LambdaContext) => Promise<unknown>>;
  /** Seconds, by function. */
  timeouts: Record<string, number>;
  /** Milliseconds that an invocation adds; an instance that has not worked for `idle` is cold again. */
  latency?: { cold: number; warm: number; idle: number };
  /** The key in `functions` for a name or ARN; without it, the name in the ARN. */
  nameOf?: (functionName: string) => string;
  /** Told when a handler is done or cut off: how many milliseconds it was billed. */
  onInvoke?: (name: string, ms: number, cold: boolean) => void;
}

export interface Lambda {
  /** Rejects with an Error: `name` is the error type, `cause` the payload `{ errorType, errorMessage, trace? }`. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** How many handlers were called. */
  invocations(): number;
}

const functionError = (errorType: string, errorMessage: string, trace?: string[]): Error =>
  Object.assign(new Error(errorMessage), {
    name: errorType,
    cause: { errorType, errorMessage, ...(trace === undefined ? {} : { trace }) },
  });

/** As Node's runtime reports what a handler throws. */
const thrownError = (thrown: unknown): Error =>
  thrown instanceof Error
    ? functionError(thrown.name, thrown.message, thrown.stack?.split('\n') ?? [])
    : functionError(typeof thrown, String(thrown), []);

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');

/** `…:function:shift:3` is `shift`, version `3`. */
const parts = (functionName: string): [name: string, version: string] => {
  const [name = '', version = '$LATEST'] = functionName.replace(/^.*:function:/, '').split(':');
  return [name, version];
};

export const createLambda = (options: LambdaOptions): Lambda => {
  const { time, functions, timeouts, latency, onInvoke = () => {}, nameOf = (name) => parts(name)[0] } = options;
  let count = 0;
  /** Per function, since when each instance that does nothing has done so; the last one used comes last. */
  const idle = new Map<string, number[]>();

  /** Takes an instance: a warm one if there is one. */
  const isCold = (name: string): boolean => {
    const free = idle.get(name)?.pop();
    return free === undefined || time.now() - free > (latency?.idle ?? Number.POSITIVE_INFINITY);
  };
  const release = (name: string): void => {
    const free = idle.get(name);
    if (free === undefined) idle.set(name, [time.now()]);
    else free.push(time.now());
  };

  const call = (name: string, functionName: string, event: unknown, done: () => void): Promise<unknown> => {
    const handler = functions[name];
    if (handler === undefined)
      return Promise.reject(functionError('Lambda.ResourceNotFoundException', `Function not found: ${functionName}`));
    const seconds = timeouts[name] ?? 3;
    const deadline = time.now() + seconds * 1000;
    const requestId = `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`;
    const context: LambdaContext = {
      functionName: parts(functionName)[0],
      functionVersion: parts(functionName)[1],
      invokedFunctionArn: functionName,
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => Math.max(0, deadline - time.now()),
    };
    return new Promise((resolve, reject) => {
      // At the deadline the caller is told, and the function's process ends: calls that it has sent go on, and it sends nothing more.
      // Lambda developer guide, Lambda runtime environment: "If the function crashes or times out, Lambda resets the environment".
      const invocation = { isEnded: false };
      const cancel = time.after(seconds * 1000, () => {
        invocation.isEnded = true;
        done();
        const message = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
        reject(functionError('Sandbox.Timedout', message));
      });
      const end = (settle: () => void): void => {
        if (invocation.isEnded) return;
        cancel();
        release(name);
        done();
        settle();
      };
      const run = async () => throughJson(await handler(throughJson(event), context));
      inInvocation(invocation, run).then(
        (result) => end(() => resolve(result)),
        (thrown) => end(() => reject(thrownError(thrown))),
      );
    });
  };

  return {
    invocations: () => count,
    invoke: async (functionName, event) => {
      const name = nameOf(functionName);
      const cold = isCold(name);
      const ms = latency === undefined ? 0 : cold ? latency.cold : latency.warm;
      if (ms > 0) await new Promise<void>((resolve) => void time.after(ms, resolve));
      const start = time.now();
      return call(name, functionName, event, () => onInvoke(name, time.now() - start, cold));
    },
  };
};
