/** Admit, one read or decision at a time. */
import { holderOf } from '../../core/release/publications.ts';
import { type Act, answer, ask, at, byPhase, ended, holderIn, neither, owner, same, tokenOf } from './acting.ts';
import {
  askedAt,
  carriesNow,
  executionOf,
  nextAttempt,
  now,
  planFor,
  publicationOf,
  type World,
  withCall,
} from './world.ts';

export const admit: Record<string, Act> = {
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
      closed && owner(world, call).kind === 'console' && holderOf(world.row)?.release !== owner(world, call).release;
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
      const { release, attempt } = holderOf(row) ?? { release: '', attempt: 0 };
      return answer(decided.world, decided.call, state, {
        current: decided.world.flaw === null,
        release,
        attempt,
        step,
      });
    };
    const admitted = ask(world, call, protocol, 'admit', { release, attempt, execution: call.by, plan, now });
    if (admitted.ok) return enter(admitted);
    const held = holderOf(world.row);
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
