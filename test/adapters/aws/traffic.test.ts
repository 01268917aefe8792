/** Rules are edited, not replaced; lists are read to their end; what cannot be edited is refused with a remedy. */
import type {
  Action,
  DescribeRulesCommandInput,
  ModifyRuleCommandInput,
  Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { trafficOf } from '../../../adapters/aws/load-balancer/traffic.ts';
import { blue, fails, fakeClient, green, inputsOf, loadBalancer, paged, rule, shop } from './fake.ts';

const forward = (blueWeight: number, greenWeight: number, more: Partial<Action> = {}): Action => ({
  Type: 'forward',
  Order: 1,
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: blue, Weight: blueWeight },
      { TargetGroupArn: green, Weight: greenWeight },
    ],
    TargetGroupStickinessConfig: { Enabled: false },
  },
  ...more,
});

const over = (rules: Rule[], modify: (input: { RuleArn: string }) => unknown = () => ({})) => {
  const elb = fakeClient({
    DescribeRules: ({ RuleArns }: { RuleArns: string[] }) => {
      const found = rules.filter(({ RuleArn }) => RuleArns.includes(RuleArn ?? ''));
      return found.length < RuleArns.length ? fails('RuleNotFoundException')() : { Rules: found };
    },
    ModifyRule: modify,
  });
  return { elb, traffic: trafficOf({ elb }) };
};
const ruleWith = (...Actions: Action[]): Rule => ({ RuleArn: rule, Priority: '5', IsDefault: false, Actions });
const about = vi.fn(async (): Promise<void> => undefined);
beforeEach(() => void about.mockClear());

const modified = ({ elb }: ReturnType<typeof over>) => inputsOf<ModifyRuleCommandInput>(elb, 'ModifyRule');

describe('weights', () => {
  test('are percentages, whatever numbers the rule has', async () => {
    for (const [weights, expected] of [
      [[1, 0], { blue: 100, green: 0 }],
      [[1, 3], { blue: 25, green: 75 }],
      [[0, 0], { blue: 0, green: 0 }],
      [[950, 50], { blue: 95, green: 5 }],
    ] as const) {
      const { traffic } = over([ruleWith(forward(...(weights as readonly [number, number])))]);
      expect(await traffic.weights(shop())).toEqual([{ rule, weights: expected }]);
    }
  });

  test('of a rule that forwards to one plain target group are all on that one', async () => {
    const { traffic } = over([ruleWith({ Type: 'forward', TargetGroupArn: green })]);
    expect(await traffic.weights(shop())).toEqual([{ rule, weights: { blue: 0, green: 100 } }]);
  });

  test('are read for more rules than fit into a call', async () => {
    const rules = Array.from({ length: 45 }, (_, index) => ({
      ...ruleWith(forward(100, 0)),
      RuleArn: `rule-${index}`,
    }));
    const { traffic, elb } = over(rules);
    const weights = await traffic.weights(shop({ rules: rules.map(({ RuleArn }) => RuleArn) }));
    expect(weights.map((one) => one.rule)).toEqual(rules.map(({ RuleArn }) => RuleArn));
    expect(inputsOf<DescribeRulesCommandInput>(elb, 'DescribeRules').map(({ RuleArns }) => RuleArns?.length)).toEqual([
      20, 20, 5,
    ]);
  });
});

describe('setting weights', () => {
  test('changes nothing but the weights: a login in front, its order and settings survive', async () => {
    const login: Action = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: {
        Issuer: 'https://login.example',
        AuthorizationEndpoint: 'https://login.example/a',
        TokenEndpoint: 'https://login.example/t',
        UserInfoEndpoint: 'https://login.example/u',
        ClientId: 'shop',
        SessionTimeout: 600,
        OnUnauthenticatedRequest: 'authenticate',
      },
    };
    const story = over([ruleWith(login, forward(100, 0, { Order: 2 }))]);
    await story.traffic.setWeights(shop(), { blue: 95, green: 5 }, about);
    expect(modified(story)).toEqual([
      {
        RuleArn: rule,
        Actions: [
          { ...login, AuthenticateOidcConfig: { ...login.AuthenticateOidcConfig, UseExistingClientSecret: true } },
          forward(95, 5, { Order: 2 }),
        ],
      },
    ]);
  });

  test('leaves rules alone that already have them, in whatever numbers', async () => {
    const story = over([ruleWith(forward(1, 0))]);
    await story.traffic.setWeights(shop(), { blue: 100, green: 0 }, about);
    expect(modified(story)).toEqual([]);
    expect(about).not.toHaveBeenCalled();
  });

  test('are told of once, before the first rule is edited', async () => {
    const rules = [50, 50].map((weight, index) => ({
      ...ruleWith(forward(weight, 100 - weight)),
      RuleArn: `rule-${index}`,
    }));
    const story = over(rules);
    let before: unknown[] | undefined;
    about.mockImplementationOnce(async () => {
      await new Promise(setImmediate);
      before = modified(story);
    });
    await story.traffic.setWeights(shop({ rules: ['rule-0', 'rule-1'] }), { blue: 100, green: 0 }, about);
    expect(before).toEqual([]);
    expect(modified(story)).toHaveLength(2);
    expect(about).toHaveBeenCalledOnce();
  });

  test('names the idle group too, so that its targets are health-checked', async () => {
    const both = { TargetGroupArn: blue, ForwardConfig: { TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }] } };
    // No weight changes by it.
    for (const action of [{ TargetGroupArn: blue }, both]) {
      const story = over([ruleWith({ Type: 'forward', ...action })]);
      await story.traffic.setWeights(shop(), { blue: 100, green: 0 }, about);
      expect(modified(story)[0]?.Actions).toEqual([
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: blue, Weight: 100 },
              { TargetGroupArn: green, Weight: 0 },
            ],
          },
        },
      ]);
    }
    expect(about).not.toHaveBeenCalled();
  });

  test('does not fail for an idle group that cannot be named, and answers why', async () => {
    const story = over([ruleWith({ Type: 'forward', TargetGroupArn: blue })], fails('TooManyTargetGroupsException'));
    const answer = await story.traffic.setWeights(shop(), { blue: 100, green: 0 }, about);
    expect(answer).toEqual({ edited: 0, unnamed: [expect.objectContaining({ name: 'Rejected' })] });
    await expect(story.traffic.setWeights(shop(), { blue: 0, green: 100 }, about)).rejects.toMatchObject({
      name: 'Rejected',
    });
  });

  test('edits only the rules that differ', async () => {
    const rules = [50, 60, 50].map((weight, index) => ({
      ...ruleWith(forward(weight, 100 - weight)),
      RuleArn: `rule-${index}`,
    }));
    const story = over(rules);
    await story.traffic.setWeights(shop({ rules: ['rule-0', 'rule-1', 'rule-2'] }), { blue: 50, green: 50 }, about);
    expect(modified(story).map(({ RuleArn }) => RuleArn)).toEqual(['rule-1']);
  });

  test('are given to every rule that can have them, before one that cannot is told of', async () => {
    const arns = ['rule-0', 'rule-1', 'gone', 'rule-2', 'fixed'];
    const rules = ['rule-0', 'rule-1', 'rule-2'].map((RuleArn) => ({ ...ruleWith(forward(50, 50)), RuleArn }));
    const all = [...rules, { ...ruleWith({ Type: 'fixed-response' }), RuleArn: 'fixed' }];
    const given = shop({ rules: arns });
    const set = (story: ReturnType<typeof over>) => story.traffic.setWeights(given, { blue: 100, green: 0 }, about);
    const story = over(all);
    await expect(set(story)).rejects.toThrow(/names rules that do not exist: gone/);
    expect(modified(story).map(({ RuleArn }) => RuleArn)).toEqual(['rule-0', 'rule-1', 'rule-2']);

    // What may pass is told of before what will not.
    const throttled = over(all, ({ RuleArn }) => (RuleArn === 'rule-0' ? fails('ThrottlingException')() : {}));
    await expect(set(throttled)).rejects.toMatchObject({ name: 'Transient' });
    expect(modified(throttled)).toHaveLength(3);
  });

  test('refuses weights that lead nowhere', async () => {
    const story = over([ruleWith(forward(100, 0))]);
    await expect(story.traffic.setWeights(shop(), { blue: 0, green: 0 }, about)).rejects.toMatchObject({
      name: 'Rejected',
    });
  });
});

describe('a rule is refused', () => {
  const third = { TargetGroupArn: 'other', Weight: 0 };
  test.each<[string, Rule, RegExp]>([
    ['when it is a default rule', { ...ruleWith(forward(100, 0)), IsDefault: true }, /default rule/],
    [
      'when its stickiness is on',
      ruleWith(
        forward(100, 0, {
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: blue }],
            TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
          },
        }),
      ),
      /stickiness .* switch it off/,
    ],
    [
      'when it leads to a third target group',
      ruleWith(forward(100, 0, { ForwardConfig: { TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }, third] } })),
      /also leads to other/,
    ],
    ['when it forwards nothing', ruleWith({ Type: 'fixed-response' }), /has no forward actions: give it exactly one/],
    ['when it does not exist', { ...ruleWith(), RuleArn: 'another' }, /do not exist/],
  ])('%s', async (_, described, message) => {
    await expect(over([described]).traffic.weights(shop())).rejects.toMatchObject({
      name: 'Rejected',
      message: expect.stringMatching(message),
    });
  });
});

test('every rule that names a target group is found, over all pages of listeners and rules', async () => {
  const listeners = ['l1', 'l2', 'l3'].map((ListenerArn) => ({ ListenerArn }));
  const rules: Record<string, Rule[]> = {
    l1: [
      { RuleArn: 'plain', Actions: [{ Type: 'forward', TargetGroupArn: green }] },
      { RuleArn: 'other', Actions: [{ Type: 'forward', TargetGroupArn: 'other' }] },
    ],
    l2: [{ RuleArn: 'weighted', Actions: [forward(3, 1)] }],
    l3: [{ RuleArn: 'default', IsDefault: true, Actions: [{ Type: 'redirect' }, forward(100, 0)] }],
  };
  const elb = fakeClient({
    DescribeTargetGroups: () => ({ TargetGroups: [{ TargetGroupArn: green, LoadBalancerArns: [loadBalancer] }] }),
    DescribeListeners: ({ Marker }: { Marker?: string }) => {
      const { items, next } = paged(listeners, 2, Marker);
      return { Listeners: items, NextMarker: next };
    },
    DescribeRules: ({ ListenerArn, Marker }: { ListenerArn: string; Marker?: string }) => {
      const { items, next } = paged(rules[ListenerArn] ?? [], 1, Marker);
      return { Rules: items, NextMarker: next };
    },
  });
  expect(await trafficOf({ elb }).rulesNaming(shop())).toEqual([
    { rule: 'plain', weights: { blue: 0, green: 100 } },
    { rule: 'weighted', weights: { blue: 75, green: 25 } },
    { rule: 'default', weights: { blue: 100, green: 0 } },
  ]);
});

test('a target group that no load balancer uses is named by no rule', async () => {
  const elb = fakeClient({
    DescribeTargetGroups: () => ({ TargetGroups: [{ TargetGroupArn: green, LoadBalancerArns: [] }] }),
  });
  expect(await trafficOf({ elb }).rulesNaming(shop())).toEqual([]);
});

test('a target has a state, a reason and its probe’s port; an unknown state counts for nothing', async () => {
  const elb = fakeClient({
    DescribeTargetHealth: () => ({
      TargetHealthDescriptions: [
        { Target: { Id: 'i-1', Port: 8080 }, HealthCheckPort: '8081', TargetHealth: { State: 'healthy' } },
        {
          Target: { Id: 'i-2' },
          HealthCheckPort: '80',
          TargetHealth: { State: 'unhealthy.draining', Reason: 'Target.Timeout' },
        },
      ],
    }),
  });
  expect(await trafficOf({ elb }).health(shop(), 'blue')).toEqual([
    { id: 'i-1', state: 'healthy', reason: null, port: 8080 },
    { id: 'i-2', state: 'unavailable', reason: 'Target.Timeout', port: 80 },
  ]);
});

test('a target group that is gone is no empty fleet', async () => {
  const elb = fakeClient({ DescribeTargetHealth: fails('TargetGroupNotFoundException') });
  await expect(trafficOf({ elb }).health(shop(), 'blue')).rejects.toMatchObject({
    name: 'Rejected',
  });
});
