/** Target tracking and scheduled actions, which change a group's size by themselves. */
import type { World } from '../world.ts';
import { isStaying, membersIn } from './group.ts';
import type { AutoScalingGroup } from './resources.ts';

/** One-minute points above the aim until it scales out, and below nine tenths of it until it scales in. (mem) */
const toScaleOut = 3;
const toScaleIn = 15;

/** Actions that are due: done, or, while ScheduledActions is suspended, skipped for good. */
export const runSchedule = (world: World, group: AutoScalingGroup): void => {
  const now = world.time.now();
  const due = group.scheduled.filter(({ at }) => at <= now);
  if (due.length === 0) return;
  group.scheduled = group.scheduled.filter(({ at }) => at > now);
  if (group.suspended.has('ScheduledActions')) return;
  for (const { name, min = group.min, max = group.max, desired } of due) {
    const size = Math.min(max, Math.max(min, desired ?? group.desired));
    group.cause = `a scheduled action update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${size} (${name}) changing the desired capacity from ${group.desired} to ${size}`;
    Object.assign(group, { min, max, desired: size });
  }
};

/** Once a minute: requests per target of each policy's target group against its aim. Out if any policy says so, in if all do. */
export const track = (world: World, group: AutoScalingGroup): void => {
  const minute = world.metricPeriod;
  const now = world.time.now();
  if (group.policies.length === 0 || now - group.trackedAt < minute) return;
  group.trackedAt = now;
  if (group.suspended.has('AlarmNotification')) return;
  const many = membersIn(group, isStaying).length;
  const lastMinute = Math.floor(now / minute) * minute - minute;
  const ratios = group.policies.map(({ targetGroup, perTarget }) => {
    const requests = world.targetGroups.get(targetGroup)?.counts.get(lastMinute)?.requests ?? 0;
    return many === 0 ? 0 : requests / many / perTarget;
  });
  const most = Math.max(...ratios);
  group.above = most > 1 ? group.above + 1 : 0;
  group.below = most < 0.9 ? group.below + 1 : 0;
  const size = Math.min(group.max, Math.max(group.min, Math.ceil(many * most)));
  const out = group.above >= toScaleOut && size > group.desired;
  const inwards = group.below >= toScaleIn && size < group.desired && many === group.desired;
  if (!out && !inwards) return;
  group.cause = `a monitor alarm TargetTracking-${group.name} in state ALARM triggered policy requests-per-target changing the desired capacity from ${group.desired} to ${size}`;
  group.desired = size;
  group.above = 0;
  group.below = 0;
};
