/** Rules, target groups and targets, with health and weights worked out when somebody looks: no timer runs per target. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Latencies } from '../latencies.ts';
import type { Machines } from '../machines.ts';
import type { Time } from '../time.ts';
import type { Instance } from './world.ts';

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
/** Requests of one period, or part of one. `errors` are 5xx answers of targets; `connectionErrors` never reached a program. */
export interface Counts {
  requests: number;
  errors: number;
  connectionErrors: number;
}
export interface TargetGroup {
  arn: string;
  port: number;
  /** Milliseconds between checks, and the checks in a row that change a target's state. */
  check: { interval: number; healthy: number; unhealthy: number; path: string };
  deregistrationDelay: number;
  targets: Map<string, Target>;
  /** How many rules name it: nothing is checked while none does. */
  namedBy: number;
  routing: Routing | undefined;
  /** Per period, by the period's start. */
  counts: Map<number, Counts>;
}
/** Where a group's requests go: to healthy targets, and to all of them if none is healthy. */
export interface Routing {
  targets: number;
  /** Per image: how many of the targets run it, and how many of those answer. */
  images: Map<string, { targets: number; answering: number }>;
  /** Nothing changes by itself before. */
  until: number;
}
export type GroupWeights = { targetGroup: string; weight: number }[];
export interface Rule {
  arn: string;
  listener: string;
  priority: string;
  /** As DescribeRules shows them, from ModifyRule on. */
  actions: Action[];
  /** What the nodes route by, each from a time on; the last may still be on its way. */
  routes: { from: number; weights: GroupWeights }[];
}
export interface Listener {
  arn: string;
  loadBalancer: string;
  port: number;
}

/** Target groups that the actions send requests to, with their weights. */
export const forwardsOf = (actions: Action[]): GroupWeights =>
  actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn = '', Weight = 1 }) => ({
      targetGroup: TargetGroupArn,
      weight: Weight,
    })),
  );

const keepsMetrics = 86_400_000;

interface Parts {
  time: Time;
  machines: Machines;
  latencies: Latencies;
  metricPeriod: number;
}

export const loadBalancing = ({ time, machines, latencies, metricPeriod }: Parts) => {
  const targetGroups = new Map<string, TargetGroup>();
  const rules = new Map<string, Rule>();
  const listeners = new Map<string, Listener>();
  /** Called before anything that decides where requests go changes or is looked at, so that traffic is counted up to now. */
  const beforeChange: (() => void)[] = [];

  /** Counts the checks since the last look. What a check finds has not changed since: `changing` looked before. */
  const check = (group: TargetGroup, target: Target, at: number): void => {
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

  /** Times only grow from call to call. */
  const routing = (group: TargetGroup, at: number): Routing => {
    if (group.routing !== undefined && at < group.routing.until) return group.routing;
    const active: Target[] = [];
    let until = Number.POSITIVE_INFINITY;
    for (const target of group.targets.values()) {
      if (target.gone !== Number.POSITIVE_INFINITY) continue;
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
      const image = images.get(instance.image) ?? { targets: 0, answering: 0 };
      image.targets++;
      if (instance.answers) image.answering++;
      images.set(instance.image, image);
    }
    group.routing = { targets: used.length, images, until };
    return group.routing;
  };

  const look = (): void => {
    for (const listener of beforeChange) listener();
  };

  const rechecked = (target: Target, interval: number): void => {
    target.from = time.now() + Math.min(latencies.firstHealthCheck, interval) - interval;
    target.checkedTo = time.now();
    target.state = 'initial';
    target.streak = 0;
  };

  /** The group's targets with their health as of now, drained ones gone. */
  const targetsNow = (group: TargetGroup): Map<string, Target> => {
    look();
    for (const [id, target] of group.targets) {
      if (target.gone > time.now()) check(group, target, time.now());
      else {
        group.targets.delete(id);
        target.instance.groups.delete(group.arn);
      }
    }
    return group.targets;
  };

  /** The weights by which a rule's load balancer routes at this moment; after ModifyRule that takes a while to change. */
  const effectiveWeights = (arn: string, at = time.now()): GroupWeights =>
    rules.get(arn)?.routes.findLast(({ from }) => from <= at)?.weights ?? [];

  return {
    targetGroups,
    rules,
    listeners,
    metricPeriod,
    beforeChange,
    changing: (instance?: Instance): void => {
      look();
      for (const arn of instance?.groups ?? []) {
        const group = targetGroups.get(arn) as TargetGroup;
        const target = group.targets.get((instance as Instance).id);
        if (target !== undefined) check(group, target, time.now());
        group.routing = undefined;
      }
    },
    setActions: (rule: Rule, actions: Action[]): void => {
      look();
      const weights = forwardsOf(actions);
      const old = rule.routes.at(-1)?.weights ?? [];
      for (const { targetGroup } of weights) (targetGroups.get(targetGroup) as TargetGroup).namedBy++;
      for (const { targetGroup } of old) (targetGroups.get(targetGroup) as TargetGroup).namedBy--;
      for (const { targetGroup } of weights) {
        const group = targetGroups.get(targetGroup) as TargetGroup;
        const isNew = group.namedBy === 1 && !old.some((other) => other.targetGroup === targetGroup);
        if (isNew) for (const target of group.targets.values()) rechecked(target, group.check.interval);
        group.routing = undefined;
      }
      const now = time.now();
      const inForce = rule.routes.findLastIndex(({ from }) => from <= now);
      const propagation = rule.routes.length === 0 ? 0 : latencies.weightPropagation;
      rule.actions = actions;
      rule.routes = [...rule.routes.slice(Math.max(0, inForce)), { from: now + propagation, weights }];
    },
    register: (group: TargetGroup, instance: Instance, port: number): void => {
      targetsNow(group);
      if (group.targets.get(instance.id)?.gone === Number.POSITIVE_INFINITY) return;
      const now = time.now();
      const target: Target = {
        instance,
        port,
        from: now,
        checkedTo: now,
        state: 'initial',
        streak: 0,
        gone: Number.POSITIVE_INFINITY,
      };
      rechecked(target, group.check.interval);
      group.targets.set(instance.id, target);
      instance.groups.add(group.arn);
      group.routing = undefined;
    },
    deregister: (group: TargetGroup, id: string): void => {
      const target = targetsNow(group).get(id);
      if (target === undefined || target.gone !== Number.POSITIVE_INFINITY) return;
      target.gone = time.now() + (group.namedBy === 0 ? 0 : group.deregistrationDelay);
      group.routing = undefined;
      targetsNow(group);
    },
    targetsNow,
    routing,
    /** ARNs of the load balancers whose rules name the group: at most one, as AWS allows no more. */
    loadBalancersOf: (arn: string): string[] => {
      const naming = [...rules.values()].filter(({ actions }) =>
        forwardsOf(actions).some(({ targetGroup }) => targetGroup === arn),
      );
      return [...new Set(naming.map(({ listener }) => (listeners.get(listener) as Listener).loadBalancer))];
    },
    effectiveWeights,
    /** For a real load balancer: a group's targets that listen already, and where. Draining ones get no new request. */
    targetsOf: (arn: string) => {
      const group = targetGroups.get(arn);
      if (group === undefined) return [];
      return [...targetsNow(group).values()].flatMap(({ instance, gone, state }) => {
        const address = machines.address(instance.id);
        const draining = gone !== Number.POSITIVE_INFINITY;
        return address === undefined
          ? []
          : [{ id: instance.id, ...address, draining, healthy: !draining && state === 'healthy' }];
      });
    },
    /** Adds requests that went through a target group to its metrics. */
    count: (arn: string, { requests, errors, connectionErrors }: Counts, at = time.now()): void => {
      const counts = (targetGroups.get(arn) as TargetGroup).counts;
      const start = Math.floor(at / metricPeriod) * metricPeriod;
      const sum = counts.get(start);
      if (sum === undefined) {
        counts.set(start, { requests, errors, connectionErrors });
        for (const old of counts.keys()) {
          if (old >= start - keepsMetrics) break;
          counts.delete(old);
        }
        return;
      }
      sum.requests += requests;
      sum.errors += errors;
      sum.connectionErrors += connectionErrors;
    },
  };
};
