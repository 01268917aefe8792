/** What each transition of the row protocol writes, after its guards have let it through. */

import { type Image, isSameImage } from '../basics/image.ts';
import { allOn, fullSlot } from '../basics/slot.ts';
import type { Plan } from '../plan/plan.ts';
import { limitsAfter } from '../plan/scaling-bounds.ts';
import { type AttemptRecord, holderOf, type Lock, type Publication } from '../release/publications.ts';
import { beforeCommit, isHeldBy } from './guards.ts';
import type {
  AbortRequest,
  AdmitAnewRequest,
  AdmitRequest,
  AdoptRequest,
  AskRequest,
  CommitRequest,
  CondemnRequest,
  EditRequest,
  FinishRequest,
  HandOverRequest,
  ParkRequest,
  PublishRequest,
  ReserveAgainRequest,
  ShiftRequest,
  SignalRequest,
  StepAsideRequest,
  SweepRequest,
  TakeOverRequest,
  TurnRequest,
} from './requests.ts';
import type { Abort, Row, Signal } from './row.ts';
import { decideWeights, rolledBack, shiftWeights, turnWeights } from './weights.ts';

export type Change<R> = (row: Row, request: R) => { row: Row; records?: AttemptRecord[] };

const superseded = (row: Row, { release, image, attempt }: Publication, reason: string, at: number): AttemptRecord => ({
  service: row.service,
  release,
  image,
  attempt,
  outcome: 'superseded',
  reason,
  at,
});

/** The row of a new holder. */
const heldRow = (row: Row, publication: Publication, execution: string, plan: Plan): Row => ({
  ...row,
  lock: { state: 'held', publication, execution },
  token: row.token + 1,
  phase: 'preparing',
  step: 0,
  plan: { ...plan, attempt: publication.attempt, release: publication.release },
  limits: null,
  abort: null,
  condemned: null,
  raised: [],
  question: null,
  signals: [],
  parked: [],
});

/** The publications that an older one is compared with. */
const publicationsOf = (row: Row): Pick<Publication, 'release' | 'image' | 'order'>[] =>
  [row.live, holderOf(row), row.next].filter((publication) => publication !== null);

/** An attempt is named by its release and number. Two images may share a release, so a number is never given twice. */
const numbered = (row: Row, publication: Publication): Publication => {
  const taken = [holderOf(row), row.next].flatMap((other) =>
    other !== null && other.release === publication.release ? [other.attempt] : [],
  );
  return { ...publication, attempt: Math.max(publication.attempt, ...taken.map((attempt) => attempt + 1)) };
};

/** The result of asking again for a publication that is on its way already. */
const merged = (other: Publication, { asked, order }: Publication): Publication => ({
  ...other,
  asked: other.asked || asked,
  order: Math.max(other.order, order),
});

/** Every transition's change, for a row that its guards have let through. */
export const changes = {
  publish: ((row, { publication, now }) => {
    const { asked } = publication;
    const is = (other: { image: Image } | null): boolean => other !== null && isSameImage(other, publication);
    const holding = holderOf(row);
    const { next } = row;
    if (!asked) {
      const newer = publicationsOf(row).find((other) => other.order > publication.order && !is(other));
      const first = newer ?? (next?.asked && !is(next) ? next : undefined);
      if (first !== undefined) {
        if (is(holding) || is(next) || is(row.live)) return { row };
        const why = newer === undefined ? `${first.release} was asked for by a person` : `${first.release} is newer`;
        return { row, records: [superseded(row, numbered(row, publication), why, now)] };
      }
      if (is(row.live) && holding === null && next === null) return { row };
    }
    if (next !== null && is(next)) return { row: { ...row, next: merged(next, publication) } };
    const records = next === null ? [] : [superseded(row, next, `${publication.release} was published after it`, now)];
    // If it is published again while its own attempt is on its way, that attempt is the answer. An attempt that is being rolled back is no answer to a person.
    const onItsWay = holding !== null && is(holding) && (row.abort === null || (row.abort.kind === 'failed' && !asked));
    if (onItsWay && (next !== null || (asked && !holding.asked)))
      return {
        row: { ...row, next: null, lock: { ...row.lock, publication: merged(holding, publication) } as Lock },
        records,
      };
    if (onItsWay) return { row };
    return { row: { ...row, next: numbered(row, publication) }, records };
  }) satisfies Change<PublishRequest>,

  acquire: ((row) => ({ row: reserveNext({ ...row, token: row.token + 1 }) })) satisfies Change<unknown>,

  reserveAgain: ((row, { now }) => {
    const publication = holderOf(row) as Publication;
    const again = numbered(row, publication);
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
    row: isHeldBy(row, execution) ? row : heldRow(row, holderOf(row) as Publication, execution, plan),
  })) satisfies Change<AdmitRequest>,

  admitAnew: ((row, { publication, execution, plan, now }) => {
    const { next } = row;
    if (next === null || isSameImage(next, publication))
      return { row: heldRow({ ...row, next: null }, publication, execution, plan) };
    const records = [superseded(row, next, `${publication.release} was asked for after it`, now)];
    return { row: heldRow({ ...row, next: null }, numbered(row, publication), execution, plan), records };
  }) satisfies Change<AdmitAnewRequest>,

  // An uncommitted rollout is aborted in the same write. So after a lost response the retry cannot take it for a rollout that goes forward,
  // and nothing late of the ended execution can abort under a new holder.
  takeOver: ((row, { execution, carries, holds = false, weight, now }) => {
    const taken: Row = { ...row, token: row.token + 1, lock: { ...row.lock, execution } as Lock, parked: [] };
    if (!beforeCommit(row)) return { row: taken };
    const abort: Abort = { kind: 'failed', why: `its execution ended while ${row.phase}`, by: execution, at: now };
    return { row: rolledBack(taken, abort, { carries, holds, ...(weight !== undefined && { weight }) }) };
  }) satisfies Change<TakeOverRequest>,

  shift: shiftWeights satisfies Change<ShiftRequest>,

  abort: ((row, { kind, why, by, carries, holds = false, weight, now }) => ({
    row: rolledBack(row, { kind, why, by, at: now }, { carries, holds, ...(weight !== undefined && { weight }) }),
  })) satisfies Change<AbortRequest>,

  stepAside: ((row, { by, now }) => {
    const abort: Abort = { kind: 'superseded', why: `${by} was published before it had traffic`, by, at: now };
    return { row: { ...rolledBack(row, abort), steppedAside: true } };
  }) satisfies Change<StepAsideRequest>,

  turn: turnWeights satisfies Change<TurnRequest>,

  condemn: ((row, { slot }) => ({ row: { ...row, condemned: slot } })) satisfies Change<CondemnRequest>,

  commit: ((row) => ({ row: { ...row, phase: 'committed' } })) satisfies Change<CommitRequest>,

  finish: ((row, { outcome, reason, now }) => {
    const { release, image, attempt, order } = holderOf(row) as Publication;
    const record: AttemptRecord = { service: row.service, release, image, attempt, outcome, reason, at: now };
    const { plan } = row;
    const serving = fullSlot(row.wanted.weights);
    const wasHeld = row.lock.state === 'held' && plan !== null;
    const kept =
      wasHeld && plan.new.slot === serving
        ? { release, image, attempt, template: plan.template, slot: serving, order, since: now }
        : row.live;
    const freed: Row = {
      ...row,
      live: kept,
      phase: 'free',
      lock: { state: 'free' },
      plan: null,
      limits: wasHeld ? limitsAfter(plan, serving) : row.limits,
      abort: null,
      condemned: null,
      step: 0,
      raised: [],
      question: null,
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

  // Asked again with nothing new, it stays the same question: its answer may be on its way.
  ask: ((row, { kinds, step, until, why, now }) => {
    const { question } = row;
    const isAsked = question?.step === step && kinds.every((kind) => question.kinds.includes(kind));
    return isAsked
      ? { row }
      : { row: { ...row, question: { id: now.toString(36), kinds, step, asked: now, until, why } } };
  }) satisfies Change<AskRequest>,

  signal: ((row, { signal }) => {
    const kinds = signal.question === undefined ? undefined : row.question?.kinds;
    const heard: Signal = { ...signal, ...(kinds && { kinds }) };
    return { row: { ...row, signals: [...row.signals, heard].slice(-20) } };
  }) satisfies Change<SignalRequest>,

  // What is live or on its way stays, so that adopting twice is the same as once.
  adopt: ((row, { live, now }) => {
    if (row.lock.state !== 'free' || row.live !== null) return { row };
    const weights = allOn(live.slot);
    const moved = row.wanted.weights[live.slot] !== 100;
    return { row: { ...row, live, wanted: moved ? decideWeights(row, weights, now) : row.wanted } };
  }) satisfies Change<AdoptRequest>,

  giveBack: ((row) => ({
    row: row.lock.state === 'free' && row.next === null ? { ...row, live: null, limits: null } : row,
  })) satisfies Change<unknown>,

  // The last rollout has restored its bounds by now, and later changes are the owner's. The new `since` must not make reconcile restore them again.
  sweep: ((row, { now }) => ({
    row: { ...row, limits: null, wanted: { ...row.wanted, since: now } },
  })) satisfies Change<SweepRequest>,

  // The other execution becomes the holder before it is started. Until then nobody may take it for a holder that has ended: it has not started yet.
  handOver: ((row, { execution }) => ({
    row: { ...row, token: row.token + 1, lock: { ...row.lock, execution } as Lock, parked: [] },
  })) satisfies Change<HandOverRequest>,

  edit: ((row, { now }) => ({
    row: { ...row, wanted: { ...row.wanted, edited: Math.max(now, row.wanted.edited ?? 0) } },
  })) satisfies Change<EditRequest>,
};

/** `next` becomes the reserved publication, under the token that the row already has. */
const reserveNext = (row: Row): Row => ({
  ...row,
  lock: { state: 'reserved', publication: row.next as Publication },
  next: null,
});
