/** The simulated Auto Scaling, held to what AWS documents. */
import {
  AttachLoadBalancerTargetGroupsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateVersionCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../core/config/service.ts';
import { cloudForTests, service } from './fixture.ts';

const shop: Service = { ...service, fleet: { kind: 'groups', blue: 'shop-blue', green: 'shop-green', count: 4 } };

const open = (setUp: Parameters<typeof cloudForTests>[1] = {}) => {
  const cloud = cloudForTests();
  cloud.world.targetGroups.clear();
  cloud.setUp(shop, setUp);
  const { autoscaling, ec2 } = cloud.clients;
  const group = async () => {
    const { AutoScalingGroups: [found] = [] } = await cloud.done(
      autoscaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['shop-blue'] })),
    );
    return found;
  };
  return {
    cloud,
    ec2,
    autoscaling,
    group,
    update: (change: Omit<UpdateAutoScalingGroupCommandInput, 'AutoScalingGroupName'>) =>
      cloud.done(autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'shop-blue', ...change }))),
    inService: async () =>
      ((await group())?.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService').length,
    activities: async () =>
      (await cloud.done(autoscaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'shop-blue' }))))
        .Activities ?? [],
  };
};

describe('sizes', () => {
  test('a minimum above the desired capacity raises that, a maximum below it lowers it', async () => {
    const { update, group } = open();
    await update({ MinSize: 3 });
    expect(await group()).toMatchObject({ MinSize: 3, DesiredCapacity: 3 });
    await update({ MinSize: 0, MaxSize: 2 });
    expect(await group()).toMatchObject({ MaxSize: 2, DesiredCapacity: 2 });
  });

  test('a desired capacity outside its bounds is refused', async () => {
    const { update } = open({ groups: { max: 4 } });
    await expect(update({ DesiredCapacity: 5 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(update({ MinSize: 5 })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('are reached over all zones, and instances of the most crowded zone go first', async () => {
    const { cloud, update, group, inService } = open();
    await update({ MinSize: 0, DesiredCapacity: 7 });
    await cloud.pass(120);
    expect(await inService()).toBe(7);
    const zones = async () =>
      Object.values(Object.groupBy((await group())?.Instances ?? [], ({ AvailabilityZone = '' }) => AvailabilityZone))
        .map((members) => members?.length)
        .sort();
    expect(await zones()).toEqual([2, 2, 3]);
    await update({ DesiredCapacity: 6 });
    await cloud.pass(900);
    expect(await zones()).toEqual([2, 2, 2]);
  });
});

describe('processes', () => {
  const named = (names?: string[]) => ({
    AutoScalingGroupName: 'shop-blue',
    ...(names && { ScalingProcesses: names }),
  });

  test('without names all are meant', async () => {
    const { cloud, autoscaling, group } = open();
    await cloud.done(autoscaling.send(new SuspendProcessesCommand(named())));
    expect((await group())?.SuspendedProcesses?.length).toBeGreaterThan(8);
    await cloud.done(autoscaling.send(new ResumeProcessesCommand(named([]))));
    expect((await group())?.SuspendedProcesses).toEqual([]);
  });

  test('that are suspended do nothing: no launch, no end, no schedule', async () => {
    const { cloud, autoscaling, update, inService, group } = open();
    await update({ DesiredCapacity: 2 });
    await cloud.pass(120);
    await cloud.done(autoscaling.send(new SuspendProcessesCommand(named(['Launch', 'Terminate', 'ScheduledActions']))));
    cloud.schedule('shop-blue', { name: 'night', at: cloud.time.now() + 60_000, desired: 0 });
    await update({ DesiredCapacity: 4 });
    await cloud.pass(300);
    expect(await inService()).toBe(2);
    expect((await group())?.DesiredCapacity).toBe(4);
    // A scheduled action that fell due meanwhile is not made up for.
    await cloud.done(autoscaling.send(new ResumeProcessesCommand(named())));
    await cloud.pass(300);
    expect(await inService()).toBe(4);
  });
});

describe('launch template versions', () => {
  test('one that was made a moment ago is unknown for a while', async () => {
    const { cloud, ec2, update, group } = open();
    const LaunchTemplateId = (await group())?.LaunchTemplate?.LaunchTemplateId ?? '';
    await cloud.done(
      ec2.send(
        new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, SourceVersion: '1', LaunchTemplateData: {} }),
      ),
    );
    const change = { LaunchTemplate: { LaunchTemplateId, Version: '2' } };
    await expect(update(change)).rejects.toThrow(/Could not find the specified version/);
    await cloud.pass(5);
    await update(change);
    expect((await group())?.LaunchTemplate?.Version).toBe('2');
  });

  test('cannot be changed under a refresh that has a desired configuration; sizes can', async () => {
    const { cloud, update, group } = open();
    cloud.changeGroup('shop-blue', { refreshes: [{ id: 'r-1', status: 'InProgress', desiredConfiguration: true }] });
    const LaunchTemplateId = (await group())?.LaunchTemplate?.LaunchTemplateId ?? '';
    await expect(update({ LaunchTemplate: { LaunchTemplateId, Version: '1' } })).rejects.toThrow(
      /An active instance refresh with a desired configuration exists/,
    );
    await update({ DesiredCapacity: 1 });
  });
});

describe('an image that is not there', () => {
  const newVersion = async ({ cloud, ec2, group }: ReturnType<typeof open>, ImageId: string) => {
    const LaunchTemplateId = (await group())?.LaunchTemplate?.LaunchTemplateId ?? '';
    const LaunchTemplateData = { ImageId };
    await cloud.done(
      ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, SourceVersion: '1', LaunchTemplateData })),
    );
    await cloud.pass(5);
    return { LaunchTemplate: { LaunchTemplateId, Version: '2' } };
  };

  test('refuses the template version that names it, for good, and one that is disabled', async () => {
    const opened = open();
    opened.cloud.world.amis.set('ami-2', { id: 'ami-2', name: 'off', owner: 'self', state: 'disabled', madeAt: 0 });
    for (const [ami, words] of [
      ['ami-1', "You must use a valid fully-formed launch template. The image id '[ami-1]' does not exist"],
      ['ami-2', "You must use a valid fully-formed launch template. The image ID 'ami-2' is not available"],
    ] as const) {
      const change = await newVersion(opened, ami);
      const Version = ami === 'ami-1' ? '2' : '3';
      await expect(
        opened.update({ LaunchTemplate: { ...change.LaunchTemplate, Version }, DesiredCapacity: 1 }),
      ).rejects.toThrow(words);
    }
    expect(await opened.group()).toMatchObject({ DesiredCapacity: 0, LaunchTemplate: { Version: '1' } });
  });

  test('that goes away later fails each launch, in the activities’ words', async () => {
    const { cloud, update, inService, activities } = open();
    cloud.world.amis.clear();
    await update({ DesiredCapacity: 1 });
    await cloud.pass(60);
    expect(await inService()).toBe(0);
    expect((await activities())[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: expect.stringContaining('does not exist. Launching EC2 instance failed.'),
    });
  });
});

test('a group that names its template version $Latest or $Default launches from that', async () => {
  const { cloud, update, inService } = open();
  for (const version of ['$Latest', '$Default']) {
    const group = cloud.world.autoScalingGroups.get('shop-blue');
    if (group !== undefined) group.template.version = version;
    await update({ DesiredCapacity: version === '$Latest' ? 1 : 2 });
    await cloud.pass(120);
  }
  expect(await inService()).toBe(2);
});

describe('a member', () => {
  test('leaves its target group and drains before it ends', async () => {
    const { cloud, update, inService } = open({ deregistrationDelay: 120 });
    await update({ DesiredCapacity: 1 });
    await cloud.pass(180);
    expect(await inService()).toBe(1);
    const [instance] = [...cloud.world.instances.values()];
    await update({ DesiredCapacity: 0 });
    await cloud.pass(60);
    expect(instance?.state).toBe('running');
    await cloud.pass(180);
    expect(instance?.state).toBe('terminated');
  });

  test('that dies is replaced, and the activities say why', async () => {
    const { cloud, update, inService, activities } = open();
    await update({ DesiredCapacity: 2 });
    await cloud.pass(120);
    cloud.world.kill([...cloud.world.instances.keys()][0] ?? '');
    await cloud.pass(240);
    expect(await inService()).toBe(2);
    expect((await activities()).map(({ Cause }) => Cause).join('\n')).toContain('in response to an EC2 health check');
  });

  test('that cannot be launched leaves a failed activity, and it is tried again', async () => {
    const { cloud, update, inService, activities } = open();
    for (const { zone } of cloud.world.subnets.values()) cloud.world.capacity.set(zone, 0);
    await update({ DesiredCapacity: 1 });
    await cloud.pass(60);
    expect((await activities())[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: expect.stringContaining('do not have sufficient m7g.large capacity'),
    });
    cloud.world.capacity.clear();
    await cloud.pass(1200);
    expect(await inService()).toBe(1);
  });
});

test('a target group that is attached gets the instances that are in service', async () => {
  const { cloud, autoscaling, update } = open();
  cloud.changeGroup('shop-blue', { targetGroups: [] });
  await update({ DesiredCapacity: 2 });
  await cloud.pass(120);
  const targets = () => cloud.world.targetsNow(cloud.world.targetGroups.get(shop.slots.blue) as never).size;
  expect(targets()).toBe(0);
  await cloud.done(
    autoscaling.send(
      new AttachLoadBalancerTargetGroupsCommand({
        AutoScalingGroupName: 'shop-blue',
        TargetGroupARNs: [shop.slots.blue],
      }),
    ),
  );
  await cloud.pass(60);
  expect(targets()).toBe(2);
});
