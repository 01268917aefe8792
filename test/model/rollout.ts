/** A rollout's states from Provision on, forward and back, one read, decision or effect at a time. */
import { fullSlot, otherSlot } from '../../core/basics/slot.ts';
import { holderOf } from '../../core/release/publications.ts';
import {
  type Act,
  answer,
  ask,
  at,
  byPhase,
  continuationOf,
  ended,
  ensure,
  fleetsOf,
  inSlot,
  neither,
  owner,
  same,
  startContinuation,
  timesContinued,
  tokenOf,
} from './acting.ts';
import { answersNow, carriesNow, isQuiet, now, withCall } from './world.ts';

export const forward: Record<string, Act> = {
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
    if (row.step === 0 && row.signals.some(({ kind }) => kind === 'reject')) return answer(world, call, 'RollBack');
    if (!isApproved && row.plan !== null && row.step === 0 && row.signals.length === 0)
      // Until the deadline it is waited for; no answer means no.
      return row.question === null && row.phase === 'preparing'
        ? at(world, call, 'Shift.ask')
        : [answer(world, call, 'AwaitApproval'), answer(world, call, 'RollBack')];
    return at(world, call, 'Shift.decide', { carries: carriesNow(world), step: owner(world, call).step });
  },
  'Shift.ask': (world, call, protocol) => {
    const asked = ask(world, call, protocol, 'ask', {
      token: tokenOf(call),
      kinds: ['approval'],
      step: 0,
      until: null,
      why: '',
      now,
    });
    return answer(asked.world, asked.call, 'AwaitApproval');
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
    // Long enough, it may be that another goes on to the next weight, or to the next look at this one.
    const isLong = timesContinued(call.by) < world.continued;
    const asks = !world.isApproved && row.question === null;
    return [
      ...(asks ? [at(world, call, 'Judge.ask', { step: row.step })] : []),
      answer(world, call, row.phase === 'settling' ? 'Retire' : 'Provision'),
      answer(world, call, 'RollBack'),
      ...(isLong ? [answer(world, call, 'HandOver')] : []),
    ];
  },
  'Judge.ask': (world, call, protocol) => {
    const { step = 0 } = call.memory;
    const request = { token: tokenOf(call), kinds: ['noTraffic'], step, until: null, why: '', now };
    const asked = ask(world, call, protocol, 'ask', request);
    return answer(asked.world, asked.call, 'Bake');
  },
  HandOver: (world, call) => {
    const one = owner(world, call);
    const { release, attempt } = one;
    return at(world, call, 'HandOver.decide', { holder: continuationOf(one), release, attempt });
  },
  'HandOver.decide': (world, call, protocol) => {
    const { holder = '' } = call.memory;
    const over = ask(world, call, protocol, 'handOver', { token: tokenOf(call), execution: holder });
    // Tried again after it has been decided: only the start is left to do.
    const decided = world.row.lock.state === 'held' && world.row.lock.execution === holder;
    return over.ok || decided ? at(over.world, over.call, 'HandOver.start') : answer(world, call, 'Admit');
  },
  'HandOver.start': (world, call) =>
    answer(startContinuation(world, call.memory.holder ?? '', call.memory), call, 'Ended', ended),
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

export const back: Record<string, Act> = {
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
    at(world, call, 'Discard.turn', {
      carries: carriesNow(world),
      answers: answersNow(world),
      slot: owner(world, call).slot ?? 'blue',
    }),
  'Discard.turn': (world, call, protocol) => {
    const { carries = neither, answers = neither, slot = 'blue' } = call.memory;
    const decided = ask(world, call, protocol, 'turn', { token: tokenOf(call), carries, now });
    if (decided.ok) return at(decided.world, decided.call, 'apply.read', { after: 'Discard' });
    return at(world, call, 'Discard.condemn', { slot, answers });
  },
  'Discard.condemn': (world, call, protocol) => {
    const { slot = 'blue', answers = neither } = call.memory;
    const decided = ask(world, call, protocol, 'condemn', { token: tokenOf(call), slot, answers, now });
    if (decided.ok)
      return at(decided.world, decided.call, 'remove.rules', { slot, after: 'ReportFailure', ...inSlot(world, slot) });
    if (decided.guard === 'quiet') return answer(world, call, 'Discard');
    if (decided.guard === 'otherAnswers') return at(world, call, 'Discard.grow', { slot: otherSlot(slot) });
    return answer(world, call, decided.guard === 'noWeight' ? 'RollBack' : 'Admit');
  },
  // Whatever has the traffic is made whole before the only fleet that answers goes.
  'Discard.grow': (world, call) => {
    const { slot = 'blue' } = call.memory;
    const { live, condemned } = world.row;
    const isLost = live?.slot === slot && condemned === null && world.row.phase === 'rollingBack';
    return answer(isLost && call.current ? ensure(world, slot, live.release) : world, call, 'Discard');
  },
  ReportFailure: (world, call) => {
    const { row } = world;
    const { release, attempt, asked, spent } = owner(world, call);
    const held = holderOf(row);
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
