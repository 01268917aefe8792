/** Every guard of the row protocol by name, in the order in which they are asked: when a transition is refused, and why. */

import { fullSlot, otherSlot } from '../basics/slot.ts';
import type { Plan } from '../plan/plan.ts';
import { holderOf } from '../release/publications.ts';
import type {
  AdmitAnewRequest,
  AdmitRequest,
  AskRequest,
  CommitRequest,
  CondemnRequest,
  FinishRequest,
  ShiftRequest,
  SignalRequest,
  Token,
  TurnRequest,
} from './requests.ts';
import type { Question, Row, Signal } from './row.ts';

/** Undefined: no objection; else the reason for the refusal. */
export type Guard<R> = (row: Row, request: R) => string | undefined;

/** Milliseconds after a decision until every load-balancer node has its weights, and no Lambda that began before it can still act. */
const settlingOf = (plan: Plan | null): number => (plan?.configuration.timing.settling ?? 0) * 1000;

/** No Lambda that began before `wanted.since` can still act. */
export const quiet = (row: Row, now: number, settling: number = settlingOf(row.plan)): boolean =>
  now >= row.wanted.since + settling;

/** Milliseconds until the row is quiet; 0 if it is. */
export const untilQuiet = (row: Row, now: number): number => Math.max(0, row.wanted.since + settlingOf(row.plan) - now);

/** Milliseconds until the row is quiet and late rule edits have reached every load-balancer node; 0 if they have. */
export const untilInForce = ({ wanted, plan }: Row, now: number, settling: number = settlingOf(plan)): number =>
  Math.max(0, Math.max(wanted.since, wanted.edited ?? 0) + settling - now);

export const beforeCommit = (row: Row): boolean =>
  row.phase === 'preparing' || row.phase === 'shifting' || row.phase === 'settling';

const isHeld = (row: Row, { release, attempt }: { release: string; attempt: number }): boolean =>
  row.lock.state === 'held' && row.lock.publication.release === release && row.lock.publication.attempt === attempt;

export const isHeldBy = (row: Row, execution: string): boolean =>
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

const phaseBeforeCommit = phaseIs('preparing', 'shifting', 'settling');

const seenClosed: Guard<{ closed: boolean }> = (_, { closed }) =>
  closed ? undefined : 'its execution has not ended yet';

const lockFree: Guard<unknown> = (row) => (row.lock.state === 'free' ? undefined : `the service is ${holder(row)}`);

const sameToken: Guard<Token> = (row, { token }) =>
  row.token === token ? undefined : `the token is ${row.token}, not ${token} as read`;

/** The question that is still open; null: nobody is asked anything. */
export const openQuestion = ({ question, signals }: Row): Question | null => {
  const closes = (signal: Signal): boolean => signal.kind === 'reject' || signal.question === question?.id;
  return signals.some(closes) ? null : question;
};

/** A rejection needs no question. If it names one, that one has to be open. */
const answersTheQuestion: Guard<SignalRequest> = (row, { signal }) => {
  if (signal.kind === 'reject' && signal.question === undefined) return undefined;
  const open = openQuestion(row);
  if (open === null)
    return row.question === null
      ? 'the rollout asks nothing at the moment'
      : 'its question has been answered already, and no other has been asked since';
  return signal.question === open.id
    ? undefined
    : `the question has changed since; now it is: ${open.why} (cutover approve ${row.service} --question ${open.id})`;
};

/** The guards of every transition, by name. They are data, so that the model check can leave out each one and show what it prevents. */
export const guards = {
  publish: {},
  acquire: {
    lockFree,
    nextThere: (row: Row) => (row.next === null ? 'no publication waits' : undefined),
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
    lockFree,
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
    beforeCommit: phaseBeforeCommit,
    forward: (row: Row, { step }: ShiftRequest) =>
      step >= row.step && step <= (row.plan?.steps.length ?? 0)
        ? undefined
        : `step ${step} is before the row's step ${row.step}, or not in the plan`,
    carries: (row: Row, { step, carries }: ShiftRequest) =>
      step === row.step || (row.plan !== null && carries[row.plan.new.slot])
        ? undefined
        : 'the new slot has too few healthy targets for this weight',
  },
  abort: { held, beforeCommit: phaseBeforeCommit },
  stepAside: {
    held,
    preparing: phaseIs('preparing'),
    once: (row: Row) =>
      row.steppedAside ? 'a rollout has already yielded since the last success; the next may not yield' : undefined,
    newerWaits: (row: Row) => (row.next === null ? 'no publication waits' : undefined),
    askedToo: (row: Row) =>
      holderOf(row)?.asked && row.next !== null && !row.next.asked
        ? `a person asked for ${holderOf(row)?.release}; nobody asked for ${row.next.release}, which waits`
        : undefined,
  },
  turn: {
    mine,
    rollingBack: phaseIs('rollingBack'),
    hadTraffic: (row: Row) => (row.step > 0 ? undefined : 'the new slot never had a weight'),
    nothingCondemned: (row: Row) => (row.condemned === null ? undefined : `${row.condemned} is being removed`),
    otherCarries: (row: Row, { carries, weight = 0, silent }: TurnRequest) => {
      if (row.abort?.waits === true && row.plan !== null) {
        const { slot } = row.plan.old;
        if (silent === 'lost' || (silent === 'awaited' && row.wanted.weights[slot] > 0)) return undefined;
        return carries[slot] || weight > row.wanted.weights[slot]
          ? undefined
          : `${slot} has too few healthy targets for more weight`;
      }
      const full = fullSlot(row.wanted.weights);
      return !carries[full] && carries[otherSlot(full)] ? undefined : `${full} carries, or ${otherSlot(full)} does not`;
    },
  },
  condemn: {
    mine,
    rollingBack: phaseIs('rollingBack'),
    noWeight: (row: Row, { slot }: CondemnRequest) =>
      row.wanted.weights[slot] === 0 && row.abort?.waits !== true
        ? undefined
        : `${slot} has weight ${row.wanted.weights[slot]}, or is about to get some`,
    quiet: (row: Row, { now }: CondemnRequest) => (quiet(row, now) ? undefined : 'an earlier function may still act'),
    otherAnswers: (row: Row, { slot, answers }: CondemnRequest) =>
      row.condemned === null &&
      row.step > 0 &&
      row.plan?.old.kind !== 'none' &&
      answers[slot] &&
      !answers[otherSlot(slot)]
        ? `${slot} has the only healthy targets, ${otherSlot(slot)} has none yet`
        : undefined,
  },
  commit: {
    mine,
    settling: phaseIs('settling'),
    newCarries: (row: Row, { carries }: CommitRequest) =>
      row.plan !== null && carries[row.plan.new.slot]
        ? undefined
        : 'the new slot has too few healthy targets for all traffic',
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
  park: { mine, beforeCommit: phaseBeforeCommit },
  signal: { held, beforeCommit: phaseBeforeCommit, asked: answersTheQuestion },
  adopt: {},
  giveBack: {},
  sweep: {
    lockFree,
    sameToken,
  },
  handOver: { mine },
  edit: {},
  ask: {
    mine,
    beforeCommit: phaseBeforeCommit,
    sameStep: (row: Row, { step }: AskRequest) =>
      row.step === step ? undefined : `step ${row.step} is in force now, but the question is about step ${step}`,
  },
} satisfies Record<string, Record<string, Guard<never>>>;

const holder = (row: Row): string => {
  const publication = holderOf(row);
  return publication === null ? 'free' : `${row.lock.state} by ${publication.release} attempt ${publication.attempt}`;
};
