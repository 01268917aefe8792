/** What several functions do alike: apply, remove, start, wake. */
import { otherSlot } from '../../core/basics/slot.ts';
import { type Act, answer, at, ended, ensure, inSlot, owner, remove, same, startReserved, wokenTo } from './acting.ts';
import { carriesNow, isQuiet, type State, weightOn, withCall } from './world.ts';

/** What several functions share: `after` says where they go on. */
export const shared: Record<string, Act> = {
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
  'apply.again': (world, call) => {
    if (!call.still) return at(world, call, 'apply.read');
    const { after = '' } = call.memory;
    if (after === 'wake') return at(world, call, 'wake', {});
    if (after === '') return withCall(world, call, null);
    if (after.includes('.')) return at(world, call, after);
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
