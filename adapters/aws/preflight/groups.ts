/** Preflight findings about two Auto Scaling groups, each with its remedy. */
import {
  DescribeInstanceRefreshesCommand,
  DescribeScheduledActionsCommand,
  DescribeWarmPoolCommand,
  type InstanceRefreshStatus,
} from '@aws-sdk/client-auto-scaling';
import type { Finding } from '../../../core/basics/finding.ts';
import { otherSlot, type Slot, slots } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import type { FleetNeeds } from '../../../pipeline/ports/preflight.ts';
import { ifKnown, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';
import { findGroups, type Group, limitsOf } from '../groups/auto-scaling.ts';
import { groupOf, schedules } from '../groups/groups-fleet.ts';
import { isUnfitKey, unfitKeys } from '../instances/launch-template.ts';

/** A group that lacks one of these does nothing that a rollout waits for. AWS itself suspends them on a group that could not launch for a day. */
const needed = ['Launch', 'Terminate', 'AddToLoadBalancer', 'HealthCheck', 'ReplaceUnhealthy'];

const refreshing: InstanceRefreshStatus[] = ['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking'];

export const groupFindings = async (
  autoscaling: Client,
  service: Service,
  { old, new: fresh, count }: FleetNeeds,
): Promise<Finding[]> => {
  const names = slots.map((slot) => groupOf(service.fleet, slot));
  const found = await findGroups(autoscaling, names);
  const missing = names.filter((name) => !found.some(({ AutoScalingGroupName }) => AutoScalingGroupName === name));
  if (missing.length > 0)
    return missing.map((name) => ({
      problem: `there is no Auto Scaling group ${name}`,
      remedy: 'correct `fleet`, or make the group',
    }));
  const groups = Object.fromEntries(
    slots.map((slot) => [
      slot,
      found.find(({ AutoScalingGroupName }) => AutoScalingGroupName === groupOf(service.fleet, slot)),
    ]),
  ) as Record<Slot, Group>;
  if (groups.blue.AutoScalingGroupName === groups.green.AutoScalingGroupName)
    return [
      {
        problem: `both slots name the group ${groups.blue.AutoScalingGroupName}`,
        remedy: 'give each slot a group of its own',
      },
    ];
  return [
    ...slots.flatMap((slot) => attachment(groups[slot], service, slot)),
    ...slots.flatMap((slot) => ownFaults(groups[slot])),
    ...slots.flatMap((slot) => protectionFaults(groups[slot], service)),
    ...sizeFaults(groups[fresh], count),
    ...idleFaults(groups[fresh]),
    ...(await Promise.all(slots.map((slot) => ifKnown([], () => refreshFaults(autoscaling, groups[slot]))))).flat(),
    ...(await ifKnown([], () => warmFaults(autoscaling, groups[fresh]))),
    ...(await ifKnown([], () => scheduleFaults(autoscaling, groups[fresh], groups[old]))),
  ];
};

/** Exactly the slot's target group, and nothing else: any other target group of the group would get its instances at every weight. */
const attachment = (group: Group, { slots: targetGroups }: Service, slot: Slot): Finding[] => {
  const { AutoScalingGroupName: name, TargetGroupARNs = [], LoadBalancerNames = [], TrafficSources = [] } = group;
  const attached = new Set([
    ...TargetGroupARNs,
    ...TrafficSources.flatMap(({ Identifier = '' }) => (Identifier.includes(':targetgroup/') ? [Identifier] : [])),
  ]);
  const other = otherSlot(slot);
  return [
    ...(attached.has(targetGroups[other])
      ? [
          {
            problem: `${name} is ${slot}'s and attached to the target group of ${other}`,
            remedy: `detach ${targetGroups[other]} from it`,
          },
        ]
      : []),
    ...(attached.has(targetGroups[slot])
      ? []
      : [
          {
            problem: `${name} is not attached to the target group of ${slot}`,
            remedy: `attach ${targetGroups[slot]} to it`,
          },
        ]),
    ...[...attached]
      .filter((arn) => arn !== targetGroups.blue && arn !== targetGroups.green)
      .map((arn) => ({
        problem: `${name} is also attached to the target group ${arn}: its users would reach a new version before it is judged`,
        remedy: `detach ${arn} from it, and let the rules of those users lead to the target groups in \`slots\``,
      })),
    ...(LoadBalancerNames.length > 0
      ? [
          {
            problem: `${name} is attached to the load balancer ${LoadBalancerNames.join(', ')}, whose weights nobody here sets`,
            remedy: 'detach it',
          },
        ]
      : []),
  ];
};

const ownFaults = (group: Group): Finding[] => {
  const { AutoScalingGroupName: name, MixedInstancesPolicy, Tags = [], Instances } = group;
  const specification =
    group.LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? undefined;
  const version = specification?.Version ?? '';
  const overrides = MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const { suspended } = limitsOf(group);
  const stopped = needed.filter((process) => suspended.includes(process));
  const propagated = Tags.filter(({ PropagateAtLaunch }) => PropagateAtLaunch === true).map(({ Key = '' }) => Key);
  const fault = (is: boolean, what: string, remedy: string): Finding[] =>
    is ? [{ problem: `${name} ${what}`, remedy }] : [];
  return [
    ...fault(
      specification === undefined,
      'launches from a launch configuration, which has no versions',
      'give it a launch template',
    ),
    ...fault(
      specification !== undefined && !/^\d+$/.test(version),
      `launches from the version ${version || '$Default'}, so that a new version would change what runs`,
      'name its number',
    ),
    ...fault(
      overrides.some((override) => override.LaunchTemplateSpecification !== undefined || 'ImageId' in override),
      'has overrides with a launch template or an image of their own, which a release would not reach',
      'take these out of its mixed-instances policy',
    ),
    ...fault(
      overrides.some(({ WeightedCapacity }) => WeightedCapacity !== undefined) ||
        !['units', undefined].includes(group.DesiredCapacityType),
      'counts its capacity in other units than instances',
      'take out the weights',
    ),
    ...fault(
      stopped.length > 0,
      `has suspended ${stopped.join(', ')}`,
      'find out why (AWS does so after a day without a launch), then resume it',
    ),
    ...fault(
      Instances.some(({ LifecycleState }) => LifecycleState === 'Standby' || LifecycleState === 'EnteringStandby'),
      'has instances on standby, which stay when it is emptied',
      'bring them back or terminate them',
    ),
    ...fault(
      propagated.some(isUnfitKey),
      `tags its instances with ${propagated
        .filter(isUnfitKey)
        .map((key) => `"${key}"`)
        .join(', ')}`,
      unfitKeys,
    ),
    ...fault(
      propagated.some((key) => key.startsWith('cutover:')),
      'gives its instances tags that begin with cutover:, which would hide what a release says of itself',
      'do not propagate them',
    ),
  ];
};

/** Emptying a group lifts its instances' protection first; a group that is to give up only some of them would keep those. */
const protectionFaults = (group: Group, { maxExtra }: Service): Finding[] =>
  maxExtra !== null &&
  (group.NewInstancesProtectedFromScaleIn === true ||
    group.Instances.some(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn === true))
    ? [
        {
          problem: `${group.AutoScalingGroupName} protects its instances from scale-in, so it could not make room for new ones within maxExtra`,
          remedy: 'switch that off for it and its instances, or take maxExtra out',
        },
      ]
    : [];

const sizeFaults = ({ AutoScalingGroupName, MaxSize }: Group, count: number): Finding[] =>
  MaxSize >= count
    ? []
    : [
        {
          problem: `${AutoScalingGroupName} is allowed ${MaxSize} instances at most and has to have ${count}`,
          remedy: 'raise its maximum',
        },
      ];

const idleFaults = ({ AutoScalingGroupName, MinSize }: Group): Finding[] =>
  MinSize === 0
    ? []
    : [
        {
          problem: `${AutoScalingGroupName} is the idle one and has a minimum of ${MinSize}`,
          remedy: 'set it to 0: Cutover moves the minimum to the group that serves',
        },
      ];

const refreshFaults = async (autoscaling: Client, { AutoScalingGroupName }: Group): Promise<Finding[]> => {
  const { InstanceRefreshes = [] } = await send(
    autoscaling,
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName, MaxRecords: 10 }),
  );
  const running = InstanceRefreshes.find(({ Status }) => Status !== undefined && refreshing.includes(Status));
  return running === undefined
    ? []
    : [
        {
          problem: `an instance refresh of ${AutoScalingGroupName} is ${running.Status}, and two systems that replace instances would undo each other`,
          remedy: 'wait for its end, or cancel it',
        },
      ];
};

/** A warm pool keeps instances of the release before, and a group that grows takes those first. */
const warmFaults = async (autoscaling: Client, group: Group): Promise<Finding[]> => {
  const { AutoScalingGroupName, WarmPoolConfiguration } = group;
  if (WarmPoolConfiguration === undefined) return [];
  const { Instances = [] } = await send(autoscaling, new DescribeWarmPoolCommand({ AutoScalingGroupName }));
  return Instances.length === 0
    ? []
    : [
        {
          problem: `the warm pool of ${AutoScalingGroupName} holds ${Instances.length} instances of an earlier release, and would put them into service first`,
          remedy: 'delete the pool, or keep it at 0 while the group is idle',
        },
      ];
};

const scheduleFaults = async (autoscaling: Client, fresh: Group, old: Group): Promise<Finding[]> => {
  if (limitsOf(fresh).suspended.includes(schedules)) return [];
  const { AutoScalingGroupName } = fresh;
  const { ScheduledUpdateGroupActions = [] } = await send(
    autoscaling,
    new DescribeScheduledActionsCommand({ AutoScalingGroupName }),
  );
  return ScheduledUpdateGroupActions.length === 0
    ? []
    : [
        {
          problem: `${AutoScalingGroupName} is idle and has scheduled actions, which would launch instances in it`,
          remedy: `suspend ${schedules} on it (and keep the same actions on ${old.AutoScalingGroupName}); they run on the group that serves`,
        },
      ];
};
