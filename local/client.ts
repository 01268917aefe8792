/** An SDK client whose commands are answered in this process. A command that no adapter sends is refused by name. */
import { whileAlive } from './invocation.ts';
import { sleep, type Time } from './time.ts';

/** One function per command, without the word `Command`; it answers as the SDK does, less `$metadata`. */
export type Handlers = Record<string, (input: never) => unknown>;
export type Answer<Output> = Omit<Output, '$metadata'>;

/** Sees every command, and every delivery of an event: it may call `next` once, twice or never, wait, or throw `awsError(…)`. */
export type Intercept = (
  service: string,
  command: string,
  input: unknown,
  next: () => Promise<unknown>,
) => Promise<unknown>;

export interface Wire {
  time: Time;
  /** Milliseconds that a call takes, by name (`ec2:RunInstances`). */
  latencyOf: (call: string) => number;
  /** How often each call was made. */
  calls: Map<string, number>;
  /** May be set and unset at any time. */
  intercept?: Intercept | undefined;
}

/**
 * An object with `send(command)` for real SDK command instances. Throws what the SDK would throw, after the time the call takes.
 * The answer's type is for the caller to give: a client type's `send`.
 */
export const simulatedClient = (
  service: string,
  handlers: Handlers,
  wire: Wire,
): { send(command: object): Promise<never> } => {
  const answer = async (name: string, call: string, input: unknown) => {
    const handler = handlers[name] as ((input: unknown) => unknown) | undefined;
    if (handler === undefined) throw new Error(`local cloud: ${service} ${name}Command is not simulated`);
    const ms = wire.latencyOf(call);
    if (ms > 0) await sleep(wire.time, ms);
    return {
      ...((await handler(input)) as object),
      $metadata: { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 },
    };
  };
  const sent = (name: string, command: object): Promise<unknown> => {
    const { input } = command as { input: unknown };
    const call = `${service}:${name}`;
    wire.calls.set(call, (wire.calls.get(call) ?? 0) + 1);
    const next = () => answer(name, call, input);
    const once = async () => (wire.intercept === undefined ? next() : wire.intercept(service, name, input, next));
    return patiently(wire.time, once);
  };
  return {
    send: (command) => {
      // A bundler may add a digit where two services' commands bear one name.
      const name = command.constructor.name.replace(/Command\d*$/, '');
      return whileAlive(() => sent(name, command)) as Promise<never>;
    },
  };
};

const throttled = /Throttl|RequestLimitExceeded|TooManyRequests/;

/** What is throttled is tried three times in all, as clients of the product are set up to; SDKs reference guide, Retry behavior, standard mode. */
const patiently = async <T>(time: Time, call: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await call();
    } catch (error) {
      if (attempt === 3 || !throttled.test((error as Error).name)) throw error;
      await sleep(time, 500 * 2 ** attempt);
    }
};

/** An error as an SDK client throws it: `name` is the code that adapters match. */
export const awsError = (name: string, message: string, fault: 'client' | 'server' = 'client'): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: fault,
    $metadata: { httpStatusCode: fault === 'client' ? 400 : 500, attempts: 1, totalRetryDelay: 0 },
  });

/** Refuses, by name, every parameter that the simulation does not know: it would otherwise be silently without effect. */
export const only = (what: string, input: object, known: readonly string[]): void => {
  for (const [key, value] of Object.entries(input)) {
    if (value !== undefined && !known.includes(key))
      throw new Error(`local cloud: ${what} with ${key} is not simulated`);
  }
};

/** One page of a list. A token is opaque to callers, as AWS's are. */
export const page = <T>(
  items: T[],
  size: number,
  token: string | undefined,
): { items: T[]; next: string | undefined } => {
  const from = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString().slice(5));
  if (!Number.isInteger(from)) throw awsError('InvalidNextToken', `The token '${token}' is not valid.`);
  const end = from + size;
  return {
    items: from === 0 && items.length <= size ? items : items.slice(from, end),
    next: end < items.length ? Buffer.from(`page ${end}`).toString('base64') : undefined,
  };
};

/** Patterns are few and come again with every call: rules of policies, and filters of the configuration. */
const patterns = new Map<string, RegExp>();
const mostPatterns = 1000;

const compiled = (pattern: string): RegExp => {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const made = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  if (patterns.size >= mostPatterns) patterns.clear();
  patterns.set(pattern, made);
  return made;
};

/** A name filter as AWS matches it: `*` and `?` are wildcards, all else is literal. */
export const matchesWildcard = (pattern: string, text: string): boolean => compiled(pattern).test(text);
