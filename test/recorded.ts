/**
 * Which commands each port's methods send in all stories, and which methods each function calls: what its role has to allow, and nothing
 * else. By method, as no story is told of every function in which a rule has to be corrected, say, but every function that may correct one
 * calls the method that does.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../adapters/ledger/store.ts';
import type { Environment } from '../functions/environment.ts';

/** Where each test file's stories leave what they have sent. */
export const recordings = join(import.meta.dirname, '..', 'node_modules', '.cache', 'cutover', 'commands');

type Sets = Record<string, Set<string>>;
let methods: Sets = {};
let uses: Sets = {};
const calling = new AsyncLocalStorage<string>();

const add = (sets: Sets, name: string, one?: string): void => {
  const set = sets[name] ?? new Set();
  sets[name] = set;
  if (one !== undefined) set.add(one);
};

const named = new WeakMap<Environment, string>();

/** The same environment, whose clients and store are listened to, in the name of a function. */
export const recorded = (name: string, environment: Environment): Environment => {
  const listening: Environment = {
    ...environment,
    client: (service, make) => {
      const client = environment.client(service, make) as { send(command: object): unknown };
      const send = (command: object) => {
        note(`${service}:${command.constructor.name.replace(/Command\d*$/, '')}`);
        return client.send(command);
      };
      return { send } as never;
    },
    store: () => listenedTo(environment.store()),
  };
  named.set(listening, name);
  return listening;
};

const note = (command: string): void => add(methods, calling.getStore() ?? 'nobody', command);

/** What the ledger on DynamoDB sends for each of these: test/adapters/contracts/store.test.ts holds it to that. */
const listenedTo = (store: Store): Store => ({
  get: (...asked) => {
    note('dynamodb:GetItem');
    return store.get(...asked);
  },
  query: (...asked) => {
    note('dynamodb:Query');
    return store.query(...asked);
  },
  write: (...asked) => {
    note('dynamodb:TransactWriteItems');
    return store.write(...asked);
  },
});

type Make = (environment: Environment) => unknown;
type Method = (...given: unknown[]) => unknown;

/** A port whose methods say that they are called, and by which function. */
export const listened =
  (port: string, make: Make): Make =>
  (environment) => {
    const made = make(environment);
    const name = named.get(environment);
    if (name === undefined) return made;
    const wrapped =
      (method: string, call: Method): Method =>
      (...given) => {
        add(uses, name, method);
        add(methods, method);
        return calling.run(method, () => call(...given));
      };
    if (typeof made === 'function') return wrapped(port, made as Method);
    return Object.fromEntries(
      Object.entries(made as Record<string, Method>).map(([method, call]) => [
        method,
        wrapped(`${port}.${method}`, call),
      ]),
    );
  };

const plain = (sets: Sets) => Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, [...set].sort()]));

/** `file`: of one test file's stories on one kind of fleet. The next file in this process begins with none. */
export const keep = (file: string): void => {
  mkdirSync(recordings, { recursive: true });
  writeFileSync(join(recordings, `${file}.json`), JSON.stringify({ methods: plain(methods), uses: plain(uses) }));
  methods = {};
  uses = {};
};

/** Every function's commands: those that the methods it calls have sent, whoever called them. */
export const everySent = (): Record<string, string[]> => {
  const all = { methods: {} as Sets, uses: {} as Sets };
  for (const file of readdirSync(recordings)) {
    const found = JSON.parse(readFileSync(join(recordings, file), 'utf8')) as Record<
      keyof typeof all,
      Record<string, string[]>
    >;
    for (const kind of ['methods', 'uses'] as const)
      for (const [name, list] of Object.entries(found[kind]))
        for (const one of ['', ...list]) add(all[kind], name, one);
  }
  return Object.fromEntries(
    Object.entries(all.uses).map(([name, called]) => [
      name,
      [...new Set([...called].flatMap((method) => [...(all.methods[method] ?? [])]))]
        .filter((one) => one !== '')
        .sort(),
    ]),
  );
};
