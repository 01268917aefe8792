/** Which requests the stories send, one of each form, for test/independent: what differs in digits and names alone is of one form. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dynamoStore } from '../adapters/ledger/dynamodb.ts';
import type { Store } from '../adapters/ledger/store.ts';
import type { Environment } from '../functions/environment.ts';

/** Where each test file's stories leave the requests that they have sent. */
export const requests = join(import.meta.dirname, '..', 'node_modules', '.cache', 'cutover', 'requests');

/** Of one command's forms, in one file of stories. */
const most = 60;
let forms: Record<string, Map<string, unknown>> = {};

interface Command {
  constructor: { name: string };
  input: unknown;
}

/** What has been asked word for word, of a thousand commands each: its form is known. */
let words: Record<string, Set<string>> = {};
const mostWords = 1000;

const isFull = (name: string): boolean => (forms[name]?.size ?? 0) >= most;

const isNew = (name: string, text: string): boolean => {
  const asked = words[name] ?? new Set<string>();
  words[name] = asked;
  if (asked.has(text)) return false;
  if (asked.size < mostWords) asked.add(text);
  return true;
};

const note = (service: string, command: Command): void => {
  const { input } = command;
  const name = `${service}:${command.constructor.name.replace(/Command\d*$/, '')}`;
  if (isFull(name)) return;
  const kept = forms[name] ?? new Map<string, unknown>();
  forms[name] = kept;
  const text = JSON.stringify(input);
  if (!isNew(name, text)) return;
  const form = text.replaceAll(/[0-9a-f]{6,}|[0-9.]+/g, '#');
  if (!kept.has(form)) kept.set(form, JSON.parse(text));
};

/** What the ledger on DynamoDB would send for what a store of the stories is asked. */
const onDynamo = dynamoStore(
  {
    send: (async (command: Command) => {
      note('dynamodb', command);
      return {};
    }) as never,
  },
  'cutover-rollouts',
);

/** The same environment; what its clients and its store are asked is kept. */
export const noted = (environment: Environment): Environment => {
  const store = (): Store => {
    const asked = environment.store();
    const both =
      <Given extends unknown[], Answer>(
        command: string,
        first: (...given: Given) => unknown,
        then: (...given: Given) => Answer,
      ) =>
      (...given: Given): Answer => {
        if (!isFull(`dynamodb:${command}`) && isNew(command, JSON.stringify(given))) void first(...given);
        return then(...given);
      };
    return {
      get: both('GetItem', onDynamo.get, asked.get),
      query: both('Query', onDynamo.query, asked.query),
      write: both('TransactWriteItems', onDynamo.write, asked.write),
    };
  };
  return {
    ...environment,
    client: (service, make) => {
      const client = environment.client(service, make) as { send(command: Command): unknown };
      const send = (command: Command) => {
        note(service, command);
        return client.send(command);
      };
      return { send } as never;
    },
    store,
  };
};

/** `file`: of one test file's stories on one kind of fleet. The next file in this process begins with none. */
export const keepRequests = (file: string): void => {
  mkdirSync(requests, { recursive: true });
  const sent = Object.entries(forms).map(([name, kept]) => [name, [...kept.values()]]);
  writeFileSync(join(requests, `${file}.json`), JSON.stringify(Object.fromEntries(sent)));
  forms = {};
  words = {};
};

/** All that were kept, by command. */
export const everyRequest = (): Record<string, unknown[]> => {
  const all: Record<string, unknown[]> = {};
  for (const file of readdirSync(requests)) {
    const sent = JSON.parse(readFileSync(join(requests, file), 'utf8')) as Record<string, unknown[]>;
    for (const [name, inputs] of Object.entries(sent)) all[name] = [...(all[name] ?? []), ...inputs];
  }
  return all;
};
