/** Auto Scaling: groups found, sized, held, tagged, attached, filled and emptied. */
import {
  AttachLoadBalancerTargetGroupsCommand,
  type AutoScalingGroup,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  DescribeWarmPoolCommand,
  DetachLoadBalancerTargetGroupsCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, codeOf, type Sequence, type SidesClients } from '../sides.ts';

const none = 'no-such-group';

const group = async ({ autoscaling }: SidesClients, name: string): Promise<Partial<AutoScalingGroup>> => {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return (await autoscaling.send(command)).AutoScalingGroups?.[0] ?? {};
};

const sizes = ({ MinSize, MaxSize, DesiredCapacity }: Partial<AutoScalingGroup>) => [MinSize, DesiredCapacity, MaxSize];

const update = ({ autoscaling }: SidesClients, name: string, change: Partial<UpdateAutoScalingGroupCommandInput>) =>
  autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...change }));

/** Two instances in blue's group, in service. */
const filled = async (clients: SidesClients, { groups, pass }: Account): Promise<Partial<AutoScalingGroup>> => {
  await update(clients, groups.blue, { MinSize: 2, DesiredCapacity: 2 });
  await pass(300);
  return group(clients, groups.blue);
};

const launchedBy = async ({ ec2 }: SidesClients, name: string) => {
  const Filters = [{ Name: 'tag:aws:autoscaling:groupName', Values: [name] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
};

const activities = async ({ autoscaling }: SidesClients, name: string) => {
  const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: 20 });
  const { Activities = [] } = await autoscaling.send(command);
  return Activities.map(({ StatusCode, Description = '' }) => `${StatusCode} ${Description.split(':')[0]}`).toSorted();
};

export const sequencesOfGroups: Sequence[] = [
  {
    name: 'DescribeAutoScalingGroups by name, one of which is not there',
    run: async ({ autoscaling }, { groups }) => {
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groups.blue, none] });
      const { AutoScalingGroups: [found, ...more] = [] } = await autoscaling.send(command);
      return {
        more,
        name: found?.AutoScalingGroupName,
        sizes: sizes(found ?? {}),
        version: found?.LaunchTemplate?.Version,
        targetGroups: found?.TargetGroupARNs,
        classicBalancers: found?.LoadBalancerNames,
        sources: found?.TrafficSources,
        grace: found?.HealthCheckGracePeriod,
        instances: found?.Instances,
        suspended: found?.SuspendedProcesses,
        mixed: found?.MixedInstancesPolicy,
        protects: found?.NewInstancesProtectedFromScaleIn,
        warm: found?.WarmPoolConfiguration,
      };
    },
  },
  {
    name: 'UpdateAutoScalingGroup within and beyond its bounds',
    run: async (clients, { groups: { blue } }) => {
      const to = (change: Partial<UpdateAutoScalingGroupCommandInput>) => codeOf(update(clients, blue, change));
      const both = await to({ MinSize: 2, DesiredCapacity: 3 });
      const aboveMax = await to({ MinSize: 2, DesiredCapacity: 11 });
      const belowMin = await to({ MinSize: 2, DesiredCapacity: 1 });
      const minAboveMax = await to({ MinSize: 11, DesiredCapacity: 11 });
      const after = sizes(await group(clients, blue));
      await to({ MinSize: 5 });
      return { both, aboveMax, belowMin, minAboveMax, after, minAlone: sizes(await group(clients, blue)) };
    },
  },
  {
    name: 'UpdateAutoScalingGroup of a group, to a version that is not there',
    run: async (clients, { groups: { blue } }) => {
      const { LaunchTemplate } = await group(clients, blue);
      const from = (LaunchTemplateId: string | undefined, Version: string) =>
        codeOf(update(clients, blue, { LaunchTemplate: { LaunchTemplateId, Version } }));
      return {
        group: await codeOf(update(clients, none, { MinSize: 1 })),
        version: await from(LaunchTemplate?.LaunchTemplateId, '9'),
        template: await from('lt-0123456789abcdef0', '1'),
        same: await from(LaunchTemplate?.LaunchTemplateId, '1'),
      };
    },
  },
  {
    name: 'SuspendProcesses and ResumeProcesses, each twice',
    run: async (clients, { groups: { blue } }) => {
      const { autoscaling } = clients;
      const input = { AutoScalingGroupName: blue, ScalingProcesses: ['ScheduledActions'] };
      const suspended = async () =>
        (await group(clients, blue)).SuspendedProcesses?.map(({ ProcessName }) => ProcessName).toSorted();
      const twice = async (call: () => Promise<unknown>) => ({
        codes: [await codeOf(call()), await codeOf(call())],
        suspended: await suspended(),
      });
      return {
        suspend: await twice(() => autoscaling.send(new SuspendProcessesCommand(input))),
        resume: await twice(() => autoscaling.send(new ResumeProcessesCommand(input))),
        all: await twice(() => autoscaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: blue }))),
      };
    },
  },
  {
    name: 'SuspendProcesses of a process that is not there',
    run: async ({ autoscaling }, { groups: { blue } }) => {
      const input = { AutoScalingGroupName: blue, ScalingProcesses: ['Teleport'] };
      return { process: await codeOf(autoscaling.send(new SuspendProcessesCommand(input))) };
    },
  },
  {
    name: 'a group that is filled, and its targets',
    run: async (clients, account) => {
      const { blue } = account.groups;
      const { Instances = [] } = await filled(clients, account);
      const instances = await launchedBy(clients, blue);
      const { TargetHealthDescriptions = [] } = await clients.elbv2.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: account.service.slots.blue }),
      );
      return {
        members: Instances.map(({ LifecycleState, HealthStatus, ProtectedFromScaleIn, LaunchTemplate }) => ({
          LifecycleState,
          HealthStatus: HealthStatus?.toLowerCase(),
          ProtectedFromScaleIn,
          version: LaunchTemplate?.Version,
        })),
        instances: instances.map(({ State, StateReason }) => [State?.Name, StateReason?.Code || null]),
        targets: TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State),
        activities: await activities(clients, blue),
      };
    },
  },
  {
    name: 'a group that is emptied again',
    run: async (clients, account) => {
      const { groups, pass } = account;
      await filled(clients, account);
      await update(clients, groups.blue, { MinSize: 0, DesiredCapacity: 0 });
      await pass(900);
      const instances = await launchedBy(clients, groups.blue);
      return {
        members: (await group(clients, groups.blue)).Instances,
        instances: instances.map(({ State, StateReason }) => [State?.Name, StateReason?.Code || null]),
      };
    },
  },
  {
    name: 'SetInstanceProtection of a member',
    run: async (clients, account) => {
      const { blue } = account.groups;
      const { Instances: [first] = [] } = await filled(clients, account);
      const set = (InstanceIds: string[]) =>
        codeOf(
          clients.autoscaling.send(
            new SetInstanceProtectionCommand({ AutoScalingGroupName: blue, InstanceIds, ProtectedFromScaleIn: true }),
          ),
        );
      return {
        member: await set([first?.InstanceId ?? '']),
        after: (await group(clients, blue)).Instances?.map((one) => one.ProtectedFromScaleIn).toSorted(),
      };
    },
  },
  {
    name: 'CreateOrUpdateTags and DeleteTags, each twice',
    run: async (clients, { groups: { blue } }) => {
      const { autoscaling } = clients;
      const tag = { ResourceId: blue, ResourceType: 'auto-scaling-group', Key: 'team' };
      const put = (Value: string) =>
        autoscaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value, PropagateAtLaunch: false }] }));
      const remove = () => autoscaling.send(new DeleteTagsCommand({ Tags: [tag] }));
      const team = async () =>
        (await group(clients, blue)).Tags?.filter(({ Key }) => Key === 'team').map((one) => [
          one.Value,
          one.PropagateAtLaunch,
        ]);
      await put('shop');
      const first = await team();
      await put('store');
      const second = await team();
      const removed = [await codeOf(remove()), await codeOf(remove())];
      return { first, second, removed, after: await team() };
    },
  },
  {
    name: 'AttachLoadBalancerTargetGroups and DetachLoadBalancerTargetGroups, each twice',
    run: async (clients, { groups: { blue }, service: { slots } }) => {
      const { autoscaling } = clients;
      const input = { AutoScalingGroupName: blue, TargetGroupARNs: [slots.green] };
      const attach = () => codeOf(autoscaling.send(new AttachLoadBalancerTargetGroupsCommand(input)));
      const detach = () => codeOf(autoscaling.send(new DetachLoadBalancerTargetGroupsCommand(input)));
      const attached = async () => (await group(clients, blue)).TargetGroupARNs?.length;
      return {
        attached: [await attach(), await attached(), await attach(), await attached()],
        detached: [await detach(), await attached(), await detach(), await attached()],
        noTargetGroup: await codeOf(
          autoscaling.send(
            new AttachLoadBalancerTargetGroupsCommand({
              ...input,
              TargetGroupARNs: [`${slots.green.slice(0, -4)}0000`],
            }),
          ),
        ),
      };
    },
  },
  {
    name: 'what an empty group has besides',
    run: async (clients, { groups: { blue } }) => {
      const { autoscaling } = clients;
      const scheduled = (AutoScalingGroupName: string) =>
        autoscaling.send(new DescribeScheduledActionsCommand({ AutoScalingGroupName }));
      const warm = (AutoScalingGroupName: string) =>
        autoscaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName }));
      return {
        activities: await activities(clients, blue),
        scheduled: (await scheduled(blue)).ScheduledUpdateGroupActions,
        warm: (await warm(blue)).Instances ?? [],
      };
    },
  },
];
