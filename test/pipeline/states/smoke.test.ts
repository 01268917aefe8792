/** Smoke: which answers of a probe pass, which instances are asked, and what follows. */

import { describe, expect, it } from 'vitest';
import { Transient } from '../../../core/basics/errors.ts';
import { formatTime } from '../../../core/basics/format.ts';
import { smoke } from '../../../pipeline/states/smoke.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const probe = { path: '/health', from: 200, to: 200, within: 5 };
const probing = (...probes: (typeof probe)[]) => plan({}, service({ checks: { ...service().checks, smoke: probes } }));

const asked = async (status: number, one = probe) => {
  const { world, ports } = await createWorld(held({ plan: probing(one) }));
  world.probe = () => ({ status, body: 'x'.repeat(300) });
  return smoke(ports)(rollout());
};

describe('a status of a probe', () => {
  it.each([
    [200, 200, 200, 'Shift'],
    [199, 200, 200, 'RollBack'],
    [201, 200, 200, 'RollBack'],
    [200, 200, 399, 'Shift'],
    [399, 200, 399, 'Shift'],
    [400, 200, 399, 'RollBack'],
    [301, 301, 308, 'Shift'],
    [300, 301, 308, 'RollBack'],
  ])('%i passes from %i to %i, both included, or not: %s', async (status, from, to, next) => {
    const answer = await asked(status, { ...probe, from, to });
    expect(answer.next).toBe(next);
    if (next === 'RollBack')
      expect(answer.why).toBe(
        `smoke test failed: GET /health on i-green-0 answered ${status}, expected ${from} to ${to}: ${'x'.repeat(199)}…`,
      );
  });
});

it('Smoke asks each probe of five healthy instances of the new fleet, on their ports', async () => {
  const { world, ports, row } = await createWorld(held({ plan: probing(probe, { ...probe, path: '/deep' }) }));
  world.healthy = { blue: 9, green: 7 };
  const targets: string[] = [];
  const answer = await smoke({
    ...ports,
    probe: async ({ instance, port, path, within }) => {
      targets.push(`${instance}:${port}${path} ${within}`);
      return { status: 200, body: '' };
    },
  })(rollout());
  expect(targets).toEqual(
    [0, 1, 2, 3, 4].flatMap((id) => [`i-green-${id}:8080/health 5`, `i-green-${id}:8080/deep 5`]),
  );
  expect(answer).toMatchObject({ next: 'Shift', why: '10 probes of 5 instances passed' });
  expect((await ports.ledger.history('checkout')).map(({ kind, by }) => `${by} ${kind}`)).toEqual(['Smoke tested']);
  expect((await row()).phase).toBe('preparing');
});

it('Smoke without probes goes on and records no test', async () => {
  const { ports } = await createWorld(held({ plan: probing() }));
  expect((await smoke(ports)(rollout())).next).toBe('Shift');
  expect(await ports.ledger.history('checkout')).toEqual([]);
});

it('Smoke rolls back where no answer comes, and tries again where the probe could not be made', async () => {
  const { world, ports } = await createWorld(held({ plan: probing(probe) }));
  world.probe = () => {
    throw new Error('connect ECONNREFUSED');
  };
  expect(await smoke(ports)(rollout())).toMatchObject({
    next: 'RollBack',
    why: 'smoke test failed: GET /health on i-green-0 did not answer within 5 s: connect ECONNREFUSED',
  });
  world.probe = () => {
    throw new Transient('i-green-0 has no private address');
  };
  await expect(smoke(ports)(rollout())).rejects.toBeInstanceOf(Transient);
});

it('Smoke follows an abort without asking anything', async () => {
  const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
  const { world, ports } = await createWorld(held({ plan: probing(probe), phase: 'rollingBack', abort }));
  world.probe = () => {
    throw new Error('asked');
  };
  expect(await smoke(ports)(rollout())).toMatchObject({ next: 'RollBack', why: 'an alarm' });
});

it('Smoke asks for approval within its time, counted from the first time it is asked', async () => {
  const configuration = service({ approval: { within: 3600 } });
  const { world, ports } = await createWorld(held({ plan: plan({}, configuration) }));
  const approveBy = world.now + 60 * minute;
  expect(await smoke(ports)(rollout())).toMatchObject({ next: 'AwaitApproval', seconds: 900 });
  const [event] = await ports.ledger.history('checkout');
  expect(event).toMatchObject({ kind: 'waiting', by: 'AwaitApproval' });
  expect(event?.text).toContain(formatTime(approveBy));
  world.now += 50 * minute;
  expect(await smoke(ports)(rollout())).toMatchObject({ seconds: 600 });
  expect((await ports.ledger.row('checkout'))?.question).toMatchObject({ kinds: ['approval'], until: approveBy });
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

it('what an instance answers is shown without controls and credentials', async () => {
  const { world, ports } = await createWorld(held({ plan: probing(probe) }));
  world.probe = () => ({ status: 500, body: '\u001b[2Jpostgres://shop:hunter2@db refused\u202e' });
  const { why } = await smoke(ports)(rollout());
  expect(why).toMatch(/: postgres:\/\/…@db refused$/);
});
