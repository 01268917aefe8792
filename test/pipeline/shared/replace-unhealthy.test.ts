import { expect, it } from 'vitest';
import { replaceUnhealthy } from '../../../pipeline/shared/replace-unhealthy.ts';
import { service } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const minute = 60_000;

it.each([
  ['one of four', ['healthy', 'healthy', 'healthy', 'unhealthy'], 'i-3'],
  ['two of four: the older', ['healthy', 'unhealthy', 'healthy', 'unhealthy'], 'i-1'],
  ['three of four: what all share is nobody’s own', ['unhealthy', 'healthy', 'unhealthy', 'unhealthy'], null],
  ['all, which a load balancer sends to then', ['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy'], null],
  ['none', ['healthy', 'healthy', 'healthy', 'healthy'], null],
])('%s', async (_, states, replaced) => {
  const { ports, world } = await createWorld(held());
  const calls: string[] = [];
  ports.fleet.replace = async (_service, slot, id) => void calls.push(`${slot} ${id}`);
  const ids = states.map((_state, index) => `i-${index}`);
  const targets = ids.map((id, index) => ({ id, state: states[index] as 'healthy', reason: null, port: 80 }));
  const launched = (ages: number[]) => ({
    number: 4,
    limits: null,
    instances: ids.map((id, index) => ({
      id,
      zone: 'a',
      state: 'running' as const,
      reason: null,
      release: 'a',
      launchedAt: world.now - (ages[index] ?? 60) * minute,
    })),
  });
  await replaceUnhealthy(ports, service(), 'blue', 4, launched([60, 59, 58, 57]), targets);
  expect(calls).toEqual(replaced === null ? [] : [`blue ${replaced}`]);
  // One that may still be booting is waited for.
  await replaceUnhealthy(ports, service(), 'blue', 4, launched([0, 0, 0, 0]), targets);
  expect(calls).toHaveLength(replaced === null ? 0 : 1);
});
