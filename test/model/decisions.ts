/** How the world changes by a decision of the real protocol, and what would be wrong with the decision. */

import { otherSlot, type Slot } from '../../core/basics/slot.ts';
import type { Carries, Decision, Protocol } from '../../core/protocol/protocol.ts';
import type { Row, Signal } from '../../core/protocol/row.ts';
import { holderOf, type Publication } from '../../core/release/publications.ts';
import { underToken } from '../core/build.ts';
import { type Call, executionOf, normalised, type World } from './world.ts';

/** What a transition is asked, as far as the properties need it. */
interface Asked {
  release?: string;
  attempt?: number;
  execution?: string;
  closed?: boolean;
  carries?: Carries;
  answers?: Carries;
  slot?: Slot;
  publication?: Publication;
  outcome?: string;
  signal?: Pick<Signal, 'kind'>;
  step?: number;
}

export interface Decided {
  ok: boolean;
  /** The guard that refused; '' when none did. */
  guard: string;
  world: World;
}

/** Transitions that name the attempt they mean. */
const byAttempt: readonly (keyof Protocol)[] = ['abort', 'stepAside', 'signal'];

/** Decides by compare-and-set: on the row as it is now, by what the call remembers. */
export const decide = <K extends keyof Protocol>(
  world: World,
  protocol: Protocol,
  name: K,
  request: Parameters<Protocol[K]>[1],
  call?: Call,
): Decided => {
  const transition = protocol[name] as (row: Row, request: unknown) => Decision;
  let decision: Decision;
  try {
    decision = transition(world.row, request);
  } catch {
    return {
      ok: true,
      guard: '',
      world: { ...world, flaw: `${name} was let through to a row on which it makes no sense` },
    };
  }
  if (!decision.ok) return { ok: false, guard: decision.guard, world };
  const { row, newToken, newSeq, newSince } = normalised(decision.row);
  const after = decision.row === world.row || JSON.stringify(row) === JSON.stringify(world.row) ? world.row : row;
  const asked = (request ?? {}) as Asked;
  const flaw =
    flawOfAttempts(world, after, decision, asked) ??
    (after === world.row
      ? null
      : (flawOfCaller(world, name, asked, call) ?? flawOfDecision(world, after, name, asked)));
  const ended = decision.records.map(({ release }) => release);
  const wentLive = decision.records.some(({ outcome }) => outcome === 'live');
  return {
    ok: true,
    guard: '',
    world: {
      ...world,
      row: after,
      records: [
        ...world.records,
        ...decision.records.map(({ release, attempt, outcome }) => `${release}-${attempt} ${outcome}`),
      ].sort(),
      asides: wentLive ? 0 : world.asides + (name === 'stepAside' ? 1 : 0),
      executions: world.executions.map((one) => {
        const current = one.current && !newToken;
        const spent = one.spent || ended.includes(one.release);
        return current === one.current && spent === one.spent ? one : { ...one, current, spent };
      }),
      calls: world.calls.map((one) => {
        const current = one.current && !newToken;
        const still = one.still && !newSeq;
        const old = one.old || newSince;
        return current === one.current && still === one.still && old === one.old
          ? one
          : { ...one, current, still, old };
      }),
      flaw: world.flaw ?? flaw,
    },
  };
};

const nameOf = ({ release, attempt }: { release: string; attempt: number }): string => `${release}-${attempt}`;
/** The attempts that are still to end. */
const openIn = (row: Row): Publication[] => [holderOf(row), row.next].filter((publication) => publication != null);

/** No attempt is lost, none is written twice, none starts again once it is on record, and who is superseded has a successor. */
const flawOfAttempts = (
  { row: before, records }: World,
  after: Row,
  { records: written }: Decision & { ok: true },
  { publication }: Asked,
): string | null => {
  if (after.lock.state !== 'free' && holderOf(after) === null) return 'the service is reserved for nobody';
  const open = openIn(after);
  const names = written.map(nameOf);
  const isOnRecord = (name: string) => names.includes(name) || records.some((record) => record.startsWith(`${name} `));
  for (const name of names)
    if (names.filter((other) => other === name).length > 1 || records.some((record) => record.startsWith(`${name} `)))
      return `${name} has two records`;
  for (const name of openIn(before).map(nameOf))
    if (!isOnRecord(name) && !open.some((one) => nameOf(one) === name))
      return `${name} is lost: neither on its way nor on record`;
  for (const name of open.map(nameOf)) if (isOnRecord(name)) return `${name} is on its way and on record`;
  if (open.length === 2 && nameOf(open[0] as Publication) === nameOf(open[1] as Publication))
    return `${nameOf(open[0] as Publication)} is on its way twice`;
  if (publication !== undefined) {
    const { release } = publication;
    const isKnown = open.some((one) => one.release === release) || after.live?.release === release;
    if (!isKnown && !isOnRecord(nameOf(publication))) return `the publication of ${release} is lost`;
  }
  for (const { release, outcome } of written)
    if (outcome === 'superseded' && open.length === 0 && (after.live === null || after.live.release === release))
      return `${release} is superseded by nothing`;
  return null;
};

/** Only the holder acts, and only on the attempt that it means. */
const flawOfCaller = (
  world: World,
  name: keyof Protocol,
  { release, attempt, execution, closed }: Asked,
  call: Call | undefined,
): string | null => {
  const held = holderOf(world.row);
  if (underToken.includes(name) && call !== undefined && !call.current)
    return `${name} was let through under a token that is no longer the row's`;
  if (byAttempt.includes(name) && (held === null || nameOf(held) !== `${release}-${attempt}`))
    return `${name} was meant for ${release}-${attempt}, and hit ${held === null ? 'nobody' : nameOf(held)}`;
  if (closed === false) return `${name} was let through although nobody had seen the execution closed`;
  const { lock } = world.row;
  if (name.startsWith('admit') && lock.state === 'held' && executionOf(world, lock.execution)?.running)
    return `${execution} took the service from ${lock.execution}, which is running`;
  return null;
};

/** Capacity before weight, weights only forward, one rollout aside at a time, and no attempt without a wish. */
const flawOfDecision = (
  world: World,
  after: Row,
  name: keyof Protocol,
  { carries, answers, slot, execution, release, attempt, outcome, signal, step }: Asked,
): string | null => {
  const { row: before } = world;
  const plan = before.plan;
  const owner = executionOf(world, execution ?? '');
  switch (name) {
    case 'shift':
      if (plan !== null && carries?.[plan.new.slot] === false)
        return 'a weight was given to a fleet that had just been seen not to carry it';
      return after.step < before.step ? 'a late step has taken the weights back to an earlier one' : null;
    case 'turn': {
      const to = after.wanted.weights.green === 100 ? 'green' : 'blue';
      if (carries?.[otherSlot(to)])
        return `all traffic was taken from ${otherSlot(to)}, which had just been seen to carry it`;
      return carries?.[to] === false
        ? `all traffic was given to ${to}, which had just been seen not to carry it`
        : null;
    }
    case 'condemn':
      return before.condemned === null &&
        before.step > 0 &&
        plan?.old.kind !== 'none' &&
        slot !== undefined &&
        answers?.[slot] &&
        !answers[otherSlot(slot)]
        ? `${slot}, which had just been seen to answer alone, was given up`
        : null;
    case 'commit':
      return plan !== null && carries?.[plan.new.slot] === false
        ? 'the point of no return was passed on a fleet that had just been seen not to carry'
        : null;
    case 'abort':
    case 'takeOver': {
      if (plan === null || before.step === 0 || before.phase === after.phase) return null;
      const { old, new: fresh } = plan;
      if (after.wanted.weights[old.slot] === 0 || carries?.[old.slot] || !carries?.[fresh.slot]) return null;
      return `all traffic was given back to ${old.slot}, which had just been seen not to carry it, while ${fresh.slot} did`;
    }
    case 'finish':
      return (outcome === 'live') === (before.phase === 'committed')
        ? null
        : `what was ${before.phase} is on record as ${outcome}`;
    case 'stepAside':
      if (world.asides > 0) return 'a second rollout has stepped aside before anything went live: none need ever end';
      if (holderOf(before)?.asked && before.next?.asked === false)
        return 'what a person asked for was taken back for what nobody asked for';
      return before.step > 0 ? 'a rollout that had traffic was taken back for a newer one' : null;
    case 'publish':
      return before.next?.asked && after.next?.asked === false
        ? 'what a person asked for, and waited, was displaced by what nobody asked for'
        : null;
    case 'ask':
      if (step !== before.step) return `a question about step ${step} was asked at step ${before.step}`;
      return before.phase === 'rollingBack' || before.phase === 'committed'
        ? 'a question was asked that no answer can end'
        : null;
    case 'signal':
      if (signal?.kind === 'approve' && (before.question === null || before.signals.length > 0))
        return 'an approval was taken for a question that nobody had asked, or that was answered already';
      return before.phase === 'rollingBack' || before.phase === 'committed'
        ? 'an answer was taken that no step will read any more'
        : null;
    case 'admitAnew':
      return owner?.asked && !owner.spent ? null : `${execution} started an attempt that nobody asked for`;
    case 'admit':
      return owner !== undefined && nameOf(owner) !== `${release}-${attempt}`
        ? `${execution} was let in for another attempt than its own`
        : null;
    default:
      return null;
  }
};
