/**
 * The model's world: the row as it is, two slots, two rules with weights of their own, executions, and every function that is still
 * running. Time is one flag. Tokens and `seq` only ever grow, so all that matters of one that somebody remembers is whether it is
 * still the row's: the row's own are always 1 here, and a remembered one is `current` or not.
 */

import { allOn, fullSlot, otherSlot, type Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Carries } from '../../core/protocol/protocol.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import type { Publication } from '../../core/release/publications.ts';

/** A release, with `!` while it does not carry its share; `never`: not Cutover's doing; `removed`: emptied by Cutover. */
export type Fleet = string;

export type State =
  | 'Admit'
  | 'Provision'
  | 'AwaitApproval'
  | 'Shift'
  | 'Bake'
  | 'Judge'
  | 'HandOver'
  | 'Retire'
  | 'Complete'
  | 'RollBack'
  | 'Discard'
  | 'ReportFailure'
  | 'Ended';

export interface Execution {
  name: string;
  kind: 'derived' | 'console' | 'recovery' | 'continuation';
  running: boolean;
  state: State;
  /** `$rollout`: what it works for, whether its token is the row's, the next step, the slot that RollBack named. */
  release: string;
  attempt: number;
  current: boolean;
  step: number;
  slot: Slot | null;
  /** Parked, and waiting to be woken. */
  asleep: boolean;
  /** A person wants an attempt of it: started from the console, or redriven. */
  asked: boolean;
  /** An attempt of its release has ended since then. */
  spent: boolean;
}

/** One running function: where it stands, and what it remembers. */
export interface Call {
  by: string;
  at: string;
  /** Nobody waits for its answer any more; what it does, it does all the same. */
  late: boolean;
  /** It began before `wanted.since`: the row does not become quiet while it runs. */
  old: boolean;
  /** The token that it remembers is the row's. */
  current: boolean;
  /** `seq` has stood still since it last read the row. */
  still: boolean;
  memory: Memory;
}

export interface Memory {
  carries?: Carries;
  answers?: Carries;
  plan?: Plan;
  /** The execution that was seen to hold, and whether it was seen closed. */
  holder?: string;
  closed?: boolean;
  /** Percent for green that an apply is setting. */
  green?: number;
  slot?: Slot;
  release?: string;
  attempt?: number;
  step?: number;
  question?: string;
  /** Where to go on after an apply or a start. */
  after?: string;
}

export interface World {
  row: Row;
  fleets: Record<Slot, Fleet>;
  /** Percent for green, per rule. */
  rules: readonly [number, number];
  /** `B-1 failed`, one per record in the ledger. */
  records: readonly string[];
  executions: readonly Execution[];
  calls: readonly Call[];
  /** Rollouts that stepped aside since something last went live. */
  asides: number;
  /** No rollout needs to be approved. */
  isApproved: boolean;
  /** How often a rollout may have grown long, and go on in another execution. */
  continued: number;
  /** Disturbances left. */
  budget: number;
  /** What a decision or an effect has just done wrong. */
  flaw: string | null;
}

/** The moment of every decision. With `settling` of one second, a decision of the moment is not quiet, one of long ago is. */
export const now = 1500;
const longAgo = 0;
const lately = 1000;
/** Records end and persons ask at these times, so that a person asks after the record unless the wish is spent. */
export const askedAt = 500;

export const isQuiet = (row: Row): boolean => row.wanted.since === longAgo;
export const quieted = (row: Row): Row => ({ ...row, wanted: { ...row.wanted, since: longAgo } });
/** A decided row with token, `seq` and time as the model keeps them, and which of them have changed. */
export const normalised = (row: Row): { row: Row; newToken: boolean; newSeq: boolean; newSince: boolean } => {
  const newSince = row.wanted.since === now;
  const wanted = { ...row.wanted, seq: 1, since: newSince ? lately : row.wanted.since };
  return { row: { ...row, token: 1, wanted }, newToken: row.token !== 1, newSeq: row.wanted.seq !== 1, newSince };
};

/** E is pushed after whatever a person asks for. */
const orders: Record<string, number> = { A: 1, B: 2, C: 3, D: 4, E: 600 };
export const publicationOf = (release: string, attempt: number, asked: boolean): Publication => ({
  release,
  image: { reference: release, label: release },
  attempt,
  order: asked ? askedAt : (orders[release] ?? 0),
  asked,
  by: '',
});

/** One more than the highest attempt on record. */
export const nextAttempt = ({ records }: World, release: string): number =>
  1 +
  Math.max(
    0,
    ...records.filter((record) => record.startsWith(`${release}-`)).map((record) => Number(record.split(/[- ]/)[1])),
  );

/** Two steps, the last at 100 %; the slots as the row has them at this moment. */
export const planFor = (row: Row, release: string, attempt: number): Plan => {
  const slot = row.live?.slot ?? fullSlot(row.wanted.weights);
  return {
    schema: 1,
    service: 'shop',
    release,
    image: { reference: release, label: release },
    attempt,
    by: '',
    asked: false,
    old: { slot, kind: row.live === null ? 'none' : 'ours', release: row.live?.release ?? null, count: 1 },
    new: { slot: otherSlot(slot) },
    steps: [
      { weight: 50, bake: 1 },
      { weight: 100, bake: 1 },
    ],
    template: null,
    limits: null,
    alarmsOn: [],
    configuration: { timing: { period: 1, settling: 1 } } as Service,
    at: now,
  };
};

export const execution = (name: string, kind: Execution['kind'], release: string, attempt: number): Execution => ({
  name,
  kind,
  running: true,
  state: 'Admit',
  release,
  attempt,
  current: false,
  step: 0,
  slot: null,
  asleep: false,
  asked: kind === 'console',
  spent: false,
});

/** A service at rest: release A live in blue, or nothing at all. */
export const restingWorld = ({ live, budget }: { live: boolean; budget: number }): World => {
  const first = quieted(normalised({ ...firstRow('shop', allOn('blue'), now), token: 1 }).row);
  const { image, attempt, order } = publicationOf('A', 1, false);
  const row: Row = {
    ...first,
    wanted: { ...first.wanted, seq: 1 },
    live: { release: 'A', image, attempt, template: null, slot: 'blue', order, since: now },
  };
  return {
    row: live ? row : { ...row, live: null },
    fleets: { blue: live ? 'A' : 'never', green: 'removed' },
    rules: [0, 0],
    records: live ? ['A-1 live'] : [],
    executions: [],
    calls: [],
    asides: 0,
    isApproved: true,
    continued: 0,
    budget,
    flaw: null,
  };
};

export const hasFleet = (fleet: Fleet): boolean => fleet !== 'never' && fleet !== 'removed';
export const releaseIn = (fleet: Fleet): string => fleet.replace(/!+$/, '');
export const carriesNow = ({ fleets }: World): Carries => ({
  blue: hasFleet(fleets.blue) && !fleets.blue.endsWith('!'),
  green: hasFleet(fleets.green) && !fleets.green.endsWith('!'),
});
/** A fleet that is sick still answers; one that is lost does not. */
export const answersNow = ({ fleets }: World): Carries => ({
  blue: hasFleet(fleets.blue) && !fleets.blue.endsWith('!!'),
  green: hasFleet(fleets.green) && !fleets.green.endsWith('!!'),
});
export const weightOn = (slot: Slot, green: number): number => (slot === 'green' ? green : 100 - green);
export const executionOf = (world: World, name: string): Execution | undefined =>
  world.executions.find((one) => one.name === name);

export const withExecution = (world: World, name: string, change: Partial<Execution>): World => ({
  ...world,
  executions: world.executions.map((one) => (one.name === name ? { ...one, ...change } : one)),
});
export const withCall = (world: World, call: Call, change: Partial<Call> | null): World => ({
  ...world,
  calls: world.calls.flatMap((one) => (one !== call ? [one] : change === null ? [] : [{ ...one, ...change }])),
});
