/** The functions that belong to no execution: an alarm, a person, an event, reconcile. */
import { fullSlot, otherSlot } from '../../core/basics/slot.ts';
import { holderOf } from '../../core/release/publications.ts';
import { type Act, ask, at, ensure, neither, remove, same, startRecovery, startReserved, tokenOf } from './acting.ts';
import { carriesNow, executionOf, nextAttempt, now, publicationOf, withCall } from './world.ts';

/** Functions that belong to no execution. */
export const others: Record<string, Act> = {
  alarm: (world, call) => {
    const held = holderOf(world.row);
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
    const held = holderOf(world.row);
    if (held === null) return withCall(world, call, null);
    // Whoever has seen no question answers all the same.
    const question = world.row.question?.id ?? 'none';
    return at(world, call, 'approve.signal', { release: held.release, attempt: held.attempt, question });
  },
  'approve.signal': (world, call, protocol) => {
    const { release = '', attempt = 0, question = '' } = call.memory;
    const signal = { kind: 'approve', by: '', at: now, question } as const;
    const decided = ask(world, call, protocol, 'signal', { release, attempt, signal });
    return decided.ok ? at(decided.world, decided.call, 'wake', {}) : withCall(world, call, null);
  },
  reject: (world, call) => {
    const held = holderOf(world.row);
    if (held === null) return withCall(world, call, null);
    return at(world, call, 'reject.signal', { release: held.release, attempt: held.attempt });
  },
  'reject.signal': (world, call, protocol) => {
    const { release = '', attempt = 0 } = call.memory;
    const signal = { kind: 'reject', by: '', at: now } as const;
    const decided = ask(world, call, protocol, 'signal', { release, attempt, signal });
    return decided.ok ? at(decided.world, decided.call, 'wake', {}) : withCall(world, call, null);
  },
  /** on-image, or a person, with a release that was remembered when the function began. */
  publish: (world, call, protocol) => {
    const { release = '', closed: asked = false } = call.memory;
    const publication = publicationOf(release, nextAttempt(world, release), asked);
    const decided = ask(world, call, protocol, 'publish', { publication, now });
    const holder = holderOf(decided.world.row);
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
    const idle = otherSlot(live?.slot ?? fullSlot(row.wanted.weights));
    const sweeps = at(read, reader, 'reconcile.sweep', { slot: idle, release: 'nobody' });
    if (lock.state === 'free')
      return live === null
        ? sweeps
        : [at(read, reader, 'reconcile.ensure', { slot: live.slot, release: live.release }), sweeps];
    const holder = lock.state === 'held' ? lock.execution : `${lock.publication.release}-${lock.publication.attempt}`;
    return [at(read, reader, 'reconcile.look', { holder }), sweeps];
  },
  'reconcile.ensure': (world, call) =>
    withCall(ensure(world, call.memory.slot ?? 'blue', call.memory.release ?? ''), call, null),
  'reconcile.sweep': (world, call, protocol) => {
    const decided = ask(world, call, protocol, 'sweep', { token: tokenOf(call), now });
    return decided.ok
      ? at(decided.world, decided.call, 'reconcile.remove', call.memory)
      : withCall(decided.world, decided.call, null);
  },
  'reconcile.remove': (world, call) => withCall(remove(world, call.memory.slot ?? 'blue', call.memory), call, null),
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
