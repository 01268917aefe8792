/** Rules with the weights in force, target groups, and changes of both. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Latencies } from '../latencies.ts';
import type { Machines } from '../machines.ts';
import type { Time } from '../time.ts';
import type { Instance } from './resources.ts';
import { addTime, type Expected, noTimes } from './response-times.ts';
import { type Counts, check, isDraining, newTarget, type Target, type TargetGroup } from './target-health.ts';

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

/** What one request took, in milliseconds; or what many may be expected to take. */
type Took = number | Expected[];

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

  const unchecked = (group: TargetGroup, instance: Instance, port: number): Target =>
    newTarget(instance, port, group.check.interval, latencies.firstHealthCheck, time.now());

  const look = (): void => {
    for (const listener of beforeChange) listener();
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
        if (isNew) {
          for (const [id, { instance, port, gone }] of group.targets)
            group.targets.set(id, { ...unchecked(group, instance, port), gone });
        }
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
      const there = group.targets.get(instance.id);
      if (there !== undefined && !isDraining(there)) return;
      group.targets.set(instance.id, unchecked(group, instance, port));
      instance.groups.add(group.arn);
      group.routing = undefined;
    },
    deregister: (group: TargetGroup, id: string): void => {
      const target = targetsNow(group).get(id);
      if (target === undefined || isDraining(target)) return;
      target.gone = time.now() + (group.namedBy === 0 ? 0 : group.deregistrationDelay);
      group.routing = undefined;
      targetsNow(group);
    },
    targetsNow,
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
      return [...targetsNow(group).values()].flatMap((target) => {
        const { instance, state } = target;
        const address = machines.address(instance.id);
        const draining = isDraining(target);
        return address === undefined
          ? []
          : [{ id: instance.id, ...address, draining, healthy: !draining && state === 'healthy' }];
      });
    },
    /** Adds requests that went through a target group to its metrics. */
    count: (
      arn: string,
      { requests, errors, connectionErrors, unanswered = 0 }: Counts,
      at = time.now(),
      took: Took = [],
    ): void => {
      const counts = (targetGroups.get(arn) as TargetGroup).counts;
      const start = Math.floor(at / metricPeriod) * metricPeriod;
      let sum = counts.get(start);
      if (sum === undefined) {
        sum = { requests: 0, errors: 0, connectionErrors: 0, unanswered: 0, times: noTimes() };
        counts.set(start, sum);
        for (const old of counts.keys()) {
          if (old >= start - keepsMetrics) break;
          counts.delete(old);
        }
      }
      sum.requests += requests;
      sum.errors += errors;
      sum.connectionErrors += connectionErrors;
      sum.unanswered = (sum.unanswered ?? 0) + unanswered;
      if (typeof took === 'number') addTime(sum.times, took);
      else sum.times.expected.push(...took);
    },
  };
};
