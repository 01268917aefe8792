/** Computes targets' health when it is read, from the instances' answers. No timer runs per target. */

import type { Instance } from './resources.ts';
import type { ResponseTimes } from './response-times.ts';
import type { TargetGroupSettings } from './target-group-settings.ts';

export interface Target {
  instance: Instance;
  port: number;
  /** Checks are at `from + k × interval`, k ≥ 1. */
  from: number;
  /** All checks until then have been counted. */
  checkedTo: number;
  state: 'initial' | 'healthy' | 'unhealthy';
  /** Checks passed in a row, or, negative, failed in a row. */
  streak: number;
  /** When a deregistered target is gone; infinite for a registered one. */
  gone: number;
}
/**
 * Requests of one period, or part of one. `errors` are 5xx answers of targets; `connectionErrors` never reached a program; to those that are
 * `unanswered` the load balancer has answered itself, or their clients have given up.
 */
export interface Counts {
  requests: number;
  errors: number;
  connectionErrors: number;
  unanswered?: number;
}
export interface PeriodCounts extends Counts {
  times: ResponseTimes;
}
export interface TargetGroup {
  arn: string;
  port: number;
  /** Milliseconds between checks, and the checks in a row that change a target's state. */
  check: { interval: number; healthy: number; unhealthy: number; path: string };
  deregistrationDelay: number;
  /** Seconds over which a new target gets its share. Shown only: requests are routed without. */
  slowStart?: number;
  settings: TargetGroupSettings;
  /** What it was told and the simulation only shows. */
  attributes: Map<string, string>;
  targets: Map<string, Target>;
  /** How many rules name it: nothing is checked while none does. */
  namedBy: number;
  routing: Routing | undefined;
  /** Per period, by the period's start. */
  counts: Map<number, PeriodCounts>;
}
/** Where a group's requests go: to healthy targets, and to all of them if none is healthy. */
export interface Routing {
  targets: number;
  /** Per image: how many of the targets run it, and which instances of those answer. */
  images: Map<string, { targets: number; answering: string[] }>;
  /** Nothing changes by itself before. */
  until: number;
}
/** Deregistered, and not gone yet. */
export const isDraining = ({ gone }: Target): boolean => gone !== Number.POSITIVE_INFINITY;

/** A target that nobody has checked yet; its first check is `first` milliseconds from now. */
export const newTarget = (instance: Instance, port: number, interval: number, first: number, now: number): Target => ({
  instance,
  port,
  from: now + Math.min(first, interval) - interval,
  checkedTo: now,
  state: 'initial',
  streak: 0,
  gone: Number.POSITIVE_INFINITY,
});

/** Counts the checks since the last look. What a check finds must not have changed since: look before it changes. */
export const check = (group: TargetGroup, target: Target, at: number): void => {
  const { interval, healthy, unhealthy } = group.check;
  const checks = Math.floor((at - target.from) / interval) - Math.floor((target.checkedTo - target.from) / interval);
  target.checkedTo = at;
  if (checks <= 0 || group.namedBy === 0) return;
  const passes = target.instance.answers;
  const before = target.streak > 0 === passes ? target.streak : 0;
  target.streak = before + (passes ? checks : -checks);
  if (passes && (target.state === 'initial' || target.streak >= healthy)) target.state = 'healthy';
  if (!passes && -target.streak >= unhealthy) target.state = 'unhealthy';
};

/** Where the group's requests go at a time, which only grows from call to call. */
export const routing = (group: TargetGroup, at: number): Routing => {
  if (group.routing !== undefined && at < group.routing.until) return group.routing;
  const active: Target[] = [];
  let until = Number.POSITIVE_INFINITY;
  for (const target of group.targets.values()) {
    if (isDraining(target)) continue;
    check(group, target, at);
    active.push(target);
    const steady = target.state === (target.instance.answers ? 'healthy' : 'unhealthy');
    const { interval } = group.check;
    if (!steady) until = Math.min(until, target.from + (Math.floor((at - target.from) / interval) + 1) * interval);
  }
  const healthy = active.filter(({ state }) => state === 'healthy');
  const used = healthy.length > 0 ? healthy : active;
  const images: Routing['images'] = new Map();
  for (const { instance } of used) {
    const image = images.get(instance.image) ?? { targets: 0, answering: [] };
    image.targets++;
    if (instance.answers) image.answering.push(instance.id);
    images.set(instance.image, image);
  }
  group.routing = { targets: used.length, images, until };
  return group.routing;
};
