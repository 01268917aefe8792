/** The builder of stories: a service in the local cloud, in virtual time, with the production functions, adapters and state machine. */
import { ledgerOf } from '../adapters/ledger/ledger.ts';
import type { Store } from '../adapters/ledger/store.ts';
import { Rejected } from '../core/basics/errors.ts';
import type { Slot } from '../core/basics/slot.ts';
import { parseServices } from '../core/config/parse.ts';
import type { Service } from '../core/config/service.ts';
import type { Row } from '../core/protocol/row.ts';
import { type HistoryEvent, rolloutsOf } from '../core/release/history.ts';
import type { Environment } from '../functions/environment.ts';
import { createFunctions } from '../functions/index.ts';
import { overClients } from '../functions/over-clients.ts';
import { everyPort } from '../functions/ports.ts';
import { type CloudOptions, createCloud } from '../local/cloud.ts';
import { outside } from '../local/invocation.ts';
import { latencies } from '../local/latencies.ts';
import { machineFiles, functionSettings as settingsOf } from '../local/machine-files.ts';
import type { Machines } from '../local/machines.ts';
import type { SetUp } from '../local/simulated/set-up.ts';
import { isDraining } from '../local/simulated/target-health.ts';
import { type Behaviour, type DescribedMachines, describedMachines } from '../local/simulated-machines.ts';
import { virtualTime } from '../local/time.ts';
import { abortRollout } from '../pipeline/operations/abort.ts';
import { answer } from '../pipeline/operations/answer.ts';
import { publish } from '../pipeline/operations/publish.ts';
import { granted } from './granted.ts';
import { watchLimits } from './limits.ts';
import { recorded } from './recorded.ts';
import { noted } from './requests.ts';
import { memoryStore } from './simulator/memory-store.ts';

export const { definition, triggers, timeouts } = machineFiles();
export const functionSettings = settingsOf();

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

/** The kind of fleet that stories are told on. They run once on each: see vitest.config.ts. */
export const kind: 'instances' | 'groups' = process.env.CUTOVER_FLEET === 'groups' ? 'groups' : 'instances';

/** A fleet of that kind and so many instances. */
export const fleetOf = (count: number): Record<string, unknown> =>
  kind === 'groups'
    ? { kind, blue: 'shop-blue', green: 'shop-green', count }
    : { kind, launchTemplate: 'lt-0shop0000000000', subnets: ['subnet-a', 'subnet-b', 'subnet-c'], count };

/** The product's machine, in which the first execution of v2 has taken so many steps before it begins. */
export const agedBy = (steps: number): unknown => {
  const { Begin, ...others } = (
    definition as { States: Record<string, { Assign?: { rollout: { progress: object } } }> }
  ).States;
  const aged = structuredClone(Begin);
  const isFirst = `$states.context.Execution.Name = 'shop-${releaseNamed('v2')}-1'`;
  if (aged?.Assign !== undefined)
    aged.Assign.rollout.progress = { ...aged.Assign.rollout.progress, steps: `{% ${isFirst} ? ${steps} : 0 %}` };
  return { ...(definition as object), States: { Begin: aged, ...others } };
};

/** What a team would write for `shop`: four keys, and whatever a story changes. */
export const written = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  image: { kind: 'ecr', repository: 'acme/shop', tags: ['v*'] },
  fleet: fleetOf(4),
  rules: [`${arn}:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`],
  slots: {
    blue: `${arn}:targetgroup/shop-blue/6d0ecf831eec9f09`,
    green: `${arn}:targetgroup/shop-green/73e2d6bc24d8a067`,
  },
  ...changes,
});

export const serviceOf = (changes: Record<string, unknown> = {}, name = 'shop'): Service => {
  const parsed = parseServices({ [name]: written(changes) });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 2));
  return parsed.services[0] as Service;
};

export interface StoryOptions {
  /** Changes to what the team wrote. */
  service?: Record<string, unknown>;
  setUp?: SetUp;
  /** So many instances of a group serve already, as they were before Cutover came, and nothing is configured. */
  existing?: number;
  /** Requests a minute. */
  rpm?: number;
  seed?: number;
  store?: Store;
  latency?: CloudOptions['latency'];
  /** Stands before the machines. */
  machines?: (described: DescribedMachines) => Machines;
  /** What functions are given, where it is not what the local cloud has. */
  environment?: (usual: Environment) => Environment;
  /** What functions send is kept for test/infra. */
  isRecorded?: boolean;
  /** reconcile every two minutes; virtual time then never runs out by itself. */
  schedule?: boolean;
  onEvent?: CloudOptions['onEvent'];
  onStatus?: CloudOptions['onStatus'];
  timedOutAs?: CloudOptions['timedOutAs'];
  onFailed?: CloudOptions['onFailed'];
  /** Stands around every call of a function. */
  around?: (name: string, call: () => Promise<unknown>, event: unknown) => Promise<unknown>;
  /** The state machine, where it is another than the product's. */
  definition?: unknown;
  onLog?: (line: string) => void;
}

/** A digest that is easy to tell apart in a failed test. */
export const digestOf = (version: string): string =>
  `sha256:${[...version]
    .map((letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .padEnd(64, '0')}`;

export const releaseNamed = (version: string): string => digestOf(version).slice(7, 19);

export const createStory = async (options: StoryOptions = {}) => {
  const service = serviceOf(options.service);
  const time = virtualTime();
  const latency = options.latency ?? 'facts';
  const machines = describedMachines({ time, latencies: typeof latency === 'object' ? latency : latencies });
  const store = options.store ?? memoryStore();
  const ledger = ledgerOf(store);
  const log: string[] = [];
  const statuses = new Map<string, string>();
  const made: { environment?: Environment } = {};
  const cloud = createCloud({
    time,
    machines: options.machines?.(machines) ?? machines,
    definition: options.definition ?? definition,
    triggers,
    timeouts,
    seed: options.seed ?? 1,
    latency,
    schedule: options.schedule ?? false,
    functions: (given) => {
      const { around, isRecorded = true } = options;
      const plain = overClients({
        ...given,
        store: outside(store),
        write: options.onLog ?? ((line) => log.push(line)),
      });
      const usual = isRecorded ? noted(plain) : plain;
      const environment = options.environment?.(usual) ?? usual;
      made.environment = environment;
      const functions = createFunctions((name) => {
        const own = granted(name, environment);
        return isRecorded ? recorded(name, own) : own;
      });
      if (around === undefined) return functions;
      return Object.fromEntries(
        Object.entries(functions).map(([name, handler]) => [
          name,
          (event: unknown, context: unknown) => around(name, () => handler(event, context), event),
        ]),
      );
    },
    onStatus: (execution) => {
      statuses.set(execution.name, execution.status);
      options.onStatus?.(execution);
    },
    ...(options.onEvent && { onEvent: options.onEvent }),
    ...(options.timedOutAs && { timedOutAs: options.timedOutAs }),
    ...(options.onFailed && { onFailed: options.onFailed }),
  });
  if (options.existing !== undefined && service.fleet.kind === 'groups') {
    const { fleet, rules, image, slots: targetGroups } = service;
    const existing = { service: { fleet, rules, image }, targetGroup: targetGroups.blue, count: options.existing };
    cloud.setUpExisting(existing, options.setUp);
  } else {
    cloud.setUp(service, options.setUp);
    await ledger.applyConfiguration([service], { author: 'a test', commit: 'none', at: time.now() });
  }
  const rule = service.rules[0] as string;
  cloud.traffic.set(rule, options.rpm ?? 1000);

  const repository = service.image.kind === 'ecr' ? service.image.repository : '';
  const reference = (version: string) =>
    `111122223333.dkr.ecr.eu-west-1.amazonaws.com/${repository}@${digestOf(version)}`;
  /** What a person's command line does, with ports of its own. */
  const ports = () => everyPort(made.environment as Environment);
  const limits = service.fleet.kind === 'groups' ? watchLimits(cloud, service.fleet) : null;
  const busy = () => [...statuses.values()].includes('RUNNING');

  return {
    close: () => cloud.close(),
    service,
    /** What functions are made over. */
    environment: () => made.environment as Environment,
    /** What a person's command line works with. */
    ports,
    time,
    cloud,
    store,
    ledger,
    machines,
    log,
    statuses,
    limits,
    /** Says how a version behaves, and pushes it; the event does the rest. */
    push: (version: string, behaviour: Behaviour = {}): void => {
      machines.describe(reference(version), behaviour);
      cloud.push(repository, { digest: digestOf(version), tags: [version] });
    },
    reference,
    /** Whoever says how many instances there are to be says this: the configuration, or the group that serves. */
    want: async (count: number): Promise<void> => {
      const { fleet } = service;
      if (fleet.kind === 'groups') {
        const row = await ledger.row(service.name);
        const isNew = row?.phase === 'settling' || row?.phase === 'committed';
        const serving = isNew ? row.plan?.new.slot : row?.live?.slot;
        const group = fleet[serving ?? 'blue'];
        const min = cloud.world.autoScalingGroups.get(group)?.min ?? 0;
        cloud.setGroup(group, { min: Math.min(count, min), desired: count });
        if (count < min) limits?.areFound();
        return;
      }
      const changed = { ...service, fleet: { ...fleet, count } };
      await ledger.applyConfiguration([changed], { author: 'ada', commit: 'count', at: time.now() });
    },
    /** A command of a person's: its calls take time like any other's, so time runs until it is answered. */
    during: async <T>(command: Promise<T>): Promise<T> => {
      let answered = false;
      command.then(
        () => {
          answered = true;
        },
        () => {
          answered = true;
        },
      );
      await time.run({ done: () => answered });
      return command;
    },
    /** `cutover deploy`: a person asks for a version. */
    roll: async (version: string, by = 'ada') => {
      const found = await ports().images.find(service, digestOf(version));
      return publish(ports(), service, { what: version, found, asked: true, by });
    },
    /** `cutover abort`. */
    abort: async (why: string, by = 'ada'): Promise<string | null> => {
      const plan = (await ledger.row(service.name))?.plan;
      return plan == null ? 'nothing runs' : abortRollout(ports(), plan, { why, by });
    },
    /** `cutover approve` and `cutover reject`. */
    answer: async (kind: 'approve' | 'reject', by = 'ada', question?: string): Promise<boolean> => {
      try {
        await answer(ports(), { service: service.name, kind, by, question });
        return true;
      } catch (error) {
        if (error instanceof Rejected) return false;
        throw error;
      }
    },
    after: (seconds: number) => time.run({ until: time.now() + seconds * 1000 }),
    /** Until nothing runs any more and the row is free; at most `hours`. */
    rest: async (hours = 48): Promise<void> => {
      const end = time.now() + hours * 3_600_000;
      for (;;) {
        await time.run({ until: time.now() + 10_000 });
        if (busy() && time.now() < end) continue;
        const row = await ledger.row(service.name);
        if (row === null || row.lock.state === 'free') return limits?.expectAsFound(row);
        if (time.now() >= end) throw new Error(`no rest after ${hours} hours: ${JSON.stringify(row, null, 1)}`);
      }
    },
    row: async (): Promise<Row> => {
      const row = await ledger.row(service.name);
      if (row === null) throw new Error('there is no row');
      return row;
    },
    /** The service's events, oldest first. */
    events: async (): Promise<HistoryEvent[]> => (await ledger.history(service.name)).reverse(),
    rollouts: async () => rolloutsOf(service.name, await ledger.history(service.name)),
    /** A slot's targets that are not leaving. */
    targets: (slot: Slot) => {
      const group = cloud.world.targetGroups.get(service.slots[slot]);
      const found = group === undefined ? [] : [...cloud.world.targetsNow(group)];
      return found.filter(([, target]) => !isDraining(target)).map(([id]) => id);
    },
    /** Each instance that is pending or running, by version. */
    running: (): string[] =>
      [...cloud.world.instances.values()]
        .filter(({ state }) => state === 'pending' || state === 'running')
        .map(({ tags }) => String(tags['cutover:release'])),
    weights: (): Record<string, number> =>
      Object.fromEntries(
        cloud.world
          .effectiveWeights(rule, time.now())
          .map(({ targetGroup, weight }) => [targetGroup === service.slots.blue ? 'blue' : 'green', weight]),
      ),
  };
};

export type Story = Awaited<ReturnType<typeof createStory>>;

/** A story whose v1 is live and has been for a while: nothing of its rollout acts any more. */
export const liveStory = async (options: StoryOptions = {}): Promise<Story> => {
  const story = await createStory(options);
  story.push('v1');
  await story.rest();
  await story.after(180);
  return story;
};
