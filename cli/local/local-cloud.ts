/** The local cloud in real time: processes behind simulated instances, an HTTP load balancer before them, and the production functions over both. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../adapters/aws/client.ts';
import { ledgerOf } from '../../adapters/ledger/ledger.ts';
import type { Service } from '../../core/config/service.ts';
import { createFunctions } from '../../functions/index.ts';
import { overClients } from '../../functions/over-clients.ts';
import { type Cloud, createCloud } from '../../local/cloud.ts';
import { openDataFolder } from '../../local/data-folder.ts';
import { outside } from '../../local/invocation.ts';
import { machineFiles } from '../../local/machine-files.ts';
import { processes } from '../../local/processes.ts';
import { freeze } from '../../local/registry.ts';
import { realTime } from '../../local/time.ts';
import { commitOf } from '../config/commit.ts';
import type { Configuration } from '../config/config-file.ts';
import { person } from '../context.ts';
import { type FrontOptions, frontOf, type Unfinished } from './balancer-front.ts';
import { removeControl, writeControl } from './control-file.ts';
import { controlServer } from './control-server.ts';
import { endEarlierRun, newestAt, openLedger, restoreImages } from './earlier-run.ts';
import { readPorts, writePorts } from './port-file.ts';

/** Milliseconds of one metric period: every period that a configuration may name is made of whole seconds. */
const metricPeriod = 1000;

export interface LocalCloudOptions extends FrontOptions {
  data: string;
  /** The data folder goes with the local cloud, also where that is killed. */
  temporary?: boolean;
  configuration: Configuration;
  /** One that is not among the configured: a group of it serves already, from the image in the folder. */
  existing?: { service: Service; folder: string };
  /** A state of an execution is entered. */
  onState?: (execution: string, state: string) => void;
  /** A line of a function's log. */
  onLog?: (line: string) => void;
}

export interface LocalCloud {
  world: Cloud['world'];
  push: Cloud['push'];
  ledger: ReturnType<typeof ledgerOf>;
  registry: string;
  /** The folder whose files are named `<owner>-<pid>`, one for each running program. */
  processes: string;
  urls: Record<string, string[]>;
  unfinished: Unfinished;
  /** What people should know about how it was found. */
  notes: string[];
  close(): Promise<void>;
}

/** Starts it, or throws and leaves nothing behind. */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const closers: (() => unknown)[] = [];
  const existed = existsSync(options.data);
  const close = async (): Promise<void> => {
    let first: { error: unknown } | undefined;
    for (const closer of closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        first ??= { error };
      }
    }
    if (first !== undefined) throw first.error;
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close().catch(() => undefined);
    if (!existed) rmSync(options.data, { recursive: true, force: true });
    throw error;
  }
};

const start = async (
  options: LocalCloudOptions,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<LocalCloud> => {
  const { data, configuration, onState, onLog = () => undefined } = options;
  const folder = openDataFolder(data);
  closers.push(folder.close);
  const { store, note: ledgerNote } = await openLedger(data);
  closers.push(store.close);
  const time = realTime(await newestAt(store));
  const earlier = await endEarlierRun(store, time.now());
  const ledger = ledgerOf(store);
  const registry = join(data, 'registry');
  const machines = processes({
    folder: join(data, 'processes'),
    registry,
    time,
    temporary: options.temporary ? data : undefined,
  });
  closers.push(machines.close);

  let machineArn = '';
  const cloud = createCloud({
    time,
    machines,
    ...machineFiles(),
    functions: (environment) => {
      machineArn = environment.machine;
      const made = overClients({ ...environment, store: outside(store), write: onLog });
      return createFunctions(() => made);
    },
    latency: 'none',
    metricPeriod,
    fetch,
    schedule: true,
    ...(onState !== undefined && {
      onEvent: (execution, { type, details }) => {
        if (type.endsWith('StateEntered')) onState(execution, String(details?.name));
      },
    }),
  });
  closers.push(cloud.close);

  const front = frontOf(cloud, time, options, readPorts(data));
  closers.push(front.close);
  await ledger.applyConfiguration(configuration.services, {
    author: person(),
    commit: commitOf(configuration.file),
    at: time.now(),
  });
  await front.serve(configuration.services);
  await restoreImages(cloud.world, ledger, registry, configuration.services);
  if (options.existing !== undefined) {
    const { service, folder } = options.existing;
    const { digest } = await freeze(folder, registry);
    await front.serveExisting(service, `${service.name}@${digest}`);
  }

  const control = await controlServer(async ([what, ...path], input) => {
    switch (what) {
      case 'ping':
        return { now: time.now() };
      case 'sdk':
        return sdkCall(cloud, path, input);
      case 'push': {
        const { repository, digest, tags } = input as { repository: string; digest: string; tags: string[] };
        return cloud.push(repository, { digest, tags });
      }
      case 'configured': {
        const names = await ledger.services();
        const services = await Promise.all(names.map((name) => ledger.configuration(name)));
        const known = services.filter((service) => service !== null);
        await front.serve(known);
        await restoreImages(cloud.world, ledger, registry, known);
        tellControl();
        return front.urls;
      }
      default:
        throw new Error(`there is no ${what} here`);
    }
  });
  closers.push(control.close);
  const tellControl = (): void => {
    writePorts(data, { ...readPorts(data), ...front.ports });
    writeControl(data, {
      pid: process.pid,
      port: control.port,
      token: control.token,
      machine: machineArn,
      configuration: configuration.file,
      urls: front.urls,
    });
  };
  tellControl();
  closers.push(() => removeControl(data));

  const swept = machines.swept === 0 ? [] : [`ended ${machines.swept} programs that an earlier run had left behind`];
  return {
    world: cloud.world,
    push: cloud.push,
    ledger,
    registry,
    processes: join(data, 'processes'),
    urls: front.urls,
    unfinished: front.unfinished,
    notes: [folder.note, ledgerNote, ...swept, ...earlier, ...front.notes].filter((note) => note !== null),
    close,
  };
};

/** A command as it came over the wire. Its class is known by name alone, which is all that the simulated clients look at. */
const sdkCall = async (cloud: Cloud, [service = '', name = '']: string[], input: unknown): Promise<unknown> => {
  const client = new Map<string, unknown>(Object.entries(cloud.clients)).get(service) as Client | undefined;
  if (client === undefined) throw new Error(`there is no client of ${service} here`);
  const command = Object.assign(Object.create({ constructor: { name: `${name}Command` } }), { input });
  return client.send(command as never);
};
