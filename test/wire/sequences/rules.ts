/** Elastic Load Balancing: listeners, rules and their weights, tags. */
import {
  type Action,
  AddTagsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  type DescribeRulesCommandInput,
  DescribeTagsCommand,
  ModifyRuleCommand,
  RemoveTagsCommand,
  type Rule,
  type TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, codeOf, type Sequence, type SidesClients } from '../sides.ts';

/** An ARN of the same kind that leads nowhere. */
export const unknown = (arn: string): string => `${arn.slice(0, -4)}0000`;

const ruleShown = ({ RuleArn, IsDefault, Actions = [] }: Rule) => ({
  rule: RuleArn,
  default: IsDefault,
  actions: Actions.map(({ Type, TargetGroupArn, ForwardConfig }) => ({
    Type,
    sole: TargetGroupArn,
    groups: ForwardConfig?.TargetGroups?.map((group) => `${group.TargetGroupArn} ${group.Weight}`),
    sticky: ForwardConfig?.TargetGroupStickinessConfig?.Enabled,
  })),
});

const rules = async ({ elbv2 }: SidesClients, input: DescribeRulesCommandInput) =>
  ((await elbv2.send(new DescribeRulesCommand(input))).Rules ?? []).map(ruleShown);

/** What the account's rule does now. */
const actions = async (clients: SidesClients, { service }: Account) =>
  (await rules(clients, { RuleArns: service.rules })).flatMap((rule) => rule.actions);

export const forward = (TargetGroups: TargetGroupTuple[]): Action[] => [
  { Type: 'forward', ForwardConfig: { TargetGroups } },
];

export const modify = ({ elbv2 }: SidesClients, { service }: Account, Actions: Action[], RuleArn = service.rules[0]) =>
  elbv2.send(new ModifyRuleCommand({ RuleArn, Actions }));

const weighted = ({ service: { slots } }: Account, blue: number, green: number): Action[] =>
  forward([
    { TargetGroupArn: slots.blue, Weight: blue },
    { TargetGroupArn: slots.green, Weight: green },
  ]);

export const sequencesOfRules: Sequence[] = [
  {
    name: 'DescribeRules by ARN and by listener',
    run: async (clients, { service: { rules: RuleArns } }) => {
      const [arn = ''] = RuleArns;
      const ListenerArn = arn.replace(':listener-rule/', ':listener/').split('/').slice(0, -1).join('/');
      // Other sequences' rules are on the listener, too.
      const rulesOn = (await rules(clients, { ListenerArn })).filter((rule) => rule.default || rule.rule === arn);
      return {
        named: await rules(clients, { RuleArns }),
        ofListener: rulesOn.map((rule) => rule.default),
        unknown: await codeOf(rules(clients, { RuleArns: [unknown(arn)] })),
        besideOne: await codeOf(rules(clients, { RuleArns: [arn, unknown(arn)] })),
        unknownListener: await codeOf(rules(clients, { ListenerArn: unknown(ListenerArn) })),
        nothingNamed: await codeOf(rules(clients, {})),
      };
    },
  },
  {
    name: 'ModifyRule with weights',
    run: async (clients, account) => {
      const { Rules = [] } = await modify(clients, account, weighted(account, 75, 25));
      const after = await actions(clients, account);
      await modify(clients, account, weighted(account, 0, 100));
      return { answered: Rules.map(ruleShown), after, idle: await actions(clients, account) };
    },
  },
  {
    name: 'ModifyRule to one target group, in the long form and in the short one',
    run: async (clients, account) => {
      const { blue } = account.service.slots;
      const after = async (Actions: Action[]) => {
        await modify(clients, account, Actions);
        return actions(clients, account);
      };
      return {
        long: await after(forward([{ TargetGroupArn: blue, Weight: 1 }])),
        short: await after([{ Type: 'forward', TargetGroupArn: blue }]),
      };
    },
  },
  {
    name: 'ModifyRule with what it does not take',
    run: async (clients, account) => {
      const {
        rules: [arn = ''],
        slots,
      } = account.service;
      const code = (Actions: Action[], rule = arn) => codeOf(modify(clients, account, Actions, rule));
      return {
        unknownRule: await code(weighted(account, 50, 50), unknown(arn)),
        unknownTargetGroup: await code(forward([{ TargetGroupArn: unknown(slots.blue), Weight: 1 }])),
        negativeWeight: await code(weighted(account, -1, 1)),
        weightOf1000: await code(weighted(account, 1000, 0)),
        after: await actions(clients, account),
      };
    },
  },
  {
    name: 'AddTags and RemoveTags, each twice',
    run: async (
      { elbv2 },
      {
        service: {
          rules: [rule = ''],
          slots,
        },
      },
    ) => {
      const ResourceArns = [rule, slots.blue];
      const add = (Value: string) => elbv2.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: 'team', Value }] }));
      const remove = () => codeOf(elbv2.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['team'] })));
      const described = async (arns = ResourceArns) =>
        (await elbv2.send(new DescribeTagsCommand({ ResourceArns: arns }))).TagDescriptions?.map(
          ({ Tags = [] }) => Tags.find(({ Key }) => Key === 'team')?.Value ?? null,
        );
      await add('shop');
      const first = await described();
      await add('store');
      const second = await described();
      return {
        first,
        second,
        removed: [await remove(), await remove()],
        after: await described(),
        unknownRule: await codeOf(described([unknown(rule)])),
        unknownTargetGroup: await codeOf(described([unknown(slots.blue)])),
      };
    },
  },
  {
    name: 'DescribeListeners and DescribeLoadBalancers',
    run: async ({ elbv2 }, { loadBalancer }) => {
      const listeners = async (LoadBalancerArn: string) =>
        (await elbv2.send(new DescribeListenersCommand({ LoadBalancerArn }))).Listeners?.map((one) => one.ListenerArn);
      const balancers = async (LoadBalancerArns: string[]) =>
        (await elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }))).LoadBalancers?.map((one) => [
          one.LoadBalancerName,
          one.AvailabilityZones?.map(({ ZoneName }) => ZoneName),
        ]);
      return {
        listeners: await listeners(loadBalancer),
        noBalancer: await codeOf(listeners(unknown(loadBalancer))),
        balancers: await balancers([loadBalancer]),
        unknown: await codeOf(balancers([unknown(loadBalancer)])),
      };
    },
  },
];
