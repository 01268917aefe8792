/** Shift: what it does when it is repeated, late, or capacity has gone. */
import { expect, it } from 'vitest';
import { shift } from '../../../pipeline/states/shift.ts';
import { plan, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

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

it('Shift that an alarm holds prepares the first weight anew, and gives none', async () => {
  const watching = service({ checks: { alarms: ['5xx'] } });
  const { world, ports, row } = await createWorld(held({ plan: plan({}, watching) }), watching);
  world.alarms = [{ name: '5xx', state: 'ALARM', since: start + 1, dataFrom: start, reason: 'errors' }];
  const answer = await shift(ports)(rollout());
  expect(answer).toMatchObject({ next: 'Provision', why: expect.stringMatching(/^alarm 5xx went off/) });
  expect(answer.rollout.progress.step).toBe(0);
  expect((await row()).step).toBe(0);
});
