/** Doctor's findings about target group settings that make a rollout slow, hide failures, or lose requests. */
import { formatDuration } from '../../../core/basics/duration.ts';
import { slots } from '../../../core/basics/slot.ts';
import { entry, type Look } from './entry.ts';

const settingsOf = ({ facts }: Look) =>
  slots.flatMap((slot) => {
    const group = facts.targetGroups[slot];
    if (group === null) return [];
    const number = (key: string): number => Number(group.settings[key] ?? 0);
    return [
      {
        name: group.name,
        // A new target needs one passed check. One that failed its first checks while it started needs the whole healthy threshold.
        // Elastic Load Balancing user guide, health checks: "After your target is registered, it must pass one health check".
        healthyAfter: number('HealthCheckIntervalSeconds'),
        failsAfter: number('HealthCheckIntervalSeconds') * number('UnhealthyThresholdCount'),
        recoversAfter: number('HealthCheckIntervalSeconds') * number('HealthyThresholdCount'),
        draining: number('deregistration_delay.timeout_seconds'),
        slowStart: number('slow_start.duration_seconds'),
      },
    ];
  });

/** A rollout waits as long as its target group drains, and the next image waits for the rollout. */
const longestDraining = 900;

export const healthChecks = entry<ReturnType<typeof settingsOf>[number]>({
  name: 'health checks',
  observe: settingsOf,
  problem: ({ name, healthyAfter, failsAfter, recoversAfter }, { service: { checks } }) => {
    const within = `a fleet has to be ready within ${formatDuration(checks.readyWithin)}`;
    if (healthyAfter >= checks.readyWithin)
      return `${name} checks a target every ${formatDuration(healthyAfter)}, and ${within}`;
    return failsAfter + recoversAfter > checks.readyWithin
      ? `${name} calls a target healthy only after another ${formatDuration(recoversAfter)} if its program takes longer than ${formatDuration(failsAfter)} to start, and ${within}`
      : null;
  },
  remedy: () =>
    'set a shorter interval or a lower healthy threshold on both target groups, or a longer checks.readyWithin',
});

export const draining = entry<ReturnType<typeof settingsOf>[number]>({
  name: 'draining',
  observe: settingsOf,
  problem: ({ name, draining }) =>
    draining === 0
      ? `${name} has no deregistration delay: running requests fail when a target leaves`
      : draining > longestDraining
        ? `${name} drains for ${formatDuration(draining)}: every rollout takes that much longer, and the next image waits for it`
        : null,
  remedy: () =>
    'set deregistration_delay.timeout_seconds of both target groups to the time of the longest request; 300 seconds or less is usual',
});

export const slowStart = entry<ReturnType<typeof settingsOf>[number]>({
  name: 'slow start',
  observe: settingsOf,
  problem: ({ name, slowStart }, { service: { strategy } }) => {
    const bakes = strategy.steps.flatMap(({ bake }) => (bake > 0 ? [bake] : []));
    return slowStart > 0 && slowStart >= Math.min(...bakes)
      ? `${name} gives a new target its share over ${formatDuration(slowStart)}, longer than the shortest bake: instances that join a fleet with traffic get little of it until then, and the others more`
      : null;
  },
  remedy: () => 'set slow_start.duration_seconds to 0, or lengthen the bakes',
});
