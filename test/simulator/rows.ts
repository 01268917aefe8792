/** What must be so of each decision: what it was taken from, who took it, and what can no longer be taken back. */
import { fullSlot, otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import { isContinuation, type Row } from '../../core/protocol/row.ts';
import type { Publication } from '../../core/release/publications.ts';
import type { Invocation } from './invocations.ts';
import { answering, needed } from './safety.ts';
import type { Stage } from './stage.ts';

export interface WatchedRows {
  /** `sent`: when the write was sent, and with it what had been seen. It may have come late. */
  wrote(before: Row | null, after: Row, by: Invocation | undefined, sent: number): void;
  /** A step of the holder is about to change something. */
  acts(by: Invocation, command: string): void;
  now(): Row;
  /** Every publication that has been in the row. */
  publications: Map<string, Publication>;
  /** Weights that were decided, and those that what truly answered did not carry. */
  decisions: { all: number; untrue: number };
}

type Say = (rule: string, text: string) => void;

/** After a change of holder, as long as what was begun before may go on: a function's longest time, and what it has sent. */
const handover = 121_000;

/** `fresh`: milliseconds that a look is good for. */
export const watchRows = (stage: Stage, first: Row, say: Say, fresh: number): WatchedRows => {
  const { cloud, time } = stage;
  let current = first;
  /** When each token stopped being the holder's. */
  const ended = new Map<number, number>();
  const publications = new Map<string, Publication>();
  const decisions = { all: 0, untrue: 0 };
  let committed: { release: string; attempt: number; weights: string } | null = null;

  const note = (row: Row): void => {
    const held = row.lock.state === 'free' ? null : row.lock.publication;
    for (const one of [held, row.next]) if (one !== null) publications.set(`${one.release} ${one.attempt}`, one);
  };

  const seenIn = (by: Invocation | undefined, at: number, slot: Slot, release?: string): number | null => {
    const look = by?.looks[slot];
    if (look === undefined || at - look.at > fresh) return null;
    const ours = (id: string): boolean => cloud.world.instances.get(id)?.tags['cutover:release'] === release;
    return look.healthy.filter((id) => release === undefined || ours(id)).length;
  };

  /** Rule 3: what has just been seen carries what has just been decided. */
  const decided = (before: Row, after: Row, by: Invocation | undefined, sent: number): void => {
    const count = stage.counts.least;
    const up = slots.find((slot) => after.wanted.weights[slot] > before.wanted.weights[slot]);
    const plan = after.plan ?? before.plan;
    if (up === undefined || plan === null) return;
    const weight = after.wanted.weights[up];
    const what = `${by?.name ?? 'somebody'} decides ${weight} % for ${up}`;
    if (after.phase === 'shifting' || after.phase === 'settling') {
      decisions.all++;
      if (answering(stage, up) < needed(count, weight)) decisions.untrue++;
      const seen = seenIn(by, sent, up, plan.release);
      if (seen === null) say('R3', `${what} and has not looked at it in the last ${fresh / 1000} s`);
      else if (seen < needed(count, weight)) say('R3', `${what} and has seen ${seen} healthy instances of it`);
      return;
    }
    if (after.step === 0) return;
    const other = otherSlot(up);
    const [here, there] = [seenIn(by, sent, up), seenIn(by, sent, other)];
    if (here === null) {
      say('R3', `${what} and has not looked at it in the last ${fresh / 1000} s`);
      return;
    }
    // Where somebody changes the number meanwhile, what is too few for the most of them may be what the others carry.
    const { most } = stage.counts;
    const carries = (seen: number | null, share: number, of = most): boolean =>
      seen !== null && seen * 4 >= needed(of, share) * 3;
    // Under maxExtra an old fleet that is small on purpose gets what it carries, as long as both carry what they have.
    const has = (slot: Slot, seen: number | null): boolean => carries(seen, before.wanted.weights[slot]);
    const isSmall = plan.configuration.maxExtra !== null && before.phase !== 'rollingBack';
    const mayWait = isSmall && has(up, here) && has(other, there);
    // Of a way back that has waited for an old fleet as long as it may, everything goes back; and where the other one carries less.
    const mayBeShort = weight === 100 && (before.abort?.waits === true || (!carries(there, 100) && !mayWait));
    if (!mayBeShort && !carries(here, weight, count))
      say('R3', `${what}, of which it has seen ${here} healthy, and ${there} of ${other}`);
  };

  /** Rule 2. */
  const pastCommit = (before: Row, after: Row): void => {
    if (committed === null) {
      if (after.phase === 'committed' && after.plan !== null)
        committed = {
          release: after.plan.release,
          attempt: after.plan.attempt,
          weights: JSON.stringify(after.wanted.weights),
        };
      return;
    }
    if (after.phase === 'committed' && JSON.stringify(after.wanted.weights) === committed.weights) return;
    if (after.phase !== 'free') say('R2', `${committed.release} was committed, and the phase is ${after.phase}`);
    if (after.live?.release !== committed.release)
      say('R2', `${committed.release} was committed, and ${after.live?.release ?? 'nothing'} is live`);
    if (before.phase === 'committed') committed = null;
  };

  /** Rule 9: who runs is followed by nobody but whom it hands over to. What was redriven in the same seconds may have looked closed. */
  const followed = ({ lock: before }: Row, { lock: after }: Row): void => {
    if (before.state !== 'held' || after.state !== 'held' || before.execution === after.execution) return;
    const runs =
      stage.statuses.get(before.execution) === 'RUNNING' ? time.now() - (stage.since.get(before.execution) ?? 0) : 0;
    if (runs > 5000 && !isContinuation(after.execution))
      say('R9', `${after.execution} takes over from ${before.execution}, which runs`);
  };

  return {
    publications,
    decisions,
    now: () => current,
    acts: (by, command) => {
      const { token } = by;
      if (token === null || token === 0) return;
      const since = ended.get(token);
      if (since === undefined) return;
      if (by.startedAt > since)
        say('R1', `${by.name} acts (${command}) under token ${token}, which had ended when it began`);
      else if (time.now() - since > handover)
        say(
          'R1',
          `${by.name} acts (${command}) under token ${token}, ${Math.round((time.now() - since) / 1000)} s after it ended`,
        );
    },
    wrote: (before, after, by, sent) => {
      current = after;
      note(after);
      if (before === null) return;
      if (after.token !== before.token) ended.set(before.token, time.now());
      if (after.token < before.token) say('R1', `the token goes back from ${before.token} to ${after.token}`);
      if (after.wanted.seq < before.wanted.seq) say('R1', `the weights' number goes back`);
      if (after.wanted.seq === before.wanted.seq && fullSlot(after.wanted.weights) !== fullSlot(before.wanted.weights))
        say('R1', 'weights change and their number does not');
      if (after.wanted.seq > before.wanted.seq) decided(before, after, by, sent);
      pastCommit(before, after);
      followed(before, after);
    },
  };
};
