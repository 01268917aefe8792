/** The traffic port on listener rules. It edits the weights in a rule's one forward action and leaves the rest of the rule unchanged. */
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ModifyRuleCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Rejected, Transient } from '../../../core/basics/errors.ts';
import type { Service } from '../../../core/config/service.ts';
import type { RuleWeights, TargetHealth, Traffic } from '../../../pipeline/ports/traffic.ts';
import { codeOf, send } from '../aws-errors.ts';
import { batchesOf, type Client, everyPage } from '../client.ts';
import { actionsWith, editable, namesBoth, percentFor, slotWeights } from './rule-actions.ts';
import { idOf, leave, targetsOf } from './targets.ts';

const rulesPerCall = 20;

/** The ARN of the load balancer that a target group is attached to, null while no rule leads to it. */
const loadBalancersOf = async (elb: Client, targetGroups: string[]): Promise<(string | null)[]> => {
  const found = await everyPage(async (Marker) => {
    const page = await send(elb, new DescribeTargetGroupsCommand({ TargetGroupArns: targetGroups, Marker }));
    return { items: page.TargetGroups, next: page.NextMarker };
  });
  return targetGroups.map(
    (arn) => found.find(({ TargetGroupArn }) => TargetGroupArn === arn)?.LoadBalancerArns?.[0] ?? null,
  );
};

const listenersOf = (elb: Client, LoadBalancerArn: string) =>
  everyPage(async (Marker) => {
    const page = await send(elb, new DescribeListenersCommand({ LoadBalancerArn, Marker }));
    return { items: page.Listeners, next: page.NextMarker };
  });

const rulesOn = (elb: Client, ListenerArn: string | undefined) =>
  everyPage(async (Marker) => {
    const page = await send(elb, new DescribeRulesCommand({ ListenerArn, Marker }));
    return { items: page.Rules, next: page.NextMarker };
  });

/** Every rule of the slots' load balancers that names one of them, configured or not. */
export const rulesNaming = async (elb: Client, { blue, green }: Service['slots']): Promise<RuleWeights[]> => {
  const found = await loadBalancersOf(elb, [...new Set([blue, green])]);
  const naming: RuleWeights[] = [];
  for (const loadBalancer of new Set(found.filter((arn) => arn !== null)))
    for (const { ListenerArn } of await listenersOf(elb, loadBalancer))
      for (const rule of await rulesOn(elb, ListenerArn)) {
        const weights = { blue: percentFor(rule, blue), green: percentFor(rule, green) };
        if (weights.blue !== null || weights.green !== null)
          naming.push({ rule: rule.RuleArn ?? '', weights: { blue: weights.blue ?? 0, green: weights.green ?? 0 } });
      }
  return naming;
};

/** What may pass before what will not: it is tried again with the others. */
const throwFirst = (failures: readonly unknown[]): void => {
  if (failures.length > 0) throw failures.find((one) => one instanceof Transient) ?? failures[0];
};

export const trafficOf = ({ elb }: { elb: Client }): Traffic => {
  const described = (RuleArns: string[]): Promise<Rule[]> =>
    everyPage(async (Marker) => {
      const page = await send(elb, new DescribeRulesCommand({ RuleArns, Marker }));
      return { items: page.Rules, next: page.NextMarker };
    });

  /** One rule that does not exist fails the call for all that are asked for with it: then each is asked for by itself. */
  const existing = async (arns: string[]): Promise<Rule[]> => {
    try {
      return await described(arns);
    } catch (error) {
      if (!/^RuleNotFound/.test(codeOf(error))) throw error;
      const [first = '', ...others] = arns;
      return others.length === 0 ? [] : [...(await existing([first])), ...(await existing(others))];
    }
  };

  const rulesOf = async ({ name, rules }: Service): Promise<{ found: Rule[]; missing: Rejected[] }> => {
    const found: Rule[] = [];
    for (const arns of batchesOf(rules, rulesPerCall)) found.push(...(await existing(arns)));
    const missing = rules.filter((arn) => !found.some(({ RuleArn }) => RuleArn === arn));
    if (missing.length === 0) return { found, missing: [] };
    const problem = `${name} names rules that do not exist: ${missing.join(', ')}`;
    return { found, missing: [new Rejected({ problem, remedy: 'correct its `rules`' })] };
  };

  return {
    weights: async (service) => {
      const { found, missing } = await rulesOf(service);
      throwFirst(missing);
      return found.map((rule) => ({
        rule: rule.RuleArn ?? '',
        weights: slotWeights(editable(rule, service.slots), service.slots),
      }));
    },

    setWeights: async (service, weights, about) => {
      if (weights.blue + weights.green === 0)
        throw new Rejected(`${service.name}: weights of 0 and 0 lead nowhere; one slot has to have traffic`);
      const { found, missing } = await rulesOf(service);
      // One rule that cannot be had must not keep the traffic of the others where it is not to be.
      const failures: unknown[] = missing;
      const rules = found.flatMap((rule) => {
        try {
          const forward = editable(rule, service.slots);
          const now = slotWeights(forward, service.slots);
          return { rule, forward, same: now.blue === weights.blue && now.green === weights.green };
        } catch (error) {
          failures.push(error);
          return [];
        }
      });
      if (rules.some(({ same }) => !same)) await about();
      let edited = 0;
      const unnamed: Error[] = [];
      for (const { rule, forward, same } of rules) {
        // A group that no rule names is not health-checked: both are named, the idle one with weight 0.
        if (same && namesBoth(forward, service.slots)) continue;
        const Actions = actionsWith(rule, forward, service.slots, weights);
        try {
          await send(elb, new ModifyRuleCommand({ RuleArn: rule.RuleArn, Actions }));
          edited++;
        } catch (error) {
          // Traffic is where it is to be: only a fleet that comes needs the second group to be named.
          if (same && error instanceof Error) unnamed.push(error);
          else failures.push(error);
        }
      }
      throwFirst(failures);
      return { edited, unnamed };
    },

    rulesNaming: ({ slots }) => rulesNaming(elb, slots),

    deregister: async (service, slot, instance) => {
      const targets = await targetsOf(elb, service.slots[slot]);
      await leave(
        elb,
        service.slots[slot],
        targets.filter((target) => idOf(target) === instance),
      );
    },

    health: async (service, slot) => {
      const targets = await targetsOf(elb, service.slots[slot]);
      return targets.map(({ Target, HealthCheckPort, TargetHealth }) => ({
        id: Target?.Id ?? '',
        state: stateOf(TargetHealth?.State),
        reason: TargetHealth?.Description ?? TargetHealth?.Reason ?? null,
        port: Target?.Port ?? Number(HealthCheckPort),
      }));
    },
  };
};

const states = ['initial', 'healthy', 'unhealthy', 'unused', 'draining', 'unavailable'] as const;

/** What a later API may add is a target that cannot be counted on. */
const stateOf = (state: string | undefined): TargetHealth['state'] =>
  states.find((known) => known === state) ?? 'unavailable';
