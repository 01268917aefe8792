/** The local cloud in real time: processes behind simulated instances, an HTTP load balancer before them, and the production functions over both. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../aws/client.ts';
import type { Service } from '../core/configuration.ts';
import { Rejected } from '../core/errors.ts';
import { createFunctions } from '../functions/index.ts';
import { overClients } from '../functions/over-clients.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import { sqliteStore } from '../ledger/sqlite.ts';
import { type Cloud, createCloud } from '../local/cloud.ts';
import { openDataFolder } from '../local/data-folder.ts';
import { loadBalancer, type RequestReport } from '../local/load-balancer.ts';
import { processes } from '../local/processes.ts';
import { realTime } from '../local/time.ts';
import { commitOf } from './commit.ts';
import type { Configuration } from './config-file.ts';
import { person } from './context.ts';
import { removeControl, writeControl } from './control-file.ts';
import { controlServer } from './control-server.ts';
import { ledgerFile, setLedgerAside } from './ledger-file.ts';

/** How target groups are set up here; on AWS that is the user's own. */
const healthChecks = { interval: 1, healthy: 2, unhealthy: 2 };
/** Seconds that a deregistered instance's requests have to finish. */
const deregistrationDelay = 2;
/** Milliseconds of one metric period: every period that a configuration may name is made of whole seconds. */
const metricPeriod = 1000;
/** Ports tried from the first one on. */
const mostPorts = 100;

export interface LocalCloudOptions {
  data: string;
  configuration: Configuration;
  /** Where the first rule answers; the others come after it. `fixed`: the user named it, so no other will do. */
  port: number;
  fixedPort: boolean;
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
  /** What people should know about how it was found. */
  notes: string[];
  close(): Promise<void>;
}

const machineFile = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'statemachines', name), 'utf8'));

/** The path that a service's health checks ask for: its smoke test's, or the root. */
const healthPath = (service: Service): string => service.checks.smoke[0]?.path ?? '/';

/** Starts it, or throws and leaves nothing behind. */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const closers: (() => unknown)[] = [];
  const existed = existsSync(options.data);
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    if (!existed) rmSync(options.data, { recursive: true, force: true });
    throw error;
  }
};

const start = async (
  { data, configuration, port, fixedPort, onState, onLog = () => undefined }: LocalCloudOptions,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<LocalCloud> => {
  const time = realTime();
  const folder = openDataFolder(data);
  closers.push(folder.close);
  setLedgerAside(data, time.now());
  const registry = join(data, 'registry');
  const machines = processes({ folder: join(data, 'processes'), registry, time });
  closers.push(machines.close);
  const store = await sqliteStore(ledgerFile(data));
  closers.push(store.close);
  const ledger = ledgerOf(store);

  let machineArn = '';
  const timeouts = Object.entries(machineFile('functions.json') as Record<string, { timeout: number }>);
  const cloud = createCloud({
    time,
    machines,
    definition: machineFile('rollout.asl.json'),
    triggers: machineFile('triggers.json'),
    functions: (environment) => {
      machineArn = environment.machine;
      return createFunctions(overClients({ ...environment, store, write: onLog }));
    },
    timeouts: Object.fromEntries(timeouts.map(([name, { timeout }]) => [name, timeout])),
    latency: 'none',
    metricPeriod,
    schedule: true,
    ...(onState !== undefined && {
      onEvent: (execution, { type, details }) => {
        if (type.endsWith('StateEntered')) onState(execution, String(details?.name));
      },
    }),
  });
  closers.push(cloud.close);

  const balancer = loadBalancer({ ...balancing(cloud.world), time });
  closers.push(() => balancer.close(2000));
  const urls: Record<string, string[]> = {};
  let nextPort = port;
  const serve = async (services: Service[]): Promise<void> => {
    for (const service of services) {
      if (cloud.world.targetGroups.has(service.slots.blue)) continue;
      cloud.setUp(service, { deregistrationDelay, healthCheck: { ...healthChecks, path: healthPath(service) } });
      const own: string[] = [];
      urls[service.name] = own;
      for (const rule of service.rules) {
        const opened = await listen(balancer.listen, rule, nextPort, fixedPort);
        nextPort = opened + 1;
        own.push(`http://localhost:${opened}`);
      }
    }
  };
  await ledger.applyConfiguration(configuration.services, {
    author: person(),
    commit: commitOf(configuration.file),
    at: time.now(),
  });
  await serve(configuration.services);

  const control = await controlServer(async ([what, ...path], input) => {
    switch (what) {
      case 'ping':
        return {};
      case 'sdk':
        return sdkCall(cloud, path, input);
      case 'push': {
        const { repository, digest, tags } = input as { repository: string; digest: string; tags: string[] };
        return cloud.push(repository, { digest, tags });
      }
      case 'configured': {
        const names = await ledger.services();
        const services = await Promise.all(names.map((name) => ledger.configuration(name)));
        await serve(services.filter((service) => service !== null));
        return urls;
      }
      default:
        throw new Error(`there is no ${what} here`);
    }
  });
  closers.push(control.close);
  writeControl(data, {
    pid: process.pid,
    port: control.port,
    token: control.token,
    machine: machineArn,
    configuration: configuration.file,
    urls,
  });
  closers.push(() => removeControl(data));

  const swept = machines.swept === 0 ? [] : [`ended ${machines.swept} programs that an earlier run had left behind`];
  return {
    world: cloud.world,
    push: cloud.push,
    ledger,
    registry,
    processes: join(data, 'processes'),
    urls,
    notes: [...(folder.note === null ? [] : [folder.note]), ...swept],
    close,
  };
};

/** The load balancer sees the world's rules and targets, and the world hears of health and requests. */
const balancing = (world: Cloud['world']) => ({
  routing: {
    weights: (rule: string) => world.effectiveWeights(rule),
    targets: (targetGroup: string) => world.targetsOf(targetGroup),
    checks: () =>
      Object.fromEntries(
        [...world.targetGroups.values()].map(({ arn, check }) => [
          arn,
          { path: check.path, interval: check.interval, matcher: '200-399' },
        ]),
      ),
  },
  onHealth: (id: string, ok: boolean, reason?: string) => world.reportHealth(id, ok, reason),
  onRequest: ({ targetGroup, target, status, by, connectionError }: RequestReport) => {
    if (targetGroup === null || target === null) return;
    world.count(targetGroup, {
      requests: 1,
      errors: by === 'target' && status >= 500 ? 1 : 0,
      connectionErrors: connectionError ? 1 : 0,
    });
  },
});

/** The first port from `port` on that is free; only that one, if the user named it. */
const listen = async (
  open: (rule: string, port: number) => Promise<number>,
  rule: string,
  port: number,
  fixed: boolean,
): Promise<number> => {
  for (let tried = 0; ; tried++) {
    try {
      return await open(rule, port + tried);
    } catch (error) {
      if (fixed || tried >= mostPorts || !(error instanceof Rejected)) throw error;
    }
  }
};

/** A command as it came over the wire. Its class is known by name alone, which is all that the simulated clients look at. */
const sdkCall = async (cloud: Cloud, [service = '', name = '']: string[], input: unknown): Promise<unknown> => {
  const client = new Map<string, unknown>(Object.entries(cloud.clients)).get(service) as Client | undefined;
  if (client === undefined) throw new Error(`there is no client of ${service} here`);
  const command = Object.assign(Object.create({ constructor: { name: `${name}Command` } }), { input });
  return client.send(command as never);
};
