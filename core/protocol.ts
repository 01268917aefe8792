/**
 * The row protocol: every decision about a service is one of these transitions, written by compare-and-set. Effects only ever apply
 * what the row says. A transition is its guards, each with the reason it refuses, and the change it makes; docs/safety.md numbers them
 * and test/model searches all interleavings, with every guard and with each one taken out.
 */
import type { Plan } from './plan.ts';
import {
  type Abort,
  type AttemptRecord,
  allOn,
  heldBy,
  type Lock,
  type Outcome,
  otherSlot,
  type Publication,
  type Row,
  type Signal,
  type Slot,
  type Weights,
} from './row.ts';

/** A change to write, with the records that belong into the same transaction; or a refusal, which is a value with its reason. */
export type Decision =
  | { ok: true; row: Row; records: AttemptRecord[]; changed: boolean }
  | { ok: false; guard: string; reason: string };

type Guard<R> = (row: Row, request: R) => string | undefined;
type Guards<R> = Record<string, Guard<R>>;
type Change<R> = (row: Row, request: R) => { row: Row; records?: AttemptRecord[] };

interface Token {
  token: number;
}
interface Now {
  now: number;
}
/** Which slots' healthy targets carry the share they would get, as this very step has just observed. */
export type Carries = Record<Slot, boolean>;

export interface PublishRequest extends Now {
  publication: Publication;
}
export interface AdmitRequest extends Now {
  release: string;
  attempt: number;
  execution: string;
  plan: Plan;
}
/** A person's fresh attempt: the console's New execution, or a redrive of an attempt that is on record. */
export interface AdmitAnewRequest extends Token, Now {
  /** `order` is when the person asked: the execution's StartTime, or its RedriveTime. */
  publication: Publication;
  execution: string;
  plan: Plan;
  /** When the newest attempt on record for this release ended; null without one. Read after the row, in the same decision. */
  endedAt: number | null;
}
export interface TakeOverRequest extends Now {
  /** The token under which the dead execution was read. */
  token: number;
  execution: string;
  /** The holder's execution was seen closed, after the row was read. */
  closed: boolean;
  carries: Carries;
}
export interface ReserveAgainRequest extends Now {
  token: number;
  closed: boolean;
}
export interface ShiftRequest extends Token, Now {
  step: number;
  carries: Carries;
}
export interface AbortRequest extends Now {
  release: string;
  attempt: number;
  kind: Abort['kind'];
  why: string;
  by: string;
  carries: Carries;
}
export interface StepAsideRequest extends Now {
  release: string;
  attempt: number;
  by: string;
}
export interface TurnRequest extends Token, Now {
  carries: Carries;
}
export interface CondemnRequest extends Token, Now {
  slot: Slot;
}
export interface CommitRequest extends Token {
  carries: Carries;
}
export interface FinishRequest extends Now {
  token: number;
  outcome: Outcome;
  reason: string;
  /** Which slots have instances in them, as this very step has just observed. */
  fleets: Record<Slot, boolean>;
}
export interface ParkRequest extends Token {
  taskToken: string;
}
export interface SignalRequest {
  release: string;
  attempt: number;
  signal: Signal;
}

/** Milliseconds after a decision until no Lambda that began before it can still act, and every load-balancer node has its weights. */
const settlingOf = (plan: Plan | null): number => (plan?.configuration.timing.settling ?? 0) * 1000;

/** No Lambda that began before `wanted.since` can still act. */
export const quiet = (row: Row, now: number, settling: number = settlingOf(row.plan)): boolean =>
  now >= row.wanted.since + settling;

/** Milliseconds until the row is quiet; 0 when it is. */
export const untilQuiet = (row: Row, now: number): number => Math.max(0, row.wanted.since + settlingOf(row.plan) - now);

const beforeCommit = (row: Row): boolean =>
  row.phase === 'preparing' || row.phase === 'shifting' || row.phase === 'settling';

const isHeld = (row: Row, { release, attempt }: { release: string; attempt: number }): boolean =>
  row.lock.state === 'held' && row.lock.publication.release === release && row.lock.publication.attempt === attempt;

const isHeldBy = (row: Row, execution: string): boolean =>
  row.lock.state === 'held' && row.lock.execution === execution;

const mine: Guard<Token> = (row, { token }) =>
  row.lock.state === 'held' && row.token === token
    ? undefined
    : `the service is ${holder(row)} under token ${row.token}, this step was started under ${token}`;

const held: Guard<{ release: string; attempt: number }> = (row, request) =>
  isHeld(row, request)
    ? undefined
    : `${request.release} attempt ${request.attempt} does not hold the service; it is ${holder(row)}`;

const phaseIs =
  (...phases: Row['phase'][]): Guard<unknown> =>
  (row) =>
    phases.includes(row.phase) ? undefined : `the phase is ${row.phase}, not ${phases.join(' or ')}`;

const seenClosed: Guard<{ closed: boolean }> = (_, { closed }) =>
  closed ? undefined : 'its execution has not been seen closed';

const sameToken: Guard<Token> = (row, { token }) =>
  row.token === token ? undefined : `the token is ${row.token}, not ${token} as read`;

const publicationsOf = (row: Row): { release: string; order: number }[] =>
  [row.live, heldBy(row), row.next].filter((publication) => publication !== null);

/** The guards of every transition, by name. Data, so that the model check can take each one out and show what it prevents. */
export const guards = {
  publish: {},
  acquire: {
    lockFree: (row: Row) => (row.lock.state === 'free' ? undefined : `the service is ${holder(row)}`),
    nextThere: (row: Row) => (row.next === null ? 'nothing is waiting' : undefined),
  },
  reserveAgain: {
    reserved: (row: Row) => (row.lock.state === 'reserved' ? undefined : `the service is ${holder(row)}`),
    sameToken,
    seenClosed,
  },
  admit: {
    reservedForMe: (row: Row, { release, attempt, execution }: AdmitRequest) =>
      isHeldBy(row, execution) ||
      (row.lock.state === 'reserved' &&
        row.lock.publication.release === release &&
        row.lock.publication.attempt === attempt)
        ? undefined
        : `the service is ${holder(row)}, not reserved for ${release} attempt ${attempt}`,
  },
  admitAnew: {
    sameToken,
    lockFree: (row: Row) => (row.lock.state === 'free' ? undefined : `the service is ${holder(row)}`),
    asked: (_: Row, { publication, endedAt }: AdmitAnewRequest) =>
      publication.asked && (endedAt === null || publication.order > endedAt)
        ? undefined
        : `nobody has asked for ${publication.release} since its last attempt ended`,
  },
  takeOver: {
    held: (row: Row) => (row.lock.state === 'held' ? undefined : `the service is ${holder(row)}`),
    sameToken,
    seenClosed,
  },
  shift: {
    mine,
    beforeCommit: phaseIs('preparing', 'shifting', 'settling'),
    forward: (row: Row, { step }: ShiftRequest) =>
      step >= row.step && step <= (row.plan?.steps.length ?? 0)
        ? undefined
        : `step ${step} is behind the row's ${row.step}, or the plan does not have it`,
    carries: (row: Row, { step, carries }: ShiftRequest) =>
      step === row.step || (row.plan !== null && carries[row.plan.new.slot])
        ? undefined
        : 'the new slot does not carry this weight',
  },
  abort: { held, beforeCommit: phaseIs('preparing', 'shifting', 'settling') },
  stepAside: {
    held,
    preparing: phaseIs('preparing'),
    once: (row: Row) =>
      row.steppedAside ? 'a rollout has already stepped aside since something last went live' : undefined,
    newerWaits: (row: Row) => (row.next === null ? 'nothing is waiting' : undefined),
  },
  turn: {
    mine,
    rollingBack: phaseIs('rollingBack'),
    hadTraffic: (row: Row) => (row.step > 0 ? undefined : 'the new slot never had a weight'),
    nothingCondemned: (row: Row) => (row.condemned === null ? undefined : `${row.condemned} is being removed`),
    otherCarries: (row: Row, { carries }: TurnRequest) => {
      const full = fullSlot(row.wanted.weights);
      return !carries[full] && carries[otherSlot(full)] ? undefined : `${full} carries, or ${otherSlot(full)} does not`;
    },
  },
  condemn: {
    mine,
    rollingBack: phaseIs('rollingBack'),
    noWeight: (row: Row, { slot }: CondemnRequest) =>
      row.wanted.weights[slot] === 0 ? undefined : `${slot} has weight ${row.wanted.weights[slot]}`,
    quiet: (row: Row, { now }: CondemnRequest) => (quiet(row, now) ? undefined : 'an earlier function may still act'),
  },
  commit: {
    mine,
    settling: phaseIs('settling'),
    newCarries: (row: Row, { carries }: CommitRequest) =>
      row.plan !== null && carries[row.plan.new.slot] ? undefined : 'the new slot does not carry all traffic',
  },
  finish: {
    sameToken,
    outcomeFits: (row: Row, { outcome }: FinishRequest) => {
      if (row.lock.state === 'reserved')
        return outcome === 'refused' || outcome === 'failed' ? undefined : `a reserved attempt cannot end ${outcome}`;
      if (row.lock.state === 'free') return 'nobody holds the service';
      if (row.phase === 'committed')
        return outcome === 'live' ? undefined : `after commit a rollout ends live, not ${outcome}`;
      if (row.phase === 'rollingBack')
        return outcome === 'failed' || outcome === 'superseded' ? undefined : `a rollback cannot end ${outcome}`;
      return `a rollout cannot end in phase ${row.phase}`;
    },
    condemned: (row: Row) =>
      row.phase === 'rollingBack' && row.condemned === null
        ? 'the slot without weight has not been condemned'
        : undefined,
    emptied: (row: Row, { fleets }: FinishRequest) => {
      const idle = otherSlot(fullSlot(row.wanted.weights));
      return row.lock.state === 'held' && fleets[idle]
        ? `instances are left in ${idle}, which has no weight`
        : undefined;
    },
  },
  park: { mine, beforeCommit: phaseIs('preparing', 'shifting', 'settling') },
  signal: { held, beforeCommit: phaseIs('preparing', 'shifting', 'settling') },
} satisfies Record<string, Guards<never>>;

const holder = (row: Row): string => {
  const publication = heldBy(row);
  return publication === null ? 'free' : `${row.lock.state} by ${publication.release} attempt ${publication.attempt}`;
};

/** The slot at 100, or the heavier one while a step is in force. */
export const fullSlot = (weights: Weights): Slot => (weights.green > weights.blue ? 'green' : 'blue');

const superseded = (row: Row, { release, image, attempt }: Publication, reason: string, at: number): AttemptRecord => ({
  service: row.service,
  release,
  image,
  attempt,
  outcome: 'superseded',
  reason,
  at,
});

const decideWeights = (row: Row, weights: Weights, now: number): Row['wanted'] => ({
  weights,
  seq: row.wanted.seq + 1,
  since: now,
});

/** What a fresh holder starts from. */
const heldRow = (row: Row, publication: Publication, execution: string, plan: Plan): Row => ({
  ...row,
  lock: { state: 'held', publication, execution },
  token: row.token + 1,
  phase: 'preparing',
  step: 0,
  plan: { ...plan, attempt: publication.attempt, release: publication.release },
  abort: null,
  condemned: null,
  signals: [],
  parked: [],
});

/**
 * All traffic back to the old slot; to the new one only if it had some already and there is no old one, or only the new one carries.
 * A new `since` even where no weight changes: whatever began before may still launch.
 */
const rolledBack = (row: Row, abort: Abort, carries?: Carries): Row => {
  const plan = row.plan as Plan;
  const { old, new: fresh } = plan;
  const onlyNewCarries = carries !== undefined && !carries[old.slot] && carries[fresh.slot];
  const keepNew = row.step > 0 && (old.kind === 'none' || onlyNewCarries);
  const wanted = decideWeights(row, allOn(keepNew ? fresh.slot : old.slot), abort.at);
  return { ...row, phase: 'rollingBack', abort, wanted };
};

const changes = {
  publish: ((row, { publication, now }) => {
    const { release, asked } = publication;
    const holding = heldBy(row);
    const { next } = row;
    const known = holding?.release === release || next?.release === release;
    if (!asked) {
      const newer = publicationsOf(row).find((other) => other.order > publication.order && other.release !== release);
      if (newer !== undefined)
        return known || row.live?.release === release
          ? { row }
          : { row, records: [superseded(row, publication, `${newer.release} is newer`, now)] };
      if (row.live?.release === release && holding === null && next === null) return { row };
    }
    if (next?.release === release) {
      const merged = { ...next, asked: next.asked || asked, order: Math.max(next.order, publication.order) };
      return { row: { ...row, next: merged } };
    }
    const records = next === null ? [] : [superseded(row, next, `${release} was published after it`, now)];
    // Published again while its own attempt is on its way: that attempt is the answer. One that is being rolled back is none, if a person asks.
    const onItsWay = holding?.release === release && (row.abort === null || (row.abort.kind === 'failed' && !asked));
    if (onItsWay) return next === null ? { row } : { row: { ...row, next: null }, records };
    const attempt =
      holding?.release === release ? Math.max(publication.attempt, holding.attempt + 1) : publication.attempt;
    return { row: { ...row, next: { ...publication, attempt } }, records };
  }) satisfies Change<PublishRequest>,

  acquire: ((row) => ({ row: reserveNext({ ...row, token: row.token + 1 }) })) satisfies Change<unknown>,

  reserveAgain: ((row, { now }) => {
    const publication = heldBy(row) as Publication;
    const again = { ...publication, attempt: publication.attempt + 1 };
    const record: AttemptRecord = {
      service: row.service,
      release: publication.release,
      image: publication.image,
      attempt: publication.attempt,
      outcome: 'failed',
      reason: 'its execution ended before it was admitted',
      at: now,
    };
    return {
      row: { ...row, token: row.token + 1, lock: { state: 'reserved', publication: again } },
      records: [record],
    };
  }) satisfies Change<ReserveAgainRequest>,

  admit: ((row, { execution, plan }) => ({
    row: isHeldBy(row, execution) ? row : heldRow(row, heldBy(row) as Publication, execution, plan),
  })) satisfies Change<AdmitRequest>,

  admitAnew: ((row, { publication, execution, plan, now }) => {
    const { next } = row;
    const displaced = next !== null && next.release !== publication.release;
    const records = displaced ? [superseded(row, next, `${publication.release} was asked for after it`, now)] : [];
    return { row: heldRow({ ...row, next: null }, publication, execution, plan), records };
  }) satisfies Change<AdmitAnewRequest>,

  // What was not committed is aborted in the same write: an answer that got lost and is asked for again cannot be taken for a rollout
  // on its way forward, nor can anything late of the dead execution abort behind the back of a new one.
  takeOver: ((row, { execution, carries, now }) => {
    const taken: Row = { ...row, token: row.token + 1, lock: { ...row.lock, execution } as Lock, parked: [] };
    if (!beforeCommit(row)) return { row: taken };
    const abort: Abort = { kind: 'failed', why: `its execution ended while ${row.phase}`, by: execution, at: now };
    return { row: rolledBack(taken, abort, carries) };
  }) satisfies Change<TakeOverRequest>,

  shift: ((row, { step, now }) => {
    const plan = row.plan as Plan;
    if (step === row.step) return { row };
    const weight = plan.steps[step - 1]?.weight ?? 100;
    const weights = { ...allOn(plan.old.slot), [plan.new.slot]: weight, [plan.old.slot]: 100 - weight };
    const phase = step === plan.steps.length ? 'settling' : 'shifting';
    return { row: { ...row, step, phase, wanted: decideWeights(row, weights, now) } };
  }) satisfies Change<ShiftRequest>,

  abort: ((row, { kind, why, by, carries, now }) => ({
    row: rolledBack(row, { kind, why, by, at: now }, carries),
  })) satisfies Change<AbortRequest>,

  stepAside: ((row, { by, now }) => {
    const abort: Abort = { kind: 'superseded', why: `${by} was published before it had traffic`, by, at: now };
    return { row: { ...rolledBack(row, abort), steppedAside: true } };
  }) satisfies Change<StepAsideRequest>,

  turn: ((row, { now }) => ({
    row: { ...row, wanted: decideWeights(row, allOn(otherSlot(fullSlot(row.wanted.weights))), now) },
  })) satisfies Change<TurnRequest>,

  condemn: ((row, { slot }) => ({ row: { ...row, condemned: slot } })) satisfies Change<CondemnRequest>,

  commit: ((row) => ({ row: { ...row, phase: 'committed' } })) satisfies Change<CommitRequest>,

  finish: ((row, { outcome, reason, fleets, now }) => {
    const { release, image, attempt, order } = heldBy(row) as Publication;
    const record: AttemptRecord = { service: row.service, release, image, attempt, outcome, reason, at: now };
    const { plan } = row;
    const serving = fullSlot(row.wanted.weights);
    const settled = row.lock.state === 'held' && plan !== null;
    const kept =
      settled && plan.new.slot === serving
        ? { release, image, attempt, template: plan.template, slot: serving, order, since: now }
        : row.live;
    const freed: Row = {
      ...row,
      live: settled && !fleets[serving] ? null : kept,
      phase: 'free',
      lock: { state: 'free' },
      plan: null,
      abort: null,
      condemned: null,
      step: 0,
      signals: [],
      parked: [],
      steppedAside: outcome === 'live' ? false : row.steppedAside,
      token: row.token + 1,
      wanted: { ...row.wanted, since: now },
    };
    return { row: row.next === null ? freed : reserveNext(freed), records: [record] };
  }) satisfies Change<FinishRequest>,

  park: ((row, { taskToken }) => ({
    row: row.parked.includes(taskToken) ? row : { ...row, parked: [...row.parked, taskToken].slice(-5) },
  })) satisfies Change<ParkRequest>,

  signal: ((row, { signal }) => ({
    row: { ...row, signals: [...row.signals, signal].slice(-20) },
  })) satisfies Change<SignalRequest>,
};

/** `next` becomes the reserved one. Under the token that the row already has. */
const reserveNext = (row: Row): Row => ({
  ...row,
  lock: { state: 'reserved', publication: row.next as Publication },
  next: null,
});

type Changes = typeof changes;
type RequestOf<K extends keyof Changes> = Changes[K] extends (row: Row, request: infer R) => unknown ? R : unknown;
export type Protocol = { [K in keyof Changes]: (row: Row, request: RequestOf<K>) => Decision };
export type GuardTable = { [K in keyof Changes]: Record<string, Guard<never>> };

/** The protocol under a table of guards. The product uses `guards` as they stand; only the model check builds it with one taken out. */
export const protocolOf = (table: GuardTable): Protocol => {
  const transition =
    (guardsOf: Record<string, Guard<never>>, change: Change<never>) =>
    (row: Row, request: never): Decision => {
      for (const [guard, refuses] of Object.entries(guardsOf)) {
        const reason = refuses(row, request);
        if (reason !== undefined) return { ok: false, guard, reason };
      }
      const { row: changed, records = [] } = change(row, request);
      return { ok: true, row: changed, records, changed: changed !== row || records.length > 0 };
    };
  return Object.fromEntries(
    Object.entries(changes).map(([name, change]) => [
      name,
      transition(table[name as keyof Changes], change as Change<never>),
    ]),
  ) as Protocol;
};

export const protocol: Protocol = protocolOf(guards);

export { beforeCommit };
