/** Launches and ends a group's instances until it has its desired capacity, and replaces unhealthy ones. */
import { imageProblem, resolvedImage } from '../run-instances.ts';
import type { World } from '../world.ts';
import { isStaying, launchedFrom, membersIn } from './group.ts';
import { runSchedule, track } from './policies.ts';
import type { Activity, AutoScalingGroup, Member } from './resources.ts';

/** As long as Auto Scaling tells of them: six weeks; and no more than this many here. */
const mostActivities = 500;

export type Scaling = ReturnType<typeof scalingOf>;

export const scalingOf = (world: World) => {
  const { time, latencies } = world;
  const runs = (group: AutoScalingGroup, process: string): boolean => !group.suspended.has(process);

  const begin = (group: AutoScalingGroup, description: string, cause: string): Activity => {
    const now = time.now();
    const at = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
    const activity: Activity = {
      id: world.newId('activity-'),
      description,
      cause: `At ${at} ${cause}.`,
      status: 'InProgress',
      message: undefined,
      startedAt: now,
      endedAt: undefined,
    };
    group.activities.unshift(activity);
    if (group.activities.length > mostActivities) group.activities.pop();
    return activity;
  };
  const end = (activity: Activity, status: Activity['status'] = 'Successful', message?: string): void => {
    Object.assign(activity, { status, message, endedAt: time.now() });
  };

  /** The subnet whose zone has fewest of the group's instances, of those whose zone has room; undefined: none has. */
  const subnetFor = (group: AutoScalingGroup) => {
    const staying = membersIn(group, isStaying);
    const count = (zone: string) => staying.filter(({ instance }) => instance.subnet.zone === zone).length;
    return group.subnets
      .flatMap((id) => world.subnets.get(id) ?? [])
      .filter(({ zone }) => world.room(zone) > 0)
      .sort((a, b) => count(a.zone) - count(b.zone))[0];
  };

  const fail = (group: AutoScalingGroup, message: string): void => {
    end(
      begin(group, 'Launching a new EC2 instance.  Status Reason: see StatusMessage', group.cause),
      'Failed',
      `${message} Launching EC2 instance failed.`,
    );
    group.failures++;
    group.retryAt = time.now() + Math.min(600_000, latencies.scaling * 2 ** group.failures);
  };

  /** Answers whether it went well. */
  const launch = (group: AutoScalingGroup): boolean => {
    const warm = group.warm?.shift();
    const id = group.template.id;
    const version = warm?.version ?? group.template.version;
    const template = [...world.templates.values()].find((one) => one.id === id);
    const made = template && launchedFrom(template, version);
    if (template === undefined || made === undefined) {
      fail(group, `Could not find the specified version ${version} for the launch template with ID ${id}.`);
      return false;
    }
    const unusable = imageProblem(world, made.ami);
    if (unusable !== undefined) {
      fail(group, `${unusable.message}.`);
      return false;
    }
    const tags: Record<string, string> = { ...made.tags };
    for (const { Key, Value, PropagateAtLaunch } of group.tags) if (PropagateAtLaunch) tags[Key] = Value;
    const unfit = made.metadataTags === 'enabled' ? Object.keys(tags).find((tag) => /[/\s]/.test(tag)) : undefined;
    if (unfit !== undefined) {
      fail(group, `'${unfit}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}).`);
      return false;
    }
    const subnet = subnetFor(group);
    if (subnet === undefined) {
      const zones = group.subnets.map((one) => world.subnets.get(one)?.zone);
      fail(
        group,
        `We currently do not have sufficient ${made.type} capacity in the Availability Zone you requested (${[...new Set(zones)].join(', ')}).`,
      );
      return false;
    }
    const instance = world.launch({
      ami: resolvedImage(world, made.ami),
      type: made.type,
      spot: made.spot,
      subnet,
      tags: { ...tags, 'aws:autoscaling:groupName': group.name },
      clientToken: undefined,
    });
    group.members.set(instance.id, {
      instance,
      template: { id, name: template.name, version },
      state: 'Pending',
      healthy: true,
      protected: group.protectsNew,
      since: time.now(),
      activity: begin(group, `Launching a new EC2 instance: ${instance.id}`, group.cause),
    });
    group.failures = 0;
    return true;
  };

  const register = (group: AutoScalingGroup, { instance }: Member, targetGroups = group.targetGroups): void => {
    for (const arn of targetGroups) {
      const targetGroup = world.targetGroups.get(arn);
      if (targetGroup !== undefined) world.register(targetGroup, instance, targetGroup.port);
    }
  };
  const deregister = ({ instance }: Member, targetGroups: string[]): void => {
    for (const arn of targetGroups) {
      const targetGroup = world.targetGroups.get(arn);
      if (targetGroup !== undefined) world.deregister(targetGroup, instance.id);
    }
  };

  const enter = (member: Member, state: Member['state']): void => {
    member.state = state;
    member.since = time.now();
  };

  /** Out of its target groups first; the rest follows when it has drained. */
  const leave = (group: AutoScalingGroup, member: Member, cause: string): void => {
    if (!isStaying(member)) return;
    if (member.state.startsWith('Pending')) end(member.activity, 'Cancelled');
    enter(member, 'Terminating');
    member.activity = begin(group, `Terminating EC2 instance: ${member.instance.id}`, cause);
    member.activity.status = 'WaitingForELBConnectionDraining';
    deregister(member, group.targetGroups);
  };

  /** One step of a member's life, if it is due. */
  const advance = (group: AutoScalingGroup, member: Member): void => {
    const { instance, state, since } = member;
    const waited = time.now() - since;
    if (state === 'Pending' && instance.state === 'running') enter(member, 'Pending:Wait');
    if (member.state === 'Pending:Wait' && waited >= (group.hooks.launch ?? 0)) {
      if (runs(group, 'AddToLoadBalancer')) register(group, member);
      enter(member, 'InService');
      end(member.activity);
      return;
    }
    if (state === 'Terminating') {
      const drains = group.targetGroups.some((arn) => {
        const targetGroup = world.targetGroups.get(arn);
        // If it is registered again meanwhile, it stays no longer than that.
        if (targetGroup === undefined || waited > targetGroup.deregistrationDelay) return false;
        return world.targetsNow(targetGroup).has(instance.id);
      });
      if (!drains) enter(member, 'Terminating:Wait');
    }
    if (member.state === 'Terminating:Wait') {
      if (time.now() - member.since < (group.hooks.terminate ?? 0)) return;
      world.terminate(instance);
      if (instance.state !== 'terminated') return;
      group.members.delete(instance.id);
      end(member.activity);
    }
  };

  const check = (group: AutoScalingGroup): void => {
    if (!runs(group, 'HealthCheck')) return;
    const targets = group.targetGroups.flatMap((arn) => world.targetGroups.get(arn) ?? []);
    for (const member of membersIn(group, isStaying)) {
      const { id, state } = member.instance;
      if (state === 'shutting-down' || state === 'terminated') {
        member.healthy = false;
        continue;
      }
      if (member.state !== 'InService') continue;
      for (const targetGroup of targets) {
        const target = world.targetsNow(targetGroup).get(id);
        if (target?.state === 'healthy') group.trafficInService = true;
        const counts = group.healthCheckType === 'ELB' && group.trafficInService && targetGroup.namedBy > 0;
        if (counts && target?.state === 'unhealthy' && time.now() - member.since >= group.grace) member.healthy = false;
      }
    }
  };

  const replace = (group: AutoScalingGroup): void => {
    if (!runs(group, 'ReplaceUnhealthy') || !runs(group, 'Terminate')) return;
    for (const member of membersIn(group, ({ healthy }) => !healthy)) {
      const { state } = member.instance;
      const gone = state === 'shutting-down' || state === 'terminated';
      const why = gone
        ? 'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped'
        : 'an instance was taken out of service in response to an ELB system health check failure';
      leave(group, member, why);
      group.cause = 'an instance was launched in response to an unhealthy instance needing to be replaced';
    }
  };

  /** Most populated zone first, there the oldest template version, the oldest instance. Protected ones stay. */
  const victims = (group: AutoScalingGroup, many: number): Member[] => {
    const staying = membersIn(group, isStaying);
    const chosen: Member[] = [];
    for (let n = 0; n < many; n++) {
      const left = staying.filter((member) => !chosen.includes(member));
      const count = (member: Member) =>
        left.filter(({ instance }) => instance.subnet.zone === member.instance.subnet.zone).length;
      const [next] = left
        .filter((member) => !member.protected)
        .sort(
          (a, b) =>
            count(b) - count(a) ||
            Number(a.template.version) - Number(b.template.version) ||
            a.instance.launchedAt - b.instance.launchedAt,
        );
      if (next === undefined) {
        const cause = 'a request asked for fewer instances';
        const message =
          'Could not scale to desired capacity because all remaining instances are protected from scale-in.';
        if (group.activities[0]?.message !== message)
          end(begin(group, 'Terminating EC2 instance', cause), 'Failed', message);
        break;
      }
      chosen.push(next);
    }
    return chosen;
  };

  const scale = (group: AutoScalingGroup): void => {
    const staying = membersIn(group, isStaying).length;
    if (staying > group.desired && runs(group, 'Terminate')) {
      const cause = `${group.cause}; an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${staying} to ${group.desired}`;
      for (const member of victims(group, staying - group.desired)) leave(group, member, cause);
    }
    if (staying < group.desired && runs(group, 'Launch') && time.now() >= group.retryAt)
      for (let n = staying; n < group.desired; n++) if (!launch(group)) break;
  };

  const isBusy = (group: AutoScalingGroup): boolean =>
    membersIn(group, isStaying).length !== group.desired ||
    [...group.members.values()].some(({ state }) => state !== 'InService');

  const step = (group: AutoScalingGroup): void => {
    runSchedule(world, group);
    for (const member of [...group.members.values()]) advance(group, member);
    check(group);
    replace(group);
    track(world, group);
    scale(group);
  };

  /** Goes on while there is anything to look after; a group that is empty and is to stay so is woken by a change. */
  const tick = (group: AutoScalingGroup, ms: number): void => {
    time.after(ms, () => {
      if (world.autoScalingGroups.get(group.name) !== group) return;
      step(group);
      const resting = group.members.size === 0 && group.desired === 0;
      group.ticking = !resting;
      if (!resting) tick(group, isBusy(group) ? latencies.scaling : latencies.scalingCheck);
    });
  };

  const wake = (group: AutoScalingGroup): void => {
    if (group.ticking) return;
    group.ticking = true;
    tick(group, latencies.scaling);
  };

  return {
    wake,
    register,
    deregister,
    leave,
    /** Sets what it is to have; `cause` tells who did. */
    resize: (group: AutoScalingGroup, sizes: { min?: number; max?: number; desired?: number }, cause: string): void => {
      Object.assign(group, sizes);
      group.desired = Math.min(group.max, Math.max(group.min, group.desired));
      group.cause = cause;
      group.retryAt = 0;
      group.failures = 0;
      wake(group);
    },
  };
};
