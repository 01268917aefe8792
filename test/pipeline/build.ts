/** Ports made by hand for the tests of single steps: a real ledger, and a world of two rules and two slots that a test may edit. */

import { ledgerOf } from '../../adapters/ledger/ledger.ts';
import type { Slot, Weights } from '../../core/basics/slot.ts';
import type { Row } from '../../core/protocol/row.ts';
import { executionName } from '../../core/protocol/row.ts';
import type { FleetView } from '../../pipeline/ports/fleet.ts';
import type { AlarmView, SlotCounts } from '../../pipeline/ports/metrics.ts';
import type { Ports } from '../../pipeline/ports/ports.ts';
import type { TargetHealth } from '../../pipeline/ports/traffic.ts';
import type { Rollout } from '../../pipeline/shared/rollout.ts';
import { minute, plan, publication, row as restingRow, service, start } from '../core/build.ts';
import { memoryStore } from '../simulator/memory-store.ts';

export interface World {
  now: number;
  rules: Record<string, Weights>;
  healthy: Record<Slot, number>;
  /** Called before each write to a rule: where a test lets somebody interfere. */
  beforeWrite: () => void | Promise<void>;
  alarms: AlarmView[];
  series: Record<Slot, SlotCounts[]>;
  removed: Slot[];
  woken: string[];
  started: string[];
  closed: string[];
  probe: (path: string) => { status: number; body: string };
}

/** Release `b` holds the service in `green`, release `a` is live in `blue`; the row as `change` wants it. */
export const held = (change: Partial<Row> = {}): Row => ({
  ...restingRow(),
  token: 7,
  phase: 'preparing',
  plan: plan(),
  lock: { state: 'held', publication: publication('b'), execution: executionName('checkout', publication('b')) },
  wanted: { weights: { blue: 100, green: 0 }, seq: 3, since: start - 10 * minute },
  ...change,
});

export const rollout = (change: Partial<Rollout['progress']> = {}): Rollout => ({
  service: 'checkout',
  release: publication('b').release,
  attempt: 1,
  token: 7,
  execution: executionName('checkout', publication('b')),
  progress: { step: 1, since: start, passed: 0, heard: 0, steps: 0, ...change },
});

export const createWorld = async (row: Row | null, configuration = row?.plan?.configuration ?? service()) => {
  const ledger = ledgerOf(memoryStore());
  await ledger.applyConfiguration([configuration], { author: 'a test', commit: 'none', at: start });
  if (row !== null)
    await ledger.decide('checkout', () => ({ ok: true, row, records: [], changed: true }), { first: async () => row });
  const world: World = {
    now: start + minute,
    rules: { https: { blue: 100, green: 0 }, http: { blue: 100, green: 0 } },
    healthy: { blue: 4, green: 4 },
    beforeWrite: () => undefined,
    alarms: [],
    series: { blue: [], green: [] },
    removed: [],
    woken: [],
    started: [],
    closed: [],
    probe: () => ({ status: 200, body: 'ok' }),
  };
  const targets = (slot: Slot): TargetHealth[] =>
    Array.from({ length: world.healthy[slot] }, (_, index) => ({
      id: `i-${slot}-${index}`,
      state: 'healthy',
      reason: null,
      port: 8080,
    }));
  const fleet = (slot: Slot): FleetView => ({
    instances: targets(slot).map(({ id }) => ({
      id,
      zone: 'a',
      state: 'running',
      reason: null,
      release: publication(slot === 'green' ? 'b' : 'a').release,
      launchedAt: start,
    })),
    number: world.healthy[slot],
    limits: null,
  });
  const ports: Ports = {
    ledger,
    now: () => world.now,
    fleet: {
      observe: async (_, slot) => fleet(slot),
      ensure: async (_, slot, count) => {
        const launched = Math.max(0, count - world.healthy[slot]);
        world.healthy[slot] += launched;
        return { launched, short: null };
      },
      remove: async (_, slot) => {
        world.removed.push(slot);
        world.healthy[slot] = 0;
        return { left: 0, draining: 0 };
      },
      evidence: async () => [{ instance: 'i-1', said: 'it printed this' }],
      template: async () => ({ id: 'lt-0a1b2c3d', version: '7', types: [] }),
      pin: async () => null,
      restore: async () => undefined,
      shrink: async () => ({ left: 0 }),
      replace: async () => undefined,
      own: async () => [],
      evict: async () => undefined,
      tidy: async () => 0,
      slotOf: async () => null,
    },
    preflight: async () => [],
    ownership: {
      look: async () => {
        throw new Error('no step looks at ownership');
      },
      perform: async () => ({ made: null }),
    },
    inspection: {
      around: async () => ({ rules: [], targetGroups: [], groups: [], health: null }),
      template: async () => {
        throw new Error('no step inspects anything');
      },
      imageKeys: async () => [],
      hasRole: async () => true,
      aliases: async () => [],
      quota: async () => ({ used: 0, limit: 1000 }),
      denied: async () => [],
    },
    traffic: {
      weights: async () => Object.entries(world.rules).map(([rule, weights]) => ({ rule, weights })),
      setWeights: async (_, weights, about) => {
        let edited = 0;
        if (Object.values(world.rules).some(({ blue }) => blue !== weights.blue)) await about();
        for (const [rule, now] of Object.entries(world.rules)) {
          if (now.blue === weights.blue) continue;
          await world.beforeWrite();
          world.rules[rule] = weights;
          edited++;
        }
        return { edited, unnamed: [] };
      },
      rulesNaming: async ({ rules: [rule = ''] }) => Object.values(world.rules).map((weights) => ({ rule, weights })),
      health: async (_, slot) => targets(slot),
      deregister: async () => undefined,
    },
    metrics: {
      times: async () => [],
      series: async () => world.series,
      alarms: async (names) => world.alarms.filter(({ name }) => names.includes(name)),
      okFor: async () => 0,
    },
    images: {
      newest: async () => null,
      find: async (_, what) => ({ image: { reference: what, label: 'b' }, order: start }),
      announced: async (_, what) => ({ image: { reference: what, label: 'b' }, order: start }),
    },
    executions: {
      redrive: async () => false,
      start: async (name) => {
        world.started.push(name);
        return world.closed.includes(name) ? 'closed' : 'started';
      },
      moved: async () => world.now,
      stop: async (name) => {
        world.closed.push(name);
      },
      status: async (name) => (world.closed.includes(name) ? 'closed' : 'running'),
      wake: async (token) => {
        world.woken.push(token);
      },
      recoveries: async () => [],
    },
    notify: async () => undefined,
    probe: async ({ path }) => world.probe(path),
  };
  return { world, ports, row: async () => (await ledger.row('checkout')) as Row };
};
