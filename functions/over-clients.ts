/** An environment with given SDK clients: those of the local cloud. `write` receives its log lines. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Store } from '../adapters/ledger/store.ts';
import type { ClientName, Environment } from './environment.ts';
import { randomNonce } from './nonce.ts';
import { withRoleCredentials } from './role-credentials.ts';

interface Given {
  clients: Partial<Record<ClientName, unknown>>;
  now: () => number;
  machine: string;
  fetch: typeof fetch;
  probe?: string | null;
  store: Store;
  write: (line: string) => void;
}

export const overClients = ({ clients, now, machine, fetch, probe = null, store, write }: Given): Environment => ({
  client: withRoleCredentials(<T>(service: ClientName): T => {
    const client = clients[service];
    if (client === undefined) throw new Error(`this environment has no ${service} client`);
    return client as T;
  }),
  store: () => store,
  now,
  nonce: randomNonce,
  machine,
  fetch,
  probe,
  reaches: () => Promise.resolve(true),
  logger: loggerTo(write),
});

/** The same Logger as on AWS. It prints to a console of its own, which is the one thing that is replaced. */
const loggerTo = (write: (line: string) => void): Logger => {
  const logger = new Logger({ serviceName: 'cutover', logLevel: 'INFO' });
  const stdout = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      write(String(chunk));
      done();
    },
  });
  Reflect.set(logger, 'console', new Console({ stdout, stderr: stdout }));
  return logger;
};
