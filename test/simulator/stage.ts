/** Where chaos is played: a service that is live in the local cloud, whose every call, read and write passes by whoever listens. */

import type { Change, Item, Store } from '../../adapters/ledger/store.ts';
import { allOn } from '../../core/basics/slot.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import type { HistoryEvent } from '../../local/engine/history.ts';
import { latencies as facts, type Latencies } from '../../local/latencies.ts';
import type { Machines } from '../../local/machines.ts';
import type { Instance } from '../../local/simulated/resources.ts';
import type { Behaviour } from '../../local/simulated-machines.ts';
import type { Failed } from '../../local/traffic.ts';
import type { Ports } from '../../pipeline/ports/ports.ts';
import { createStory, digestOf, fleetOf, functionSettings, releaseNamed, type Story } from '../build.ts';
import { changedService } from './acts.ts';
import type { Cost } from './faults.ts';
import { caller, type Invocation, invoke, type Lambda, never } from './invocations.ts';
import { memoryStore } from './memory-store.ts';

export type Started = Parameters<Machines['start']>;

/** A call of a function's, on its way. */
export interface Call {
  service: string;
  command: string;
  input: unknown;
  by: Invocation | undefined;
}

/** What happens, as it happens. Each hook may stand in the way: it calls `next`, or does something else. */
export interface Hooks {
  call(call: Call, next: () => Promise<unknown>): Promise<unknown>;
  ledger(what: keyof Store, by: Invocation | undefined, next: () => Promise<unknown>): Promise<unknown>;
  invocation(name: string, event: unknown, run: () => Promise<unknown>): Promise<unknown>;
  start(started: Started, next: (started: Started) => void): void;
  /** After the fact, with the time at which it was sent. */
  wrote(before: Row | null, after: Row, by: Invocation | undefined, sent: number): void;
  moved(execution: string, event: HistoryEvent): void;
  failed(failed: Failed): void;
}

export interface Stage
  extends Omit<Lambda, 'time'>,
    Pick<Story, 'service' | 'cloud' | 'time' | 'ledger' | 'statuses' | 'row' | 'push' | 'reference' | 'close'> {
  latencies: Latencies;
  /** A person's, and every call of them is counted and struck like any other. */
  ports: Ports;
  /** Since when each execution has had its status. */
  since: Map<string, number>;
  /** Milliseconds by which a function's clock is ahead. */
  skews: Map<string, number>;
  /** Instances that faults have silenced, since when, and what that may cost. */
  silenced: Map<string, { since: number; costs: Cost }>;
  /** What faults have put off and not done yet. */
  sleeping: number;
  describe(version: string, behaviour: Behaviour): void;
  behaviourOf(version: string): Behaviour;
  /** All that there are. */
  versions: readonly string[];
  /** How many instances there have ever been asked for, and are now. */
  counts: { least: number; now: number; most: number };
  want(count: number): Promise<void>;
  /** Keys that somebody configures otherwise, from now on. */
  configure(changed: Record<string, unknown>): Promise<void>;
  /** A person's command, as an invocation of its own. */
  person(work: () => Promise<unknown>): void;
}

export interface StageOptions {
  seed: number;
  /** Instances are spot instances. */
  spot: boolean;
  service: Record<string, unknown>;
  /** The state machine. */
  definition: unknown;
  hooks: Partial<Hooks>;
}

const rowKey = { pk: 'service#shop', sk: 'row' };
const repository = 'acme/shop';
/** Requests a minute. */
export const rpm = 1000;

/** What functions send is kept for test/infra where a test is run, and by nobody else; the first seeds send all there is. */
const isKept = (seed: number): boolean => process.env.VITEST !== undefined && seed <= 50;

const silent = { info: () => undefined, error: () => undefined };

/** A dead invocation reads and writes no more; what a live one reads of the row is kept with it. */
const watchedStore = (store: Store, hooks: Partial<Hooks>, now: () => number): Store => {
  const through = async <T>(what: keyof Store, work: () => Promise<T>): Promise<T> => {
    const by = caller();
    if (by?.dead === true) return never();
    return hooks.ledger === undefined ? work() : ((await hooks.ledger(what, by, work)) as T);
  };
  const isRow = ({ pk, sk }: { pk: string; sk: string }): boolean => pk === rowKey.pk && sk === rowKey.sk;
  return {
    get: async (pk, sk) => {
      const found = await through('get', () => store.get(pk, sk));
      const by = caller();
      if (by !== undefined && isRow({ pk, sk })) by.row = ((found as Item | undefined)?.value ?? null) as Row | null;
      return found;
    },
    query: (pk, sk, options) => through('query', () => store.query(pk, sk, options)),
    write: (changes: Change[]) => {
      const sent = now();
      return through('write', async () => {
        const row = changes.find(isRow);
        if (row === undefined) return store.write(changes);
        const before = ((await store.get(row.pk, row.sk))?.value ?? null) as Row | null;
        const answer = await store.write(changes);
        const by = caller();
        if (answer === 'written') {
          const after = row.value as Row;
          hooks.wrote?.(before, after, by, sent);
          if (by !== undefined) by.row = after;
        }
        return answer;
      });
    },
  };
};

export const createStage = async ({ seed, spot, service, definition, hooks }: StageOptions): Promise<Stage> => {
  const latencies: Latencies = { ...facts };
  const bare = memoryStore();
  const since = new Map<string, number>();
  const skews = new Map<string, number>();
  const story = await createStory({
    service,
    setUp: { deregistrationDelay: 60, healthCheck: { interval: 10, healthy: 3, unhealthy: 2 }, spot },
    rpm: 0,
    seed,
    store: bare,
    latency: latencies,
    schedule: true,
    definition,
    isRecorded: isKept(seed),
    machines: (described) => ({
      ...described,
      start: (...started: Started) => {
        if (hooks.start === undefined) described.start(...started);
        else hooks.start(started, (as) => described.start(...as));
      },
    }),
    environment: (usual) => {
      const store = watchedStore(bare, hooks, usual.now);
      return {
        ...usual,
        store: () => store,
        now: () => usual.now() + (skews.get(caller()?.name ?? '') ?? 0),
        logger: silent,
      };
    },
    around: (name, call, event) => {
      const seconds = functionSettings[name]?.timeout ?? 60;
      const run = () => invoke(stage, { name, event, seconds }, call);
      return hooks.invocation === undefined ? run() : hooks.invocation(name, event, run);
    },
    onStatus: ({ name }) => void since.set(name, story.time.now()),
    onEvent: (execution, event) => hooks.moved?.(execution, event),
    onFailed: (failed) => hooks.failed?.(failed),
  });
  story.cloud.intercept((name, command, input, next) => {
    const by = caller();
    // Deliveries are the bus's own, whoever has put the event.
    if (by?.dead === true && command !== 'Deliver') return never();
    return hooks.call === undefined ? next() : hooks.call({ service: name, command, input, by }, next);
  });
  const behaviours = new Map<string, Behaviour>();
  const describe = (version: string, behaviour: Behaviour): void => {
    behaviours.set(version, behaviour);
    story.machines.describe(story.reference(version), behaviour);
  };
  const { count } = story.service.fleet;
  const counts = { least: count, now: count, most: count };
  let written = service;
  const configure = async (changed: Record<string, unknown>): Promise<void> => {
    const next = changedService(written, changed);
    written = next.written;
    await story.ledger.applyConfiguration([next.service], { author: 'ada', commit: 'none', at: story.time.now() });
  };
  const stage: Stage = {
    ...story,
    ports: story.ports(),
    latencies,
    since,
    skews,
    silenced: new Map(),
    sleeping: 0,
    invocations: new Set<Invocation>(),
    invoked: 0,
    describe,
    behaviourOf: (version) => behaviours.get(version) ?? {},
    versions: ['v1', 'v2', 'v3'],
    counts,
    want: async (wanted) => {
      counts.now = wanted;
      counts.least = Math.min(counts.least, wanted);
      counts.most = Math.max(counts.most, wanted);
      if (story.service.fleet.kind === 'groups') await story.want(wanted);
      else await configure({ fleet: fleetOf(wanted) });
    },
    configure,
    push: (version, behaviour) => {
      if (behaviour !== undefined) behaviours.set(version, behaviour);
      story.push(version, behaviours.get(version));
    },
    person: (work) => {
      invoke(stage, { name: 'person', event: {}, seconds: 600 }, work).catch(() => undefined);
    },
  };
  await goLive(story, stage.ports);
  story.cloud.traffic.set(story.service.rules[0] as string, rpm);
  return stage;
};

/** v1 as a rollout would have left it: launched by the fleet's own port, and live in the row. */
const goLive = async (
  { service, cloud, time, store, during, reference }: Story,
  { fleet: port }: Ports,
): Promise<void> => {
  const { name, slots, fleet } = service;
  cloud.world.repositories.get(repository)?.push({
    digest: digestOf('v1'),
    tags: ['v1'],
    pushedAt: time.now(),
    artifact: undefined,
  });
  const image = { reference: reference('v1'), label: 'v1' };
  const release = releaseNamed('v1');
  const template = await during(port.template(service, 'blue'));
  const into = { fleet, targetGroup: slots.blue, from: null };
  const wanted = { service: name, release, image, attempt: 1, template, ...into, since: 0 };
  // More than once: a group may not know the version yet that was made for it, and what runs by then is registered.
  for (const seconds of [5, 20, 60]) {
    await during(port.ensure(wanted, 'blue', fleet.count).catch(() => undefined));
    await time.run({ until: time.now() + seconds * 1000 });
  }
  const at = time.now();
  const live = { release, image, attempt: 1, template, slot: 'blue' as const, order: at - 100_000, since: at };
  const row: Row = { ...firstRow(name, allOn('blue'), at - 600_000), token: 1, live };
  const record = { service: name, release, image, attempt: 1, outcome: 'live', reason: `${release} is live`, at };
  await store.write([
    { ...rowKey, value: row, when: 'any' },
    { pk: rowKey.pk, sk: `record#${release}#000001`, value: record, when: 'once' },
  ]);
};

/** An instance that runs, or is about to. */
export const isUp = ({ state }: Pick<Instance, 'state'>): boolean => state === 'pending' || state === 'running';
