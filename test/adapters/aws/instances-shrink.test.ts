/** Numbered instances that make room, are replaced, or have ended: who counts as healthy, who leaves, and by which port. */
import { describe, expect, test } from 'vitest';
import { instance, range, release, service, world } from './instances.ts';

const healthyFrom = (count: number) =>
  Object.fromEntries(range(count, 'running').map(({ InstanceId = '' }) => [InstanceId, 'healthy']));

describe('shrink', () => {
  test('deregisters the highest numbers first, and ends them once they have drained', async () => {
    const before = world({ instances: range(4, 'running'), targets: healthyFrom(4) });
    expect(await before.fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 2 });
    expect([before.deregistered(), before.terminated()]).toEqual([[['i-3', 'i-4']], []]);

    const draining = { ...healthyFrom(2), 'i-3': 'draining', 'i-4': 'draining' };
    const during = world({ instances: range(4, 'running'), targets: draining });
    expect(await during.fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 2 });
    expect([during.deregistered(), during.terminated()]).toEqual([[], []]);

    const after = world({ instances: range(4, 'running'), targets: healthyFrom(2) });
    expect(await after.fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 0 });
    expect(after.terminated()).toEqual([['i-3', 'i-4']]);
  });

  test.each(['unhealthy', 'draining', 'initial', 'unused', 'unavailable'])(
    'does nothing where one of those that stay is %s and the rest would not carry the weight',
    async (state) => {
      const { fleet, deregistered, terminated } = world({
        instances: range(4, 'running'),
        targets: { ...healthyFrom(4), 'i-2': state },
      });
      expect(await fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 2, short: true });
      expect([deregistered(), terminated()]).toEqual([[], []]);
    },
  );

  test('counts no target of a stranger, nor those that are to leave, as staying', async () => {
    const targets = { 'i-1': 'healthy', 'i-3': 'healthy', 'i-4': 'healthy', 'i-stranger': 'healthy' };
    const { fleet } = world({ instances: range(4, 'running'), targets });
    expect(await fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 2, short: true });
    expect(await fleet.shrink(service, 'green', 2, 1)).toEqual({ left: 2 });
  });

  test('asked to carry nothing takes them whatever is healthy', async () => {
    const { fleet, terminated } = world({ instances: range(3, 'running') });
    expect(await fleet.shrink(service, 'green', 1)).toEqual({ left: 0 });
    expect(terminated()).toEqual([['i-2', 'i-3']]);
  });

  test('of a slot that has no more than asked for is done', async () => {
    const { fleet, deregistered } = world({ instances: [...range(2, 'running'), instance(3, 'shutting-down')] });
    expect(await fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 0 });
    expect(deregistered()).toEqual([]);
  });

  test('deregisters a target by the port that it was registered with', async () => {
    const { fleet, deregisteredTargets } = world({
      instances: range(2, 'running'),
      targets: healthyFrom(2),
      ports: { 'i-2': 8081 },
    });
    await fleet.shrink(service, 'green', 1, 1);
    expect(deregisteredTargets()).toEqual([{ Id: 'i-2', Port: 8081 }]);
  });
});

const ported = { targets: healthyFrom(3), ports: { 'i-2': 8081, 'i-3': 8082 } };

test('removed, replaced and evicted instances leave by the port they were registered with', async () => {
  const emptied = world({ instances: range(3, 'running'), ...ported });
  await emptied.fleet.remove(service, 'green');
  expect(emptied.deregisteredTargets()).toEqual([{ Id: 'i-1' }, { Id: 'i-2', Port: 8081 }, { Id: 'i-3', Port: 8082 }]);

  const replaced = world({ instances: range(3, 'running'), ...ported });
  await replaced.fleet.replace(service, 'green', 'i-2');
  expect(replaced.deregisteredTargets()).toEqual([{ Id: 'i-2', Port: 8081 }]);
  expect(replaced.terminated()).toEqual([['i-2']]);

  const evicted = world({ instances: range(3, 'running'), ...ported });
  await evicted.fleet.evict(service, ['i-3', 'i-9']);
  expect(evicted.deregisteredTargets()).toEqual([
    { Id: 'i-3', Port: 8082 },
    { Id: 'i-3', Port: 8082 },
  ]);
  expect(evicted.terminated()).toEqual([['i-9']]);
});

test('an instance that has ended leaves the target group by the port it was registered with', async () => {
  const { fleet, deregisteredTargets, registered } = world({
    instances: [instance(1, 'running'), instance(2, 'terminated'), instance(3, 'running')],
    ...ported,
  });
  await fleet.ensure(release, 'green', 3);
  expect(deregisteredTargets()).toEqual([{ Id: 'i-2', Port: 8081 }]);
  expect(registered()).toEqual([]);
});
