/** The running local cloud as other commands see it: its SDK clients over the control server, and its ledger, the same file. */
import { join } from 'node:path';
import { sqliteStore } from '../../adapters/ledger/sqlite.ts';
import type { Rejected } from '../../core/basics/errors.ts';
import { cloudClients } from '../../functions/environment.ts';
import { overClients } from '../../functions/over-clients.ts';
import { type Pipeline, portsOver } from '../pipeline/pipeline.ts';
import type { Control } from './control-file.ts';
import { decode, encode } from './wire.ts';

export interface Remote extends Pipeline {
  control: Control;
  call(path: string, input: unknown): Promise<unknown>;
  close(): void;
}

const caller =
  ({ port: number, token }: Control, notRunning: () => Rejected) =>
  async (path: string, input: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${number}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: encode(input),
    }).catch(() => {
      throw notRunning();
    });
    // Somebody else's server may have taken the port of a local cloud that is gone.
    if (response.status === 401 || response.status === 404) throw notRunning();
    const { answer, error } = decode(await response.text()) as {
      answer?: unknown;
      error?: { name: string; message: string; fault?: string };
    };
    if (error === undefined) return answer;
    throw Object.assign(new Error(error.message), { name: error.name, $fault: error.fault ?? 'client' });
  };

/** Connects to the local cloud that `control` tells of. Throws what `notRunning` makes when it has gone. */
export const connect = async (data: string, control: Control, notRunning: () => Rejected): Promise<Remote> => {
  const call = caller(control, notRunning);
  const { now } = (await call('ping', {})) as { now: number };
  const asked = performance.now();
  const clients = Object.fromEntries(
    cloudClients.map((service) => [
      service,
      {
        send: (command: { constructor: { name: string }; input: object }) =>
          call(`sdk/${service}/${command.constructor.name.replace(/Command\d*$/, '')}`, command.input),
      },
    ]),
  );
  const store = await sqliteStore(join(data, 'ledger.sqlite'));
  const environment = overClients({
    clients,
    // Its time, not the machine's clock, which may have been set since it began.
    now: () => Math.round(now + performance.now() - asked),
    machine: control.machine,
    fetch,
    store,
    write: () => undefined,
  });
  return {
    ports: portsOver(environment),
    roles: null,
    urls: control.urls,
    configured: async () => (await call('configured', {})) as Record<string, string[]>,
    control,
    call,
    close: () => store.close(),
  };
};
