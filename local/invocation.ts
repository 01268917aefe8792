/** Which invocation of a function some code runs in. One that Lambda has ended sends nothing more; what it has sent before goes on. */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Invocation {
  isEnded: boolean;
}

const running = new AsyncLocalStorage<Invocation>();

export const inInvocation = <T>(invocation: Invocation, work: () => T): T => running.run(invocation, work);

/** A call to the outside. It never answers an invocation that has been ended, as that has no process any more. */
export const whileAlive = <T>(call: () => Promise<T>): Promise<T> =>
  running.getStore()?.isEnded === true ? new Promise(() => undefined) : call();

type Methods = Record<string, (...given: never[]) => Promise<unknown>>;

/** The same port, each of whose methods is a call to the outside. */
export const outside = <Port extends object>(port: Port): Port =>
  Object.fromEntries(
    Object.entries(port as unknown as Methods).map(([name, method]) => [
      name,
      (...given: never[]) => whileAlive(() => method(...given)),
    ]),
  ) as unknown as Port;
