/** Single steps: what each does when it is repeated, late, or somebody has decided otherwise meanwhile. */
import { expect, it } from 'vitest';
import { RolloutFailed, StaleToken } from '../../core/basics/errors.ts';
import { abortRollout } from '../../pipeline/operations/abort.ts';
import { recover } from '../../pipeline/shared/recover.ts';
import { startReserved } from '../../pipeline/shared/start-reserved.ts';
import { admit } from '../../pipeline/states/admit.ts';
import { awaitApproval } from '../../pipeline/states/await-approval.ts';
import { bake } from '../../pipeline/states/bake.ts';
import { checkReady } from '../../pipeline/states/check-ready.ts';
import { discard } from '../../pipeline/states/discard.ts';
import { judge } from '../../pipeline/states/judge.ts';
import { provision } from '../../pipeline/states/provision.ts';
import { reportFailure } from '../../pipeline/states/report-failure.ts';
import { retire } from '../../pipeline/states/retire.ts';
import { rollBack } from '../../pipeline/states/roll-back.ts';
import { shift } from '../../pipeline/states/shift.ts';
import { smoke } from '../../pipeline/states/smoke.ts';
import { minute, plan, publication, service, start } from '../core/build.ts';
import { createWorld, held, rollout } from './build.ts';

const settled = { weights: { blue: 0, green: 100 }, seq: 6, since: start };
const askedAt = new Date(start).toISOString();

it('every step under another token is stale', async () => {
  const { ports } = await createWorld(held({ token: 8 }));
  for (const step of [provision(ports), shift(ports), judge(ports), smoke(ports)])
    await expect(step(rollout())).rejects.toBeInstanceOf(StaleToken);
});

it('Provision waits until nothing of the last rollout can act any more', async () => {
  const { world, ports } = await createWorld(held({ wanted: { ...held().wanted, since: start + minute - 30_000 } }));
  const answer = await provision(ports)(rollout({ step: 0 }));
  expect(answer).toMatchObject({ next: 'wait', seconds: 90 });
  world.now += 90_000;
  expect((await provision(ports)(answer.rollout)).next).toBe('CheckReady');
});

it('CheckReady does not take an old fleet that was repaired since admission for more demand', async () => {
  const { old, steps } = plan();
  const { world, ports } = await createWorld(held({ plan: plan({ old: { ...old, count: 3 } }) }));
  world.healthy.green = 0;
  await checkReady(ports)(rollout({ step: steps.length }));
  expect(world.healthy).toEqual({ blue: 4, green: 4 });
});

it('Shift repeated after its answer was lost applies the same weight again and decides nothing', async () => {
  const { ports, row } = await createWorld(held());
  await shift(ports)(rollout());
  const before = await row();
  expect(before).toMatchObject({ step: 1, phase: 'shifting', wanted: { weights: { blue: 95, green: 5 } } });
  expect((await shift(ports)(rollout())).next).toBe('Bake');
  expect(await row()).toEqual(before);
});

it('Shift that comes late does nothing', async () => {
  const { ports, row } = await createWorld(held({ phase: 'shifting', step: 2 }));
  const before = await row();
  expect((await shift(ports)(rollout({ step: 1 }))).next).toBe('Bake');
  expect(await row()).toEqual(before);
});

it('Shift gives no weight that the healthy instances do not carry', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'shifting', step: 3 }));
  world.healthy.green = 3;
  const answer = await shift(ports)(rollout({ step: 4 }));
  expect(answer).toMatchObject({ next: 'Provision', why: '100 % needs 4 healthy instances, 3 are' });
  expect((await row()).step).toBe(3);
});

it('Shift and Judge follow an abort that came meanwhile', async () => {
  const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
  const { ports } = await createWorld(held({ phase: 'rollingBack', step: 1, abort }));
  for (const step of [shift(ports), judge(ports), provision(ports)])
    expect(await step(rollout())).toMatchObject({ next: 'RollBack', why: 'an alarm' });
});

it('a park after an abort wakes itself, and one before it is woken by it', async () => {
  const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
  const late = await createWorld(held({ phase: 'rollingBack', abort }));
  await awaitApproval(late.ports)({ rollout: rollout(), taskToken: 'late' });
  expect(late.world.woken).toEqual(['late']);

  const early = await createWorld(held({ phase: 'shifting', step: 1 }));
  await bake(early.ports)({ rollout: rollout(), taskToken: 'early' });
  expect(early.world.woken).toEqual([]);
  await abortRollout(early.ports, plan(), { why: 'by hand', by: 'ada' });
  expect(early.world.woken).toEqual(['early']);
});

it('an abort moves the weights back before it wakes anybody', async () => {
  const { world, ports } = await createWorld(
    held({
      phase: 'shifting',
      step: 2,
      parked: ['t'],
      wanted: { weights: { blue: 75, green: 25 }, seq: 4, since: start },
    }),
  );
  world.rules = { https: { blue: 75, green: 25 }, http: { blue: 75, green: 25 } };
  let atWake = {};
  const { wake } = ports.executions;
  ports.executions.wake = async (token) => {
    atWake = { ...world.rules };
    await wake(token);
  };
  expect(await abortRollout(ports, plan(), { why: 'by hand', by: 'ada' })).toBeNull();
  expect(atWake).toEqual({ https: { blue: 100, green: 0 }, http: { blue: 100, green: 0 } });
});

it('a rollback keeps the new fleet only where the old one does not carry and the new one does', async () => {
  for (const [old, fresh, serving] of [
    [4, 4, 'blue'],
    [3, 4, 'blue'],
    [1, 4, 'green'],
    [1, 1, 'blue'],
  ] as const) {
    const { world, ports, row } = await createWorld(held({ phase: 'settling', step: 4, wanted: settled }));
    world.healthy = { blue: old, green: fresh };
    await rollBack(ports)({ ...rollout(), why: 'bad' });
    expect((await row()).wanted.weights[serving], `${old} old, ${fresh} new`).toBe(100);
  }
});

it('Retire commits first, and removes the old fleet only once no rule gives it weight', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'settling', step: 4, wanted: settled }));
  world.rules = { https: { blue: 0, green: 100 }, http: { blue: 40, green: 60 } };
  expect((await retire(ports)(rollout())).next).toBe('wait');
  expect((await row()).phase).toBe('committed');
  expect(world.removed).toEqual([]);
  world.now = start + 3 * minute;
  expect((await retire(ports)(rollout())).next).toBe('wait');
  expect(world.removed).toEqual([]);
  expect(world.rules.http).toEqual({ blue: 0, green: 100 });
  // A weight that was corrected has to arrive everywhere.
  world.now += 2 * minute - 1;
  expect((await retire(ports)(rollout())).next).toBe('wait');
  world.now += 1;
  expect((await retire(ports)(rollout())).next).toBe('Complete');
  expect(world.removed).toEqual(['blue']);
});

it('Retire does not commit a fleet that has lost an instance', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'settling', step: 4, wanted: settled }));
  world.healthy.green = 3;
  expect((await retire(ports)(rollout())).next).toBe('Judge');
  expect((await row()).phase).toBe('settling');
});

it('Discard condemns a slot before it removes it, and turns while it still can', async () => {
  const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start };
  const wanted = { weights: { blue: 100, green: 0 }, seq: 6, since: start };
  const { world, ports, row } = await createWorld(held({ phase: 'rollingBack', step: 4, abort, wanted }));
  world.healthy = { blue: 0, green: 4 };
  await discard(ports)(rollout());
  expect((await row()).wanted.weights).toEqual({ blue: 0, green: 100 });
  expect(world.removed).toEqual([]);
  world.now += 3 * minute;
  await discard(ports)(rollout());
  expect((await row()).condemned).toBe('blue');
  expect(world.removed).toEqual(['blue']);
});

it('Discard of a rollout that a late Retire has committed after all is stale', async () => {
  const { world, ports } = await createWorld(held({ phase: 'committed', step: 4, wanted: settled }));
  await expect(discard(ports)(rollout())).rejects.toBeInstanceOf(StaleToken);
  expect(world.removed).toEqual([]);
});

it('ReportFailure throws after the record and when repeated, and starts over when redriven', async () => {
  const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start };
  const { world, ports, row } = await createWorld(held({ phase: 'rollingBack', abort, condemned: 'green' }));
  world.healthy.green = 0;
  const report = { ...rollout(), why: 'bad', askedAt };
  await expect(reportFailure(ports)(report)).rejects.toThrow(new RolloutFailed('bad'));
  expect((await row()).lock.state).toBe('free');
  await expect(reportFailure(ports)(report)).rejects.toBeInstanceOf(RolloutFailed);
  const redriven = await reportFailure(ports)({ ...report, askedAt: new Date(world.now + 1).toISOString() });
  expect(redriven.next).toBe('Admit');
  const records = await ports.ledger.records('checkout', publication('b').release);
  expect(records.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([[1, 'failed']]);
});

it('a superseded rollout ends without an error, and the next one is started', async () => {
  const abort = { kind: 'superseded' as const, why: 'c is newer', by: 'c', at: start };
  const next = publication('c');
  const { world, ports, row } = await createWorld(held({ phase: 'rollingBack', abort, condemned: 'green', next }));
  world.healthy.green = 0;
  const answer = await reportFailure(ports)({ ...rollout(), why: '', askedAt });
  expect(answer.next).toBe('Ended');
  expect(world.started).toEqual([`checkout-${next.release}-1`]);
  expect((await row()).lock).toMatchObject({ state: 'reserved', publication: next });
});

it('a smoke test says which answer broke it', async () => {
  const checks = { smoke: [{ path: '/health', from: 200, to: 299, within: 5 }] };
  const configuration = { ...service(), checks: { ...service().checks, ...checks } };
  const { world, ports } = await createWorld(held({ plan: plan({}, configuration) }));
  expect((await smoke(ports)(rollout())).next).toBe('Shift');
  world.probe = () => ({ status: 503, body: 'no database' });
  expect(await smoke(ports)(rollout())).toMatchObject({
    next: 'RollBack',
    why: expect.stringContaining('/health on i-green-0 answered 503, expected 200 to 299: no database') as string,
  });
});

it('Admit refuses a derived execution that comes too late, and admits the reserved one', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const { ports, row } = await createWorld(reserved);
  const input = { ...rollout(), token: 0, askedAt };
  const other = { ...input, release: publication('c').release, execution: `checkout-${publication('c').release}-1` };
  expect((await admit(ports)(other)).next).toBe('Ended');
  const admitted = await admit(ports)(input);
  expect(admitted.next).toBe('Provision');
  expect(await row()).toMatchObject({ phase: 'preparing', lock: { state: 'held', execution: input.execution } });
  // The answer was lost: asked again, it is the same.
  expect((await admit(ports)(input)).rollout.token).toBe(admitted.rollout.token);
});

it('Admit takes over from a dead execution, never from a running one', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'shifting', step: 1 }));
  const recovery = { ...rollout(), token: 7, execution: 'recover-checkout-7-1', askedAt };
  expect((await admit(ports)(recovery)).next).toBe('Ended');
  world.closed.push(rollout().execution);
  expect((await admit(ports)(recovery)).next).toBe('RollBack');
  expect(await row()).toMatchObject({ token: 8, phase: 'rollingBack', lock: { execution: 'recover-checkout-7-1' } });
});

it('a recovery has a name of its own, and a closed name is not tried again', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'shifting', step: 1 }));
  expect((await recover(ports, await row())).state).toBe('not needed');
  world.closed.push(rollout().execution, 'recover-checkout-7-1');
  // It has just ended: what kept it from its end has a while to pass.
  expect(await recover(ports, await row())).toEqual({ state: 'waiting', seconds: 120 });
  const ended = world.now;
  ports.executions.moved = async () => ended;
  world.now += 2 * minute;
  expect(await recover(ports, await row())).toEqual({ state: 'started', name: 'recover-checkout-7-2' });
  world.closed.push('recover-checkout-7-2', 'recover-checkout-7-3', 'recover-checkout-7-4');
  expect(await recover(ports, await row())).toEqual({ state: 'waiting', seconds: 13 * 60 });
  world.now += 6 * 60 * minute;
  expect(await recover(ports, await row())).toEqual({ state: 'started', name: 'recover-checkout-7-5' });
  world.closed.push('recover-checkout-7-5');
  expect(await recover(ports, await row())).toEqual({ state: 'given up' });
});

it('a reserved attempt whose execution closed before it got in becomes the next attempt', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const { world, ports, row } = await createWorld(reserved);
  world.closed.push(rollout().execution);
  const { release } = publication('b');
  expect(await startReserved(ports, 'checkout')).toBe(`checkout-${release}-2`);
  expect((await row()).lock).toMatchObject({ publication: { attempt: 2 } });
  expect((await ports.ledger.records('checkout', release)).map(({ outcome }) => outcome)).toEqual(['failed']);
});
