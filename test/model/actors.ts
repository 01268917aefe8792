/**
 * What every function does, one read, decision or effect at a time. The steps are written more carelessly than the product's: they ask
 * without looking whether they may, and rely on being refused, so that the guards alone have to hold.
 */
import { fullSlot, type Protocol } from '../../core/protocol.ts';
import { heldBy, otherSlot, type Row, type Slot } from '../../core/row.ts';
import { decide } from './decisions.ts';
import {
  askedAt,
  type Call,
  carriesNow,
  type Execution,
  execution,
  executionOf,
  hasFleet,
  isQuiet,
  type Memory,
  nextAttempt,
  now,
  planFor,
  publicationOf,
  releaseIn,
  type State,
  type World,
  weightOn,
  withCall,
  withExecution,
} from './world.ts';

type Act = (world: World, call: Call, protocol: Protocol) => World | World[];

/** The call goes on at another place, with what it remembers from now on. */
const at = (world: World, call: Call, place: string, memory: Memory = call.memory): World =>
  withCall(world, call, { at: place, memory });

/** The call ends. Its execution goes on to a state, unless nobody waits for this answer any more. */
const answer = (world: World, call: Call, state: State, change: Partial<Execution> = {}): World => {
  const ended = withCall(world, call, null);
  return call.late ? ended : withExecution(ended, call.by, { state, ...change });
};

/** The call as it is after a decision: what it remembers may have become stale by it. */
const same = (before: World, after: World, call: Call): Call => after.calls[before.calls.indexOf(call)] as Call;

/** Decides, and goes on with the call as it then is. */
const ask = <K extends keyof Protocol>(
  world: World,
  call: Call,
  protocol: Protocol,
  name: K,
  request: Parameters<Protocol[K]>[1],
): { ok: boolean; guard: string; world: World; call: Call } => {
  const decided = decide(world, protocol, name, request, call);
  return { ...decided, call: same(world, decided.world, call) };
};

const tokenOf = (call: Call): number => (call.current ? 1 : 0);
const owner = (world: World, call: Call): Execution => executionOf(world, call.by) as Execution;
const neither = { blue: false, green: false };
const ended = { running: false, current: false };

const fleetsOf = ({ fleets }: World): Record<Slot, boolean> => ({
  blue: hasFleet(fleets.blue),
  green: hasFleet(fleets.green),
});

/** Where an execution that has been let in goes on. */
const byPhase = ({ phase, step }: Row): { state: State; step: number } => {
  if (phase === 'preparing') return { state: 'Provision', step };
  if (phase === 'committed') return { state: 'Retire', step };
  return { state: phase === 'rollingBack' ? 'RollBack' : 'Judge', step };
};

/** The execution that holds the service, or the one that it is reserved for. */
const holderIn = ({ lock }: Row): string | null => {
  if (lock.state === 'free') return null;
  return lock.state === 'held' ? lock.execution : `${lock.publication.release}-${lock.publication.attempt}`;
};

const admit: Record<string, Act> = {
  Admit: (world, call) => {
    const { row } = world;
    const { release, attempt } = owner(world, call);
    const there = holderIn(row);
    const holder = there === null || there === call.by ? undefined : there;
    const plan = planFor(row, release, attempt);
    const read = withCall(world, call, { current: true });
    return at(read, same(world, read, call), holder === undefined ? 'Admit.decide' : 'Admit.look', {
      plan,
      ...(holder !== undefined && { holder }),
    });
  },
  'Admit.look': (world, call) => {
    const closed = !executionOf(world, call.memory.holder ?? '')?.running;
    const wish =
      closed && owner(world, call).kind === 'console' && heldBy(world.row)?.release !== owner(world, call).release;
    return at(world, call, wish ? 'Admit.publish' : 'Admit.decide', {
      ...call.memory,
      closed,
      carries: carriesNow(world),
    });
  },
  'Admit.publish': (world, call, protocol) => {
    const { release } = owner(world, call);
    const publication = publicationOf(release, nextAttempt(world, release), true);
    const asked = ask(world, call, protocol, 'publish', { publication, now });
    return at(asked.world, asked.call, 'Admit.decide');
  },
  'Admit.decide': (world, call, protocol) => {
    const { kind, release, attempt, asked, spent } = owner(world, call);
    const { plan, holder, closed = false, carries = neither } = call.memory;
    if (plan === undefined) return answer(world, call, 'Ended', ended);
    const enter = (decided: ReturnType<typeof ask>): World => {
      const { row } = decided.world;
      const { state, step } = byPhase(row);
      const { release, attempt } = heldBy(row) ?? { release: '', attempt: 0 };
      return answer(decided.world, decided.call, state, {
        current: decided.world.flaw === null,
        release,
        attempt,
        step,
      });
    };
    const admitted = ask(world, call, protocol, 'admit', { release, attempt, execution: call.by, plan, now });
    if (admitted.ok) return enter(admitted);
    const held = heldBy(world.row);
    const isEntitled = kind !== 'derived' || (held?.release === release && held.attempt === attempt);
    if (holder !== undefined && isEntitled) {
      const taken = ask(world, call, protocol, 'takeOver', {
        token: tokenOf(call),
        execution: call.by,
        closed,
        carries,
        now,
      });
      if (taken.ok) return enter(taken);
    }
    if (kind !== 'recovery') {
      const publication = publicationOf(release, nextAttempt(world, release), asked);
      const endedAt = spent ? now : null;
      const anew = ask(world, call, protocol, 'admitAnew', {
        publication: { ...publication, order: askedAt },
        execution: call.by,
        plan,
        endedAt,
        token: tokenOf(call),
        now,
      });
      if (anew.ok) return enter(anew);
    }
    return answer(world, call, 'Ended', ended);
  },
};

/** An effect that launches: never another release into a slot that is not empty. */
const ensure = (world: World, slot: Slot, release: string): World => {
  const there = world.fleets[slot];
  const flaw =
    hasFleet(there) && releaseIn(there) !== release
      ? `${release} is launched into ${slot}, where ${releaseIn(there)} is`
      : null;
  return { ...world, fleets: { ...world.fleets, [slot]: release }, flaw: world.flaw ?? flaw };
};

const forward: Record<string, Act> = {
  Provision: (world, call) => {
    const { row } = world;
    if (!call.current) return answer(world, call, 'Admit');
    if (row.phase === 'rollingBack' || row.phase === 'committed') return answer(world, call, byPhase(row).state);
    if (row.plan === null || (row.phase === 'preparing' && !isQuiet(row))) return answer(world, call, 'Provision');
    const step = Math.min(row.step + 1, row.plan.steps.length);
    return at(world, call, 'Provision.ensure', { slot: row.plan.new.slot, release: row.plan.release, step });
  },
  'Provision.ensure': (world, call) => {
    const { slot = 'blue', release = '', step = 0 } = call.memory;
    const launched = ensure(world, slot, release);
    // The readiness and smoke checks that follow pass or fail.
    return [
      answer(launched, call, 'Shift', { step }),
      ...(call.late || step > 1 ? [] : [answer(launched, call, 'RollBack', { step })]),
    ];
  },
  Shift: (world, call) => {
    const { row, isApproved } = world;
    if (!isApproved && row.plan !== null && row.step === 0 && row.signals.length === 0)
      // Until the deadline it is waited for; no answer means no.
      return [answer(world, call, 'AwaitApproval'), answer(world, call, 'RollBack')];
    return at(world, call, 'Shift.decide', { carries: carriesNow(world), step: owner(world, call).step });
  },
  AwaitApproval: (world, call) => at(world, call, 'AwaitApproval.park', {}),
  'AwaitApproval.park': (world, call, protocol) => {
    const parked = ask(world, call, protocol, 'park', { token: tokenOf(call), taskToken: call.by });
    // The row that was written is the one that is looked at: an answer that came first is not slept over.
    const sleeps = parked.ok && parked.world.row.signals.length === 0;
    return answer(parked.world, parked.call, sleeps ? 'AwaitApproval' : 'Shift', { asleep: sleeps });
  },
  'Shift.decide': (world, call, protocol) => {
    const { carries = neither, step = 0 } = call.memory;
    const decided = ask(world, call, protocol, 'shift', { token: tokenOf(call), now, step, carries });
    if (decided.ok) return at(decided.world, decided.call, 'apply.read', { after: 'Bake' });
    if (decided.guard === 'carries') return answer(world, call, 'Provision');
    return answer(world, call, decided.guard === 'mine' ? 'Admit' : 'Judge');
  },
  Bake: (world, call) => at(world, call, 'Bake.park', {}),
  'Bake.park': (world, call, protocol) => {
    const parked = ask(world, call, protocol, 'park', { token: tokenOf(call), taskToken: call.by });
    return answer(parked.world, parked.call, parked.ok ? 'Bake' : 'Judge', { asleep: parked.ok });
  },
  Judge: (world, call) => {
    const { row } = world;
    if (!call.current) return answer(world, call, 'Admit');
    if (row.phase === 'rollingBack' || row.phase === 'committed') return answer(world, call, byPhase(row).state);
    return [answer(world, call, row.phase === 'settling' ? 'Retire' : 'Provision'), answer(world, call, 'RollBack')];
  },
  Retire: (world, call) =>
    at(world, call, world.row.phase === 'committed' && call.current ? 'remove.check' : 'Retire.commit', {
      carries: carriesNow(world),
      after: 'Complete',
    }),
  'Retire.commit': (world, call, protocol) => {
    const { carries = neither } = call.memory;
    const decided = ask(world, call, protocol, 'commit', { token: tokenOf(call), carries });
    if (decided.ok)
      return decided.world.row.plan?.old.kind === 'none'
        ? answer(decided.world, decided.call, 'Complete')
        : at(decided.world, decided.call, 'remove.check', { after: 'Complete' });
    return answer(
      world,
      call,
      decided.guard === 'mine' ? 'Admit' : decided.guard === 'newCarries' ? 'Judge' : 'RollBack',
    );
  },
  Complete: (world, call) => at(world, call, 'Complete.finish', {}),
  'Complete.finish': (world, call, protocol) => {
    const decided = ask(world, call, protocol, 'finish', {
      token: tokenOf(call),
      outcome: 'live',
      reason: '',
      fleets: fleetsOf(world),
      now,
    });
    return decided.ok ? at(decided.world, decided.call, 'start', { after: 'Ended' }) : answer(world, call, 'Admit');
  },
};

const back: Record<string, Act> = {
  RollBack: (world, call) => {
    const { release, attempt } = owner(world, call);
    return at(world, call, 'RollBack.abort', { carries: carriesNow(world), release, attempt });
  },
  'RollBack.abort': (world, call, protocol) => {
    const { carries = neither, release = '', attempt = 0 } = call.memory;
    const request = { release, attempt, kind: 'failed', why: '', by: '', carries, now } as const;
    const decided = ask(world, call, protocol, 'abort', request);
    return at(decided.world, decided.call, 'RollBack.turn', { carries });
  },
  'RollBack.turn': (world, call, protocol) => {
    const { carries = neither } = call.memory;
    const decided = ask(world, call, protocol, 'turn', { token: tokenOf(call), carries, now });
    if (decided.guard === 'mine') return answer(world, call, 'Admit');
    return at(decided.world, decided.call, 'apply.read', { after: 'RollBack.answer' });
  },
  'RollBack.answer': (world, call) => {
    const { row } = world;
    const full = fullSlot(row.wanted.weights);
    const isShort = row.live !== null && row.live.slot === full && world.fleets[full].endsWith('!');
    if (isShort && row.live !== null && row.condemned === null)
      return at(world, call, 'RollBack.grow', { slot: full, release: row.live.release });
    return answer(world, call, 'Discard', { slot: otherSlot(full) });
  },
  'RollBack.grow': (world, call) => {
    const { slot = 'blue', release = '' } = call.memory;
    return answer(ensure(world, slot, release), call, 'Discard', { slot: otherSlot(slot) });
  },
  Discard: (world, call) =>
    at(world, call, 'Discard.turn', { carries: carriesNow(world), slot: owner(world, call).slot ?? 'blue' }),
  'Discard.turn': (world, call, protocol) => {
    const { carries = neither, slot = 'blue' } = call.memory;
    const decided = ask(world, call, protocol, 'turn', { token: tokenOf(call), carries, now });
    if (decided.ok) return at(decided.world, decided.call, 'apply.read', { after: 'Discard' });
    return at(world, call, 'Discard.condemn', { slot });
  },
  'Discard.condemn': (world, call, protocol) => {
    const { slot = 'blue' } = call.memory;
    const decided = ask(world, call, protocol, 'condemn', { token: tokenOf(call), slot, now });
    if (decided.ok)
      return at(decided.world, decided.call, 'remove.rules', { slot, after: 'ReportFailure', ...inSlot(world, slot) });
    if (decided.guard === 'quiet') return answer(world, call, 'Discard');
    return answer(world, call, decided.guard === 'noWeight' ? 'RollBack' : 'Admit');
  },
  ReportFailure: (world, call) => {
    const { row } = world;
    const { release, attempt, asked, spent } = owner(world, call);
    const held = heldBy(row);
    const isMine =
      row.lock.state === 'held'
        ? row.lock.execution === call.by
        : held?.release === release && held.attempt === attempt;
    const read = withCall(world, call, { current: isMine });
    if (isMine) return at(read, same(world, read, call), 'ReportFailure.finish', {});
    const isOnRecord = world.records.some((record) => record.startsWith(`${release}-${attempt} `));
    return isOnRecord && asked && !spent ? answer(world, call, 'Admit') : answer(world, call, 'ReportFailure', ended);
  },
  'ReportFailure.finish': (world, call, protocol) => {
    const outcome = world.row.abort?.kind ?? 'failed';
    const decided = ask(world, call, protocol, 'finish', {
      token: tokenOf(call),
      outcome,
      reason: '',
      fleets: fleetsOf(world),
      now,
    });
    return decided.ok
      ? at(decided.world, decided.call, 'start', { after: 'ReportFailure' })
      : answer(world, call, 'Admit');
  },
};

const inSlot = ({ fleets }: World, slot: Slot): { release: string } => ({ release: releaseIn(fleets[slot]) });

/** What several functions share: `then` says where they go on. */
const shared: Record<string, Act> = {
  'apply.read': (world, call) => {
    const read = withCall(world, call, { still: true });
    return at(read, same(world, read, call), 'apply.rule1', {
      green: world.row.wanted.weights.green,
      after: call.memory.after ?? '',
    });
  },
  'apply.rule1': (world, call) =>
    at({ ...world, rules: [call.memory.green ?? 0, world.rules[1]] }, call, 'apply.rule2'),
  'apply.rule2': (world, call) =>
    at({ ...world, rules: [world.rules[0], call.memory.green ?? 0] }, call, 'apply.check'),
  'apply.check': (world, call) =>
    at(world, call, world.rules.every((green) => green === call.memory.green) ? 'apply.again' : 'apply.read', {
      after: call.memory.after ?? '',
    }),
  'apply.again': (world, call, protocol) => {
    if (!call.still) return at(world, call, 'apply.read');
    const { after = '' } = call.memory;
    if (after === 'wake') return at(world, call, 'wake', {});
    if (after === '') return withCall(world, call, null);
    if (after === 'RollBack.answer') return (back['RollBack.answer'] as Act)(world, call, protocol);
    return answer(world, call, after as State);
  },
  wake: (world, call) => ({
    ...withCall(world, call, null),
    executions: world.executions.map((one) =>
      one.asleep && world.row.parked.includes(one.name) ? { ...one, asleep: false, state: wokenTo(one) } : one,
    ),
  }),
  'remove.check': (world, call) => {
    const { row } = world;
    const slot = row.plan?.old.slot ?? 'blue';
    if (!call.current || row.plan === null) return answer(world, call, 'Admit');
    if (!carriesNow(world)[otherSlot(slot)])
      return at(world, call, 'Retire.ensure', { slot: otherSlot(slot), release: row.plan.release });
    if (!isQuiet(row)) return answer(world, call, 'Retire');
    return at(world, call, 'remove.rules', {
      slot,
      after: 'Complete',
      carries: carriesNow(world),
      ...inSlot(world, slot),
    });
  },
  'Retire.ensure': (world, call) =>
    answer(ensure(world, call.memory.slot ?? 'blue', call.memory.release ?? ''), call, 'Retire'),
  'remove.rules': (world, call) => {
    const { slot = 'blue', after = '' } = call.memory;
    if (world.rules.every((green) => weightOn(slot, green) === 0)) return at(world, call, 'remove.effect');
    return at(world, call, 'apply.read', { after: after === 'Complete' ? 'Retire' : 'Discard' });
  },
  'remove.effect': (world, call) => {
    const { slot = 'blue', after = '' } = call.memory;
    return answer(remove(world, slot, call.memory), call, after as State);
  },
  /** Starts what is reserved; a name that was ever used is not started again. */
  start: (world, call) => {
    const { after = 'Ended' } = call.memory;
    const started = startReserved(world);
    const name = after === 'ReportFailure' && owner(world, call).kind === 'recovery' ? 'Ended' : after;
    return after === 'none' ? withCall(started, call, null) : answer(started, call, name as State, ended);
  },
};

/** An effect that empties a slot: only what it was meant for, and under no weight, neither now nor by an apply on its way. */
const remove = (world: World, slot: Slot, { release, carries }: Memory): World => {
  const there = world.fleets[slot];
  if (!hasFleet(there)) return world;
  const isComing = world.calls.some(
    ({ at: place, memory: { green } }) =>
      (place === 'apply.rule1' || place === 'apply.rule2') && green !== undefined && weightOn(slot, green) > 0,
  );
  const flaw =
    releaseIn(there) !== release
      ? `a removal meant for ${release} takes ${releaseIn(there)} away`
      : world.rules.some((green) => weightOn(slot, green) > 0)
        ? `${slot} is removed while a rule gives it weight`
        : isComing
          ? `${slot} is removed under a weight that is still on its way`
          : world.row.phase === 'committed' && !carries?.[otherSlot(slot)]
            ? `${slot} is removed after commit by a step that has not seen ${otherSlot(slot)} carry`
            : null;
  return { ...world, fleets: { ...world.fleets, [slot]: 'removed' }, flaw: world.flaw ?? flaw };
};

/** Where a woken or timed-out park leads. */
export const wokenTo = ({ state }: Execution): State => (state === 'Bake' ? 'Judge' : 'Shift');

export const startReserved = (world: World): World => {
  const { lock } = world.row;
  if (lock.state !== 'reserved') return world;
  const { release, attempt } = lock.publication;
  const name = `${release}-${attempt}`;
  if (executionOf(world, name) !== undefined) return world;
  return { ...world, executions: [...world.executions, execution(name, 'derived', release, attempt)] };
};

/** A recovery, if the holder's execution is closed and none runs. */
export const startRecovery = (world: World): World => {
  const { lock } = world.row;
  if (lock.state !== 'held' || executionOf(world, lock.execution)?.running) return world;
  if (world.executions.some(({ kind, running }) => kind === 'recovery' && running)) return world;
  const n = world.executions.filter(({ kind }) => kind === 'recovery').length + 1;
  return { ...world, executions: [...world.executions, execution(`recovery-${n}`, 'recovery', '', 0)] };
};

/** Functions that belong to no execution. */
const others: Record<string, Act> = {
  alarm: (world, call) => {
    const held = heldBy(world.row);
    if (world.row.plan === null || held === null) return withCall(world, call, null);
    return at(world, call, 'alarm.abort', { carries: carriesNow(world), release: held.release, attempt: held.attempt });
  },
  'alarm.abort': (world, call, protocol) => {
    const { carries = neither, release = '', attempt = 0 } = call.memory;
    const request = { release, attempt, kind: 'failed', why: '', by: '', carries, now } as const;
    const decided = ask(world, call, protocol, 'abort', request);
    return decided.ok ? at(decided.world, decided.call, 'apply.read', { after: 'wake' }) : withCall(world, call, null);
  },
  approve: (world, call) => {
    const held = heldBy(world.row);
    if (held === null) return withCall(world, call, null);
    return at(world, call, 'approve.signal', { release: held.release, attempt: held.attempt });
  },
  'approve.signal': (world, call, protocol) => {
    const { release = '', attempt = 0 } = call.memory;
    const signal = { kind: 'approve', by: '', at: now } as const;
    const decided = ask(world, call, protocol, 'signal', { release, attempt, signal });
    return decided.ok ? at(decided.world, decided.call, 'wake', {}) : withCall(world, call, null);
  },
  /** on-image, or a person, with a release that was remembered when the function began. */
  publish: (world, call, protocol) => {
    const { release = '', closed: asked = false } = call.memory;
    const publication = publicationOf(release, nextAttempt(world, release), asked);
    const decided = ask(world, call, protocol, 'publish', { publication, now });
    const holder = heldBy(decided.world.row);
    return at(
      decided.world,
      decided.call,
      'publish.acquire',
      holder === null ? {} : { release: holder.release, attempt: holder.attempt },
    );
  },
  'publish.acquire': (world, call, protocol) => {
    const decided = ask(world, call, protocol, 'acquire', undefined);
    const { release } = call.memory;
    return at(
      decided.world,
      decided.call,
      release === undefined ? 'start' : 'publish.aside',
      release === undefined ? { after: 'none' } : call.memory,
    );
  },
  'publish.aside': (world, call, protocol) => {
    const { release = '', attempt = 0 } = call.memory;
    const decided = ask(world, call, protocol, 'stepAside', { release, attempt, by: '', now });
    return decided.ok ? at(decided.world, decided.call, 'wake', {}) : at(world, call, 'start', { after: 'none' });
  },
  /** Looks once, and does what it then thinks is to be done. */
  reconcile: (world, call) => {
    const { row, rules } = world;
    const read = withCall(world, call, { current: true });
    const reader = same(world, read, call);
    if (rules.some((green) => green !== row.wanted.weights.green)) return at(read, reader, 'apply.read', { after: '' });
    const { lock, live } = row;
    if (lock.state === 'free' && row.next !== null) return at(read, reader, 'reconcile.acquire', {});
    if (lock.state === 'free')
      return live === null
        ? withCall(world, call, null)
        : at(read, reader, 'reconcile.ensure', { slot: live.slot, release: live.release });
    const holder = lock.state === 'held' ? lock.execution : `${lock.publication.release}-${lock.publication.attempt}`;
    return at(read, reader, 'reconcile.look', { holder });
  },
  'reconcile.ensure': (world, call) =>
    withCall(ensure(world, call.memory.slot ?? 'blue', call.memory.release ?? ''), call, null),
  'reconcile.acquire': (world, call, protocol) => {
    const decided = ask(world, call, protocol, 'acquire', undefined);
    return at(decided.world, decided.call, 'start', { after: 'none' });
  },
  'reconcile.look': (world, call) => {
    const holder = executionOf(world, call.memory.holder ?? '');
    return at(world, call, 'reconcile.again', { closed: holder !== undefined && !holder.running });
  },
  'reconcile.again': (world, call, protocol) => {
    const request = { token: tokenOf(call), closed: call.memory.closed ?? false, now };
    const decided = ask(world, call, protocol, 'reserveAgain', request);
    if (!decided.ok) return withCall(startRecovery(startReserved(world)), call, null);
    return at(decided.world, decided.call, 'start', { after: 'none' });
  },
};

export const programs: Record<string, Act> = { ...admit, ...forward, ...back, ...shared, ...others };
