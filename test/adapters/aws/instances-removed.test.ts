/** Numbered instances: seen, removed in order and in batches, with evidence of what failed and a template that can work. */
import { describe, expect, test } from 'vitest';
import { fleetOf } from '../../../adapters/aws/fleet.ts';
import { fakeClient, shop } from './fake.ts';
import { instance, range, service, world } from './instances.ts';

describe('remove', () => {
  test('first deregisters in batches, and terminates nothing', async () => {
    const targets = Object.fromEntries(range(230, 'running').map(({ InstanceId = '' }) => [InstanceId, 'healthy']));
    const { fleet, deregistered, terminated } = world({ instances: range(230, 'running'), targets });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 230, draining: 230 });
    expect(deregistered().map((ids) => ids.length)).toEqual([100, 100, 30]);
    expect(terminated()).toEqual([]);
  });

  test('waits while anything drains, strangers in the target group included', async () => {
    const targets = { 'i-1': 'draining', 'i-stranger': 'draining' };
    const { fleet, deregistered, terminated } = world({ instances: range(2, 'running'), targets });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 3, draining: 2 });
    expect([deregistered(), terminated()]).toEqual([[], []]);
  });

  test('then terminates its own in batches, stopped ones too, and is done when all are ending', async () => {
    const instances = [...range(240, 'running'), instance(241, 'stopped'), instance(242, 'terminated')];
    const { fleet, terminated } = world({ instances, pageSize: 100 });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 0, draining: 0 });
    expect(terminated().map((ids) => ids.length)).toEqual([100, 100, 41]);
    expect(terminated().flat()).not.toContain('i-242');
  });

  test('of an empty slot is done at once', async () => {
    const { fleet, terminated } = world({ instances: range(3, 'terminated') });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 0, draining: 0 });
    expect(terminated()).toEqual([]);
  });
});

test('a slot is seen with states, reasons and zones', async () => {
  const { fleet } = world({
    instances: [
      instance(1, 'running', { Placement: { AvailabilityZone: 'eu-west-1a' } }),
      instance(2, 'stopped'),
      instance(3, 'terminated', { StateReason: { Message: 'Client.InvalidKMSKey.InvalidState' } }),
    ],
  });
  expect((await fleet.observe(service, 'green')).instances).toEqual([
    { id: 'i-1', zone: 'eu-west-1a', state: 'running', reason: null, release: 'abc', launchedAt: 1 },
    { id: 'i-2', zone: '', state: 'stopping', reason: null, release: 'abc', launchedAt: 2 },
    { id: 'i-3', zone: '', state: 'gone', reason: 'Client.InvalidKMSKey.InvalidState', release: 'abc', launchedAt: 3 },
  ]);
});

test('evidence is what the last three unready instances said, an unreadable console included', async () => {
  const instances = [
    instance(1, 'terminated', { StateReason: { Message: 'shut down' } }),
    ...range(5, 'running').slice(1),
  ];
  const all = await world({ instances, targets: { 'i-5': 'healthy', 'i-4': 'unhealthy' } }).fleet.evidence(
    service,
    'green',
    'abc',
  );
  expect(all.map((one) => one.instance)).toEqual(['i-2', 'i-3', 'i-4']);
  expect(all[2]?.said).toMatch(/^instance running\ntarget unhealthy, Target.Timeout\n\.{2035}out of memory$/);
  const [first] = await world({ instances: instances.slice(0, 1) }).fleet.evidence(service, 'green', 'abc');
  expect(first?.said).toMatch(
    /^instance terminated: shut down\nits console output could not be read: GetConsoleOutput failed/,
  );
});

describe('the template', () => {
  const over = (data: object) => {
    const ec2 = fakeClient({
      DescribeLaunchTemplateVersions: () => ({
        LaunchTemplateVersions: [{ LaunchTemplateId: 'lt-1', VersionNumber: 3, LaunchTemplateData: data }],
      }),
    });
    return { ec2, fleet: fleetOf({ ec2, elb: fakeClient({}), autoscaling: fakeClient({}) }) };
  };

  test('is its default version as a number, by name or by id', async () => {
    const { ec2, fleet } = over({ TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a/b' }] }] });
    expect(await fleet.template(service, 'green')).toEqual({ id: 'lt-1', version: '3', types: [] });
    await fleet.template(
      shop({ fleet: { kind: 'instances', launchTemplate: 'lt-1', subnets: ['subnet-a'], count: 4 } }),
      'green',
    );
    expect(ec2.sent.map(({ input }) => input)).toEqual([
      { LaunchTemplateName: 'shop', Versions: ['$Default'] },
      { LaunchTemplateId: 'lt-1', Versions: ['$Default'] },
    ]);
  });

  test('is refused when its tags cannot be read from instance metadata, or it fixes the network', async () => {
    const tagged = {
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team/name' }, { Key: 'cost center' }] }],
    };
    await expect(over(tagged).fleet.template(service, 'green')).rejects.toMatchObject({
      name: 'Rejected',
      message: expect.stringContaining('"team/name", "cost center"'),
    });
    await expect(over({ NetworkInterfaces: [{}] }).fleet.template(service, 'green')).rejects.toMatchObject({
      name: 'Rejected',
    });
  });
});
