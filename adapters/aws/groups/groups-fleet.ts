/** A fleet in two existing Auto Scaling groups, one per slot. A release is a launch template version; a count is a minimum and a desired capacity. */
import {
  type Instance as Member,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import { Rejected } from '../../../core/basics/errors.ts';
import { type Slot, slots } from '../../../core/basics/slot.ts';
import type { FleetConfiguration } from '../../../core/config/service.ts';
import type { Fleet, InstanceView } from '../../../pipeline/ports/fleet.ts';
import { send } from '../aws-errors.ts';
import { batchesOf, type Client } from '../client.ts';
import { evidenceOf } from '../instances/evidence.ts';
import { groupTag, instancesBy, interrupted, isEnding, viewOf } from '../instances/instances.ts';
import { templateOf } from '../instances/launch-template.ts';
import { idOf, isHealthy, leave, leaveEach, registerAll, targetsOf } from '../load-balancer/targets.ts';
import {
  endings,
  type Group,
  groupNamed,
  inService,
  launchFailure,
  launchingFrom,
  lifecycleOf,
  limitsOf,
  specificationOf,
  update,
} from './auto-scaling.ts';
import { deleteOldVersions } from './old-versions.ts';
import { releaseVersions } from './release-version.ts';

type Kind = Omit<Fleet, 'slotOf' | 'own'>;

/** The name of the group that is the slot's. */
export const groupOf = (fleet: FleetConfiguration, slot: Slot): string => {
  if (fleet.kind !== 'groups') throw new Error(`a fleet of ${fleet.kind} has no groups`);
  return fleet[slot];
};

const idOfInstance = ({ InstanceId = '' }: Instance): string => InstanceId;

/** A schedule knows nothing of a rollout: it would take the way back away, or fill a slot that is idle. */
export const schedules = 'ScheduledActions';

/** Suspended by an owner who registers instances in ways of their own. */
const registering = 'AddToLoadBalancer';

/** EC2's reason where somebody asked it to end an instance. */
const askedFor = 'Client.UserInitiatedShutdown';

/** Instances in one call. */
const mostProtected = 50;

export const groupsFleet = ({ ec2, elb, autoscaling }: { ec2: Client; elb: Client; autoscaling: Client }): Kind => {
  const versions = releaseVersions(ec2);
  const find = (fleet: FleetConfiguration, slot: Slot): Promise<Group> => groupNamed(autoscaling, groupOf(fleet, slot));

  /** Those that have ended are seen for about an hour, and tell why. */
  const launchedBy = (name: string): Promise<Instance[]> => instancesBy(ec2, { [groupTag]: name });

  const setRunning = async ({ AutoScalingGroupName }: Group, command: 'suspend' | 'resume'): Promise<void> => {
    // Without names, all processes would be meant.
    const input = { AutoScalingGroupName, ScalingProcesses: [schedules] };
    if (command === 'suspend') await send(autoscaling, new SuspendProcessesCommand(input));
    else await send(autoscaling, new ResumeProcessesCommand(input));
  };

  /** A group registers a member once: whom somebody took out of the target group by hand, it never brings back. */
  const rejoin = async (group: Group, targetGroup: string): Promise<void> => {
    const members = inService(group).map(({ InstanceId = '' }) => InstanceId);
    if (members.length === 0 || limitsOf(group).suspended.includes(registering)) return;
    // The draining ones, too: the group itself may have begun to end one since it was looked at.
    const registered = new Set((await targetsOf(elb, targetGroup)).map(idOf));
    const missing = members.filter((id) => !registered.has(id));
    if (missing.length === 0) return;
    const instances = await launchedBy(group.AutoScalingGroupName);
    const doomed = await interrupted(
      ec2,
      instances.filter((instance) => missing.includes(idOfInstance(instance))),
    );
    await registerAll(
      elb,
      targetGroup,
      missing.filter((id) => !doomed.has(id)),
    );
  };

  /** A member as its group and EC2 see it together. What EC2 does not show yet is on its way. */
  const memberView = async (member: Member, instance: Instance | undefined): Promise<InstanceView> => {
    const { LaunchTemplateId: id = '', Version: version = '' } = member.LaunchTemplate ?? {};
    const seen = instance === undefined ? null : viewOf(instance);
    const ended = seen !== null && (seen.state === 'stopping' || seen.state === 'gone');
    return {
      id: member.InstanceId ?? '',
      zone: member.AvailabilityZone ?? '',
      reason: null,
      launchedAt: 0,
      ...seen,
      release: seen?.release ?? (id === '' ? null : await versions.releaseOf(id, version)),
      state: ended ? seen.state : seen?.state === 'pending' ? 'pending' : lifecycleOf(member),
    };
  };

  /** With the group's own reason for each that the group ends or has ended. */
  const withEndings = async (group: Group, instances: Instance[], views: InstanceView[]): Promise<InstanceView[]> => {
    const asked = new Set(instances.filter(({ StateReason }) => StateReason?.Code === askedFor).map(idOfInstance));
    const endedByGroup = ({ id, state }: InstanceView): boolean => state === 'stopping' || asked.has(id);
    if (!views.some(endedByGroup)) return views;
    const reasons = await endings(autoscaling, group);
    return views.map((view) => (endedByGroup(view) ? { ...view, reason: reasons.get(view.id) ?? view.reason } : view));
  };

  return {
    observe: async (service, slot) => {
      const group = await find(service.fleet, slot);
      const instances = await launchedBy(group.AutoScalingGroupName);
      const byId = new Map(instances.map((instance) => [instance.InstanceId, instance]));
      const members = new Set(group.Instances.map(({ InstanceId }) => InstanceId));
      // What has left the group and lives on was detached, and is nobody's.
      const left = instances.filter((instance) => !members.has(instance.InstanceId) && isEnding(instance));
      const views = [
        ...(await Promise.all(group.Instances.map((member) => memberView(member, byId.get(member.InstanceId))))),
        ...left.map(viewOf),
      ];
      return {
        instances: await withEndings(group, instances, views),
        number: group.DesiredCapacity,
        limits: limitsOf(group),
      };
    },

    ensure: async (release, slot, count, proof) => {
      const group = await find(release.fleet, slot);
      const { AutoScalingGroupName: name, MinSize, MaxSize, DesiredCapacity } = group;
      if (count > MaxSize)
        throw new Rejected(`${name} is allowed ${MaxSize} instances at most and needs ${count}: raise its maximum`);
      await rejoin(group, release.targetGroup);
      const current = specificationOf(group);
      const wanted = await versions.of(release, slot, current, proof);
      const other = current.LaunchTemplateId !== wanted.id || current.Version !== wanted.version;
      const sizes = { MinSize: Math.max(MinSize, count), DesiredCapacity: Math.max(DesiredCapacity, count) };
      if (other || sizes.MinSize !== MinSize || sizes.DesiredCapacity !== DesiredCapacity)
        await update(autoscaling, group, { ...sizes, ...(other && launchingFrom(group, wanted)) });
      const lacks = inService(group).length < sizes.DesiredCapacity;
      return {
        launched: sizes.DesiredCapacity - DesiredCapacity,
        short: lacks ? await launchFailure(autoscaling, name, release.since) : null,
      };
    },

    pin: async (service, slot, count) => {
      const group = await find(service.fleet, slot);
      const { AutoScalingGroupName: name, MinSize, MaxSize, DesiredCapacity } = group;
      if (!limitsOf(group).suspended.includes(schedules)) await setRunning(group, 'suspend');
      const least = Math.min(MaxSize, Math.max(count, DesiredCapacity));
      if (MinSize !== least || DesiredCapacity < least)
        await update(autoscaling, group, { MinSize: least, DesiredCapacity: least });
      if (count > MaxSize) return `${name} is to have ${count} instances and is allowed ${MaxSize}: raise its maximum`;
      return DesiredCapacity < count
        ? `${name} was kept at ${DesiredCapacity} instances: it is kept at ${count} again`
        : null;
    },

    restore: async (service, limits) => {
      for (const slot of slots) {
        const { min, suspended } = limits[slot];
        const group = await find(service.fleet, slot);
        const least = Math.min(min, group.MaxSize);
        // Bounds first: what is let run again finds them as they are to be.
        if (group.MinSize !== least)
          await update(autoscaling, group, { MinSize: least, DesiredCapacity: Math.max(least, group.DesiredCapacity) });
        const runs = !limitsOf(group).suspended.includes(schedules);
        if (runs === suspended.includes(schedules)) await setRunning(group, runs ? 'suspend' : 'resume');
      }
    },

    shrink: async (service, slot, count, carrying = 0) => {
      const group = await find(service.fleet, slot);
      const leaving = Math.max(0, group.DesiredCapacity - count);
      if (leaving > 0 && carrying > 0) {
        // Which of them go is the group's own choice: the healthy ones, for all that is known.
        const healthy = (await targetsOf(elb, service.slots[slot])).filter(isHealthy).length;
        if (healthy - leaving < carrying) return { left: leaving, short: true };
      }
      if (group.DesiredCapacity > count || group.MinSize > count)
        await update(autoscaling, group, {
          MinSize: Math.min(group.MinSize, count),
          DesiredCapacity: Math.min(group.DesiredCapacity, count),
        });
      return { left: Math.max(0, group.Instances.length - count) };
    },

    replace: async () => undefined,

    evict: async (service, instances) => {
      await leaveEach(elb, Object.values(service.slots), instances);
    },

    // Never by hand what the group would launch again: it is the group that lets its instances drain and ends them.
    remove: async (service, slot) => {
      const group = await find(service.fleet, slot);
      const { AutoScalingGroupName, MinSize, DesiredCapacity, Instances } = group;
      const members = Instances.map(({ InstanceId = '' }) => InstanceId);
      const kept = Instances.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn === true);
      for (const some of batchesOf(kept, mostProtected))
        await send(
          autoscaling,
          new SetInstanceProtectionCommand({
            AutoScalingGroupName,
            InstanceIds: some.map(({ InstanceId = '' }) => InstanceId),
            ProtectedFromScaleIn: false,
          }),
        );
      if (MinSize > 0 || DesiredCapacity > 0) await update(autoscaling, group, { MinSize: 0, DesiredCapacity: 0 });
      const targets = await targetsOf(elb, service.slots[slot]);
      // What else stands in the slot's target group, from before, leaves it and lives on.
      const strangers = targets.filter((target) => !members.includes(idOf(target)));
      const there = await leave(elb, service.slots[slot], strangers);
      const draining = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'draining').length;
      return { left: members.length + there.length, draining };
    },

    evidence: async (service, slot, release) => {
      const [instances, targets] = await Promise.all([
        launchedBy(groupOf(service.fleet, slot)),
        targetsOf(elb, service.slots[slot]),
      ]);
      return evidenceOf(ec2, instances, targets, release);
    },

    tidy: async (live) =>
      deleteOldVersions({ ec2, autoscaling }, live, [await find(live.fleet, 'blue'), await find(live.fleet, 'green')]),

    template: async (service, slot) => templateOf(ec2, await find(service.fleet, slot)),
  };
};
