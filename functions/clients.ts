/** Makes the SDK clients of functions and of the command line: each once, with a time limit for every request. */
import type { ClientOptions, Environment } from './environment.ts';

/** Seconds a single request may take, from its first byte to its answer's last. Three tries stay well under every function's own time-out, so that a Lambda is never cut off inside a call. */
export const requestTimeout = 8;
export const requestTries = 3;

/** What every client is made with. The SDK's own `requestTimeout` only warns, and never covers the body of an answer. */
export const clientOptions: ClientOptions = {
  maxAttempts: requestTries,
  requestHandler: { connectionTimeout: 2000 },
};

interface HandlerOptions {
  abortSignal?: AbortSignal;
}

interface Made {
  config?: { requestHandler?: { handle(request: unknown, options?: HandlerOptions): Promise<unknown> } };
}

/** Each try of a request ends after so many seconds, at whatever stage it hangs; the SDK tries a TimeoutError again. */
const withDeadline = <T>(client: T, seconds: number): T => {
  const handler = (client as Made).config?.requestHandler;
  if (handler === undefined) return client;
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options = {}) => {
    const abortSignal = AbortSignal.timeout(seconds * 1000);
    try {
      return await handle(request, { ...options, abortSignal });
    } catch (error) {
      if (!abortSignal.aborted) throw error;
      throw Object.assign(new Error(`no answer within ${seconds} s`, { cause: error }), { name: 'TimeoutError' });
    }
  };
  return client;
};

/** A function that is invoked may itself wait for twenty seconds; it is not invoked again for want of an answer. */
const invoking = { seconds: 28, maxAttempts: 1 };

/** Clients are made when they are first asked for, and kept. */
export const eachOnce = (options: ClientOptions, seconds = requestTimeout): Environment['client'] => {
  const clients = new Map<string, unknown>();
  return <T>(service: string, make: (options: ClientOptions) => T): T => {
    if (!clients.has(service)) {
      const isInvoking = service === 'lambda';
      const made = make(isInvoking ? { ...options, maxAttempts: invoking.maxAttempts } : options);
      clients.set(service, withDeadline(made, isInvoking ? invoking.seconds : seconds));
    }
    return clients.get(service) as T;
  };
};
