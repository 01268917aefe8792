/** Auto Scaling groups by hand: which failures to launch count, how a group grows, gives room, is pinned, restored and emptied. */
import type {
  Activity,
  AutoScalingGroup,
  SetInstanceProtectionCommandInput,
  SuspendProcessesCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { fleetOf } from '../../../adapters/aws/fleet.ts';
import {
  endings,
  findGroups,
  type Group,
  inService,
  launchFailure,
  lifecycleOf,
} from '../../../adapters/aws/groups/auto-scaling.ts';
import { fails, fakeClient, green, inputsOf, sdkError, shop } from './fake.ts';

const service = shop({ fleet: { kind: 'groups', blue: 'shop-blue', green: 'shop-green', count: 4 } });
const member = (number: number, LifecycleState = 'InService', HealthStatus = 'Healthy', more = {}) => ({
  InstanceId: `i-${number}`,
  AvailabilityZone: 'a',
  LifecycleState: LifecycleState as 'InService',
  HealthStatus,
  ProtectedFromScaleIn: false,
  LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' },
  ...more,
});
const members = (count: number) => Array.from({ length: count }, (_, index) => member(index + 1));
const groupOf = (change: Partial<AutoScalingGroup> = {}): Group =>
  ({
    AutoScalingGroupName: 'shop-green',
    AutoScalingGroupARN:
      'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/shop-green',
    MinSize: 0,
    MaxSize: 10,
    DesiredCapacity: 4,
    Instances: members(4),
    LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' },
    SuspendedProcesses: [],
    ...change,
  }) as Group;
const target = (id: string, State: string, Port = 80): TargetHealthDescription => ({
  Target: { Id: id, Port },
  TargetHealth: { State: State as 'healthy' },
});

interface Given {
  group?: Partial<AutoScalingGroup>;
  targets?: TargetHealthDescription[];
  activities?: Activity[];
}

const world = ({ group = {}, targets = [], activities = [] }: Given = {}) => {
  const autoscaling = fakeClient({
    DescribeAutoScalingGroups: ({ AutoScalingGroupNames: [name] }: { AutoScalingGroupNames: string[] }) => ({
      AutoScalingGroups: [groupOf({ AutoScalingGroupName: name ?? '', ...group })],
    }),
    UpdateAutoScalingGroup: () => ({}),
    SuspendProcesses: () => ({}),
    ResumeProcesses: () => ({}),
    SetInstanceProtection: () => ({}),
    DescribeScalingActivities: () => ({ Activities: activities }),
  });
  const elb = fakeClient({
    DescribeTargetHealth: () => ({ TargetHealthDescriptions: targets }),
    RegisterTargets: () => ({}),
    DeregisterTargets: () => ({}),
  });
  const ec2 = fakeClient({
    DescribeInstances: () => ({ Reservations: [] }),
    DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: [] }),
  });
  const sent = (command: string) =>
    inputsOf<UpdateAutoScalingGroupCommandInput>(autoscaling, command).map(
      ({ AutoScalingGroupName, ...input }) => input,
    );
  return {
    fleet: fleetOf({ ec2, elb, autoscaling }),
    elb,
    autoscaling,
    updates: () => sent('UpdateAutoScalingGroup'),
    suspended: () => inputsOf<SuspendProcessesCommandInput>(autoscaling, 'SuspendProcesses'),
    resumed: () => inputsOf<SuspendProcessesCommandInput>(autoscaling, 'ResumeProcesses'),
    unprotected: () => inputsOf<SetInstanceProtectionCommandInput>(autoscaling, 'SetInstanceProtection'),
  };
};

const activity = (at: number, StatusCode: string, StatusMessage = '', Description = 'Launching a new EC2 instance') =>
  ({ StartTime: new Date(at), StatusCode, StatusMessage, Description }) as Activity;

describe('a failed launch', () => {
  const since = 1_000_000;
  const failure = (...Activities: Activity[]) =>
    launchFailure(fakeClient({ DescribeScalingActivities: () => ({ Activities }) }), 'shop-green', since);

  test('counts from the given time on, and no older one says anything about today', async () => {
    const text = 'shop-green could not launch: no capacity';
    expect(await failure(activity(since, 'Failed', 'no capacity'))).toBe(text);
    expect(await failure(activity(since - 1, 'Failed', 'no capacity'))).toBeNull();
    expect(await failure(activity(since + 5, 'Failed', 'no capacity'), activity(since - 1, 'Successful'))).toBe(text);
  });

  test('is told by the newest launch that has ended, in whatever order they come', async () => {
    const failed = activity(since + 1, 'Failed', 'no capacity');
    expect(await failure(failed, activity(since + 2, 'Successful'))).toBeNull();
    expect(await failure(activity(since + 2, 'Successful'), failed)).toBeNull();
    expect(await failure(activity(since, 'Successful'), failed)).toContain('no capacity');
    expect(await failure(activity(since + 2, 'InProgress'), failed)).toContain('no capacity');
    expect(await failure(activity(since + 2, 'PreInService'), failed)).toContain('no capacity');
    expect(await failure(activity(since + 3, 'Cancelled'), activity(since, 'Successful'))).toBe(
      'shop-green could not launch: the activity was Cancelled',
    );
  });

  test('is no instance that failed to end, and none at all where nothing was launched', async () => {
    expect(await failure(activity(since, 'Failed', 'x', 'Terminating EC2 instance: i-1'))).toBeNull();
    expect(await failure()).toBeNull();
  });

  test('is told without Auto Scaling’s closing words', async () => {
    const said = 'You have reached your quota. Launching EC2 instance failed.';
    expect(await failure(activity(since, 'Failed', said))).toBe(
      'shop-green could not launch: You have reached your quota.',
    );
  });
});

test('a group’s reason for ending an instance names a grace period that is too short', async () => {
  const ended = (id: string, Cause: string) => ({ Description: `Terminating EC2 instance: ${id}`, Cause }) as Activity;
  const activities = [
    ended('i-1', 'At 2026-01-05T09:00:00Z an instance was taken out of service in response to an EC2 health check.'),
    ended(
      'i-2',
      'At 2026-01-05T09:00:00Z an instance was taken out of service in response to an ELB system health check failure.',
    ),
    activity(0, 'Failed'),
  ];
  const autoscaling = fakeClient({ DescribeScalingActivities: () => ({ Activities: activities }) });
  const found = await endings(autoscaling, groupOf({ HealthCheckGracePeriod: 30 }));
  expect([...found]).toEqual([
    ['i-1', 'its group ended it: an instance was taken out of service in response to an EC2 health check'],
    [
      'i-2',
      'its group ended it: an instance was taken out of service in response to an ELB system health check failure; if it was still booting, shop-green has a health check grace period of 30 s, which is too short',
    ],
  ]);
  expect(autoscaling.sent[0]?.input).toEqual({ AutoScalingGroupName: 'shop-green', MaxRecords: 100 });
});

test('a member runs in service alone, is pending before it, and is leaving in any other state', () => {
  const seen = (LifecycleState?: string) => lifecycleOf({ LifecycleState } as never);
  expect(seen('InService')).toBe('running');
  for (const state of ['Pending', 'Pending:Wait', 'Pending:Proceed']) expect(seen(state)).toBe('pending');
  for (const state of ['Terminating', 'Terminating:Wait', 'Detaching', 'Standby', 'EnteringStandby', 'New', undefined])
    expect(seen(state)).toBe('stopping');
});

test('in service are members that are InService and healthy, however that is spelt', () => {
  const Instances = [
    member(1),
    member(2, 'InService', 'HEALTHY'),
    member(3, 'InService', 'Unhealthy'),
    member(4, 'Pending'),
    member(5, 'Terminating'),
  ];
  expect(inService(groupOf({ Instances })).map(({ InstanceId }) => InstanceId)).toEqual(['i-1', 'i-2']);
});

describe('shrink of a group', () => {
  const healthy = ['i-1', 'i-2', 'i-3', 'i-4'].map((id) => target(id, 'healthy'));

  test('lowers minimum and desired capacity together, and never its maximum', async () => {
    const { fleet, updates } = world({ group: { MinSize: 4 }, targets: healthy });
    expect(await fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 2 });
    expect(updates()).toEqual([{ MinSize: 2, DesiredCapacity: 2 }]);
  });

  test('lowers no minimum below what it is, and is done where it has no more', async () => {
    const low = world({ group: { MinSize: 1 }, targets: healthy });
    await low.fleet.shrink(service, 'green', 2);
    expect(low.updates()).toEqual([{ MinSize: 1, DesiredCapacity: 2 }]);
    const done = world({ group: { MinSize: 2, DesiredCapacity: 2, Instances: members(2) } });
    expect(await done.fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 0 });
    expect(done.updates()).toEqual([]);
    const leaving = world({ group: { MinSize: 2, DesiredCapacity: 2, Instances: members(3) } });
    expect(await leaving.fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 1 });
    expect(leaving.updates()).toEqual([]);
  });

  test.each(['unhealthy', 'draining', 'initial', 'unavailable'])(
    'does nothing where one is %s and too few might stay',
    async (state) => {
      const targets = [...healthy.slice(0, 3), target('i-4', state)];
      const { fleet, updates } = world({ targets });
      expect(await fleet.shrink(service, 'green', 2, 2)).toEqual({ left: 2, short: true });
      expect(updates()).toEqual([]);
      expect(await fleet.shrink(service, 'green', 2, 1)).toEqual({ left: 2 });
    },
  );
});

describe('ensure of a group', () => {
  const release = {
    service: 'shop',
    release: 'abc',
    image: { reference: 'acme/shop@sha256:abc', label: 'v1' },
    attempt: 1,
    template: { id: 'lt-1', version: '7', types: [] },
    fleet: service.fleet,
    targetGroup: green,
    from: null,
    since: 0,
  };

  test('beyond its maximum is refused with the remedy', async () => {
    const { fleet, updates } = world({ group: { MaxSize: 3 } });
    await expect(fleet.ensure(release, 'green', 4)).rejects.toThrow(
      'shop-green is allowed 3 instances at most and needs 4: raise its maximum',
    );
    expect(updates()).toEqual([]);
  });
});

describe('pin of a group', () => {
  test('suspends its schedules once, and keeps it at no less than it has', async () => {
    const { fleet, updates, suspended } = world({ group: { MinSize: 1 } });
    expect(await fleet.pin(service, 'green', 0)).toBeNull();
    expect(updates()).toEqual([{ MinSize: 4, DesiredCapacity: 4 }]);
    expect(suspended()).toEqual([{ AutoScalingGroupName: 'shop-green', ScalingProcesses: ['ScheduledActions'] }]);
    const pinned = { MinSize: 4, SuspendedProcesses: [{ ProcessName: 'ScheduledActions' }] };
    const again = world({ group: pinned });
    expect(await again.fleet.pin(service, 'green', 4)).toBeNull();
    expect([again.updates(), again.suspended()]).toEqual([[], []]);
  });

  test('raises what somebody has lowered, and says so', async () => {
    const { fleet, updates } = world({ group: { MinSize: 2, DesiredCapacity: 2 } });
    expect(await fleet.pin(service, 'green', 4)).toBe('shop-green was kept at 2 instances: it is kept at 4 again');
    expect(updates()).toEqual([{ MinSize: 4, DesiredCapacity: 4 }]);
  });

  test('goes no further than the maximum, and asks for a higher one', async () => {
    const { fleet, updates } = world({ group: { MaxSize: 3, MinSize: 2, DesiredCapacity: 2 } });
    expect(await fleet.pin(service, 'green', 4)).toBe(
      'shop-green is to have 4 instances and is allowed 3: raise its maximum',
    );
    expect(updates()).toEqual([{ MinSize: 3, DesiredCapacity: 3 }]);
  });
});

describe('restore of both groups', () => {
  const limits = (min: number, ...suspended: string[]) => ({ min, max: 10, desired: 4, suspended });

  test('gives back minimum and schedules, and takes no instance away', async () => {
    const pinned = { MinSize: 4, SuspendedProcesses: [{ ProcessName: 'ScheduledActions' }] };
    const { fleet, updates, resumed, suspended } = world({ group: pinned });
    await fleet.restore(service, { blue: limits(0, 'ScheduledActions'), green: limits(2) });
    expect(updates()).toEqual([
      { MinSize: 0, DesiredCapacity: 4 },
      { MinSize: 2, DesiredCapacity: 4 },
    ]);
    expect(resumed()).toEqual([{ AutoScalingGroupName: 'shop-green', ScalingProcesses: ['ScheduledActions'] }]);
    expect(suspended()).toEqual([]);
  });

  test('raises a group to its minimum, within its maximum, and suspends what was suspended', async () => {
    const { fleet, updates, suspended, resumed } = world({ group: { MinSize: 0, DesiredCapacity: 0, MaxSize: 3 } });
    await fleet.restore(service, { blue: limits(5), green: limits(0, 'ScheduledActions') });
    expect(updates()).toEqual([{ MinSize: 3, DesiredCapacity: 3 }]);
    expect(suspended()).toEqual([{ AutoScalingGroupName: 'shop-green', ScalingProcesses: ['ScheduledActions'] }]);
    expect(resumed()).toEqual([]);
  });

  test('changes nothing that is as it was', async () => {
    const { fleet, updates, suspended, resumed } = world({ group: { MinSize: 2 } });
    await fleet.restore(service, { blue: limits(2), green: limits(2) });
    expect([updates(), suspended(), resumed()]).toEqual([[], [], []]);
  });
});

describe('remove of a group', () => {
  test('sets it to nothing, lets go of protected members, and takes strangers out by their ports', async () => {
    const { fleet, updates, unprotected, elb } = world({
      group: { MinSize: 2, Instances: [member(1), member(2, 'InService', 'Healthy', { ProtectedFromScaleIn: true })] },
      targets: [target('i-1', 'draining'), target('i-2', 'healthy'), target('i-stranger', 'healthy', 8081)],
    });
    expect(await fleet.remove(service, 'green')).toEqual({ left: 3, draining: 1 });
    expect(updates()).toEqual([{ MinSize: 0, DesiredCapacity: 0 }]);
    expect(unprotected()).toEqual([
      { AutoScalingGroupName: 'shop-green', InstanceIds: ['i-2'], ProtectedFromScaleIn: false },
    ]);
    expect(inputsOf(elb, 'DeregisterTargets')).toEqual([
      { TargetGroupArn: green, Targets: [{ Id: 'i-stranger', Port: 8081 }] },
    ]);
  });

  test('waits for a stranger that drains, and is done with an empty group', async () => {
    const empty = { MinSize: 0, DesiredCapacity: 0, Instances: [] };
    const draining = world({ group: empty, targets: [target('i-stranger', 'draining')] });
    expect(await draining.fleet.remove(service, 'green')).toEqual({ left: 1, draining: 1 });
    const done = world({ group: empty });
    expect(await done.fleet.remove(service, 'green')).toEqual({ left: 0, draining: 0 });
    expect([done.updates(), done.unprotected()]).toEqual([[], []]);
  });
});

describe('an update of a group', () => {
  const refusing = (error: Error) => {
    const { fleet, autoscaling } = world({ group: { MinSize: 2, DesiredCapacity: 2 } });
    const send = autoscaling.send as (command: object) => Promise<unknown>;
    autoscaling.send = async (command: object) => {
      if (command.constructor.name === 'UpdateAutoScalingGroupCommand') throw error;
      return send(command);
    };
    return fleet.pin(service, 'green', 4);
  };

  test('that Auto Scaling refuses for a version it has not seen yet is tried again', async () => {
    for (const message of [
      'You must use a valid fully-formed launch template. x',
      'Could not find the specified version 8 for the launch template',
    ])
      await expect(refusing(Object.assign(sdkError('ValidationError'), { message }))).rejects.toMatchObject({
        name: 'Transient',
      });
  });

  test('that is refused for anything else is not', async () => {
    for (const error of [
      sdkError('ValidationError'),
      Object.assign(sdkError('AccessDenied'), { message: 'valid fully-formed launch template' }),
    ])
      await expect(refusing(error)).rejects.toMatchObject({ name: 'Rejected' });
  });
});

test('a group that does not exist is named with its remedy', async () => {
  const autoscaling = fakeClient({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) });
  const fleet = fleetOf({ ec2: fakeClient({}), elb: fakeClient({}), autoscaling });
  await expect(fleet.observe(service, 'green')).rejects.toMatchObject({
    name: 'Rejected',
    message: 'there is no Auto Scaling group shop-green: correct `fleet`, or make the group',
  });
  const denied = fakeClient({ DescribeAutoScalingGroups: fails('AccessDenied') });
  await expect(
    fleetOf({ ec2: fakeClient({}), elb: fakeClient({}), autoscaling: denied }).observe(service, 'green'),
  ).rejects.toMatchObject({ name: 'Rejected' });
});

describe('an answer without what every group has', () => {
  test.each(['AutoScalingGroupName', 'AutoScalingGroupARN', 'MinSize', 'MaxSize', 'DesiredCapacity'] as const)(
    'is refused where %s is missing, as nothing may be decided by it',
    async (field) => {
      const half = { ...groupOf(), [field]: undefined };
      const autoscaling = fakeClient({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [half] }) });
      await expect(findGroups(autoscaling, ['shop-green'])).rejects.toThrow(`without ${field}`);
    },
  );
});
