/** Auto Scaling: the commands about groups, their sizes, processes, tags, targets and activities. */
import type * as asg from '@aws-sdk/client-auto-scaling';
import { type Answer, awsError, type Handlers, only, page } from '../../client.ts';
import { imageProblem } from '../run-instances.ts';
import type { World } from '../world.ts';
import { isStaying, launchedFrom, membersIn } from './group.ts';
import type { AutoScalingGroup, Member } from './resources.ts';
import type { Scaling } from './scaling.ts';

const processes = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
];

const running = ['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking'];

const invalid = (message: string): Error => awsError('ValidationError', message);

const memberView = ({ instance, state, healthy, template, protected: isProtected }: Member): asg.Instance => ({
  InstanceId: instance.id,
  InstanceType: instance.type,
  AvailabilityZone: instance.subnet.zone,
  LifecycleState: state,
  HealthStatus: healthy ? 'Healthy' : 'Unhealthy',
  LaunchTemplate: { LaunchTemplateId: template.id, LaunchTemplateName: template.name, Version: template.version },
  ProtectedFromScaleIn: isProtected,
});

export const autoScalingHandlers = (world: World, scaling: Scaling) => {
  const groupOf = (name: string | undefined): AutoScalingGroup => {
    const group = world.autoScalingGroups.get(name ?? '');
    if (group === undefined) throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
    return group;
  };

  const templateName = (id: string): string => [...world.templates.values()].find((one) => one.id === id)?.name ?? '';

  const view = (group: AutoScalingGroup): asg.AutoScalingGroup => {
    const specification = {
      LaunchTemplateId: group.template.id,
      LaunchTemplateName: templateName(group.template.id),
      Version: group.template.version,
    };
    const { mixed } = group;
    return {
      AutoScalingGroupName: group.name,
      AutoScalingGroupARN: group.arn,
      MinSize: group.min,
      MaxSize: group.max,
      DesiredCapacity: group.desired,
      DefaultCooldown: 300,
      ...(mixed === undefined
        ? { LaunchTemplate: specification }
        : {
            MixedInstancesPolicy: {
              ...mixed,
              LaunchTemplate: { ...mixed.LaunchTemplate, LaunchTemplateSpecification: specification },
            },
          }),
      AvailabilityZones: [...new Set(group.subnets.map((id) => world.subnets.get(id)?.zone ?? ''))],
      VPCZoneIdentifier: group.subnets.join(','),
      LoadBalancerNames: group.loadBalancers,
      TargetGroupARNs: group.targetGroups,
      TrafficSources: group.targetGroups.map((Identifier) => ({ Identifier, Type: 'elbv2' })),
      HealthCheckType: group.healthCheckType,
      HealthCheckGracePeriod: group.grace / 1000,
      Instances: [...group.members.values()].map(memberView),
      SuspendedProcesses: [...group.suspended].map((ProcessName) => ({
        ProcessName,
        SuspensionReason: 'User suspended',
      })),
      Tags: group.tags.map((tag) => ({ ...tag, ResourceId: group.name, ResourceType: 'auto-scaling-group' })),
      NewInstancesProtectedFromScaleIn: group.protectsNew,
      CapacityRebalance: group.capacityRebalance,
      ...(group.warm !== undefined && { WarmPoolConfiguration: { MinSize: 0, PoolState: 'Stopped' } }),
      CreatedTime: new Date(0),
    };
  };

  /** Auto Scaling learns of a template's new versions a little later than EC2 does. */
  const knownVersion = ({ LaunchTemplateId = '', Version = '$Default' }: asg.LaunchTemplateSpecification) => {
    const template = [...world.templates.values()].find(({ id }) => id === LaunchTemplateId);
    const version = template && launchedFrom(template, Version);
    const named = Version.startsWith('$');
    const visible = version !== undefined && world.time.now() - version.madeAt >= world.latencies.templateVisible;
    if (template === undefined || !(named || visible))
      throw invalid(
        `Could not find the specified version ${Version} for the launch template with ID ${LaunchTemplateId}.`,
      );
    const unusable = version && imageProblem(world, version.ami);
    if (unusable !== undefined) throw invalid(`You must use a valid fully-formed launch template. ${unusable.message}`);
    return { id: LaunchTemplateId, version: Version };
  };

  const sizesOf = (group: AutoScalingGroup, input: asg.UpdateAutoScalingGroupCommandInput) => {
    const min = input.MinSize ?? group.min;
    const max = input.MaxSize ?? group.max;
    const desired = input.DesiredCapacity ?? Math.min(max, Math.max(min, group.desired));
    if (min > max) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
    if (desired < min || desired > max)
      throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
    return { min, max, desired };
  };

  const toggled = (input: asg.SuspendProcessesCommandInput): { group: AutoScalingGroup; names: string[] } => {
    only('autoscaling processes', input, ['AutoScalingGroupName', 'ScalingProcesses']);
    // None named means all of them, an empty list too.
    const named = input.ScalingProcesses ?? [];
    const unknown = named.find((name) => !processes.includes(name));
    if (unknown !== undefined) throw invalid(`${unknown} is not a valid scaling process`);
    return { group: groupOf(input.AutoScalingGroupName), names: named.length === 0 ? processes : named };
  };

  const attachment = (input: asg.AttachLoadBalancerTargetGroupsCommandInput) => {
    only('autoscaling target groups', input, ['AutoScalingGroupName', 'TargetGroupARNs']);
    const arns = input.TargetGroupARNs ?? [];
    const missing = arns.find((arn) => !world.targetGroups.has(arn));
    if (missing !== undefined) throw invalid(`Invalid target group ARN: ${missing}`);
    return { group: groupOf(input.AutoScalingGroupName), arns };
  };

  return {
    DescribeAutoScalingGroups: (
      input: asg.DescribeAutoScalingGroupsCommandInput,
    ): Answer<asg.DescribeAutoScalingGroupsCommandOutput> => {
      only('autoscaling DescribeAutoScalingGroups', input, ['AutoScalingGroupNames', 'NextToken', 'MaxRecords']);
      const groups = (input.AutoScalingGroupNames ?? [...world.autoScalingGroups.keys()]).flatMap(
        (name) => world.autoScalingGroups.get(name) ?? [],
      );
      const { items, next } = page(groups, input.MaxRecords ?? 50, input.NextToken);
      return { AutoScalingGroups: items.map(view), NextToken: next };
    },

    UpdateAutoScalingGroup: (
      input: asg.UpdateAutoScalingGroupCommandInput,
    ): Answer<asg.UpdateAutoScalingGroupCommandOutput> => {
      only('autoscaling UpdateAutoScalingGroup', input, [
        'AutoScalingGroupName',
        'MinSize',
        'MaxSize',
        'DesiredCapacity',
        'LaunchTemplate',
        'MixedInstancesPolicy',
      ]);
      const group = groupOf(input.AutoScalingGroupName);
      const { LaunchTemplate, MixedInstancesPolicy: mixed } = input;
      const launching = LaunchTemplate ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
      if (
        launching !== undefined &&
        group.refreshes.some((one) => one.desiredConfiguration && running.includes(one.status))
      )
        throw invalid(
          'An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.',
        );
      const sizes = sizesOf(group, input);
      if (launching !== undefined) group.template = knownVersion(launching);
      if (mixed !== undefined) group.mixed = mixed;
      const { min, max, desired } = sizes;
      scaling.resize(
        group,
        sizes,
        `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired} changing the desired capacity from ${group.desired} to ${desired}`,
      );
      return {};
    },

    SuspendProcesses: (input: asg.SuspendProcessesCommandInput): Answer<asg.SuspendProcessesCommandOutput> => {
      const { group, names } = toggled(input);
      for (const name of names) group.suspended.add(name);
      return {};
    },

    ResumeProcesses: (input: asg.ResumeProcessesCommandInput): Answer<asg.ResumeProcessesCommandOutput> => {
      const { group, names } = toggled(input);
      for (const name of names) group.suspended.delete(name);
      return {};
    },

    DescribeScalingActivities: (
      input: asg.DescribeScalingActivitiesCommandInput,
    ): Answer<asg.DescribeScalingActivitiesCommandOutput> => {
      only('autoscaling DescribeScalingActivities', input, ['AutoScalingGroupName', 'MaxRecords', 'NextToken']);
      const { name, activities } = groupOf(input.AutoScalingGroupName);
      const isOpen = ({ endedAt }: (typeof activities)[number]) => endedAt === undefined;
      const sorted = [...activities.filter(isOpen), ...activities.filter((one) => !isOpen(one))];
      const { items, next } = page(sorted, input.MaxRecords ?? 100, input.NextToken);
      return {
        Activities: items.map(({ id, description, cause, status, message, startedAt, endedAt }) => ({
          ActivityId: id,
          AutoScalingGroupName: name,
          Description: description,
          Cause: cause,
          StatusCode: status,
          StatusMessage: message,
          StartTime: new Date(startedAt),
          EndTime: endedAt === undefined ? undefined : new Date(endedAt),
          Progress: endedAt === undefined ? 50 : 100,
        })),
        NextToken: next,
      };
    },

    DescribeInstanceRefreshes: (
      input: asg.DescribeInstanceRefreshesCommandInput,
    ): Answer<asg.DescribeInstanceRefreshesCommandOutput> => {
      only('autoscaling DescribeInstanceRefreshes', input, ['AutoScalingGroupName', 'MaxRecords']);
      const { name, refreshes } = groupOf(input.AutoScalingGroupName);
      return {
        InstanceRefreshes: refreshes.map(({ id, status }) => ({
          InstanceRefreshId: id,
          AutoScalingGroupName: name,
          Status: status,
        })),
      };
    },

    DescribeWarmPool: (input: asg.DescribeWarmPoolCommandInput): Answer<asg.DescribeWarmPoolCommandOutput> => {
      only('autoscaling DescribeWarmPool', input, ['AutoScalingGroupName']);
      const { warm = [], template } = groupOf(input.AutoScalingGroupName);
      return {
        Instances: warm.map(({ version }, index) => ({
          InstanceId: `i-warm${index}`,
          AvailabilityZone: 'eu-west-1a',
          LifecycleState: 'Warmed:Stopped',
          HealthStatus: 'Healthy',
          ProtectedFromScaleIn: false,
          LaunchTemplate: { LaunchTemplateId: template.id, Version: version },
        })),
      };
    },

    DescribeScheduledActions: (
      input: asg.DescribeScheduledActionsCommandInput,
    ): Answer<asg.DescribeScheduledActionsCommandOutput> => {
      only('autoscaling DescribeScheduledActions', input, ['AutoScalingGroupName']);
      const { name, scheduled } = groupOf(input.AutoScalingGroupName);
      return {
        ScheduledUpdateGroupActions: scheduled.map((action) => ({
          AutoScalingGroupName: name,
          ScheduledActionName: action.name,
          StartTime: new Date(action.at),
          MinSize: action.min,
          MaxSize: action.max,
          DesiredCapacity: action.desired,
        })),
      };
    },

    CreateOrUpdateTags: (input: asg.CreateOrUpdateTagsCommandInput): Answer<asg.CreateOrUpdateTagsCommandOutput> => {
      only('autoscaling CreateOrUpdateTags', input, ['Tags']);
      for (const { ResourceId, Key = '', Value = '', PropagateAtLaunch = false } of input.Tags ?? []) {
        const group = groupOf(ResourceId);
        group.tags = [...group.tags.filter((tag) => tag.Key !== Key), { Key, Value, PropagateAtLaunch }];
      }
      return {};
    },

    DeleteTags: (input: asg.DeleteTagsCommandInput): Answer<asg.DeleteTagsCommandOutput> => {
      only('autoscaling DeleteTags', input, ['Tags']);
      for (const { ResourceId, Key } of input.Tags ?? []) {
        const group = groupOf(ResourceId);
        group.tags = group.tags.filter((tag) => tag.Key !== Key);
      }
      return {};
    },

    SetInstanceProtection: (
      input: asg.SetInstanceProtectionCommandInput,
    ): Answer<asg.SetInstanceProtectionCommandOutput> => {
      only('autoscaling SetInstanceProtection', input, ['AutoScalingGroupName', 'InstanceIds', 'ProtectedFromScaleIn']);
      const group = groupOf(input.AutoScalingGroupName);
      for (const id of input.InstanceIds ?? []) {
        const member = group.members.get(id);
        if (member === undefined) throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
        member.protected = input.ProtectedFromScaleIn ?? false;
      }
      scaling.wake(group);
      return {};
    },

    AttachLoadBalancerTargetGroups: (
      input: asg.AttachLoadBalancerTargetGroupsCommandInput,
    ): Answer<asg.AttachLoadBalancerTargetGroupsCommandOutput> => {
      const { group, arns } = attachment(input);
      const added = arns.filter((arn) => !group.targetGroups.includes(arn));
      group.targetGroups = [...group.targetGroups, ...added];
      for (const member of membersIn(group, (one) => isStaying(one) && one.state === 'InService'))
        scaling.register(group, member, added);
      return {};
    },

    DetachLoadBalancerTargetGroups: (
      input: asg.DetachLoadBalancerTargetGroupsCommandInput,
    ): Answer<asg.DetachLoadBalancerTargetGroupsCommandOutput> => {
      const { group, arns } = attachment(input);
      group.targetGroups = group.targetGroups.filter((arn) => !arns.includes(arn));
      for (const member of group.members.values()) scaling.deregister(member, arns);
      return {};
    },
  } satisfies Handlers;
};
