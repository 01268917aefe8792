/** What adopting a fleet comes to, what is in its way, and what undoes each part. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shortName, targetGroupName } from '../../../core/basics/arn.ts';
import type { Slot } from '../../../core/basics/slot.ts';
import { ami, groups } from '../../../core/config/define.ts';
import {
  type Act,
  type AdoptionFacts,
  actText,
  adoptionOf,
  type GroupFound,
  inverse,
  unadoptActs,
} from '../../../core/fleet/adoption.ts';
import { groupArn, ruleArn, service } from '../build.ts';

const shop = service({ fleet: groups({ blue: 'web', green: 'web-2' }) });
const sought = { blue: shop.slots.blue, green: 'checkout-green' };
const settings = { protocol: 'HTTP', port: '8080', 'health check path': '/health' };

const group = (name: string, different: Partial<GroupFound> = {}): GroupFound => ({
  name,
  arn: `arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/${name}`,
  min: 0,
  desired: 0,
  attached: [],
  template: { id: 'lt-1', version: '7', types: ['m7g.large'] },
  ami: 'ami-0123456789abcdef0',
  schedules: false,
  scheduling: true,
  owner: null,
  ...different,
});

/** One group, one target group, two rules that lead there alone, and a second group that is empty. */
const facts = (different: Partial<AdoptionFacts> = {}): AdoptionFacts => ({
  rules: ['a', 'b'].map((name) => ({
    arn: ruleArn(name),
    groups: [{ arn: shop.slots.blue, percent: 100 }],
    owner: null,
  })),
  targetGroups: { blue: { arn: shop.slots.blue, name: 'checkout-blue', settings, owner: null }, green: null },
  groups: { blue: group('web', { min: 2, desired: 4, attached: [shop.slots.blue] }), green: group('web-2') },
  ...different,
});

const problemsOf = (different: Partial<AdoptionFacts>): string => {
  const adoption = adoptionOf(shop, sought, facts(different));
  return adoption.ok ? 'none' : adoption.problems.join('\n');
};
const acts = (given = facts()): Act[] => {
  const adoption = adoptionOf(shop, sought, given);
  if (!adoption.ok) throw new Error(adoption.problems.join('\n'));
  return adoption.acts;
};
const second = (different: Record<string, string> = {}) => ({
  arn: shop.slots.green,
  name: 'checkout-green',
  settings: { ...settings, ...different },
  owner: null,
});
const both = (given: AdoptionFacts['targetGroups']['green']): AdoptionFacts['targetGroups'] => ({
  blue: facts().targetGroups.blue,
  green: given,
});

describe('adopting', () => {
  test('makes the second target group, pairs every rule, attaches, and tags', () => {
    expect(acts().map((act) => actText(act, shop))).toEqual([
      'make the target group checkout-green for green, like checkout-blue',
      'let rule …a of main forward to both target groups, 100 % to blue as now and 0 % to green',
      'let rule …b of main forward to both target groups, 100 % to blue as now and 0 % to green',
      'attach the group web-2 to the target group of green',
      'tag the rule …a of main with cutover:service = checkout',
      'tag the rule …b of main with cutover:service = checkout',
      'tag the target group checkout-blue with cutover:service = checkout',
      'tag the target group checkout-green with cutover:service = checkout',
      'tag the group web with cutover:service = checkout',
      'tag the group web-2 with cutover:service = checkout',
    ]);
  });

  test('records what serves without a name of its own, and an AMI under its own', () => {
    const found = adoptionOf(shop, sought, facts());
    expect(found).toMatchObject({ live: 'blue', release: { release: 'adopted', slot: 'blue' } });
    const machine = service({ fleet: shop.fleet as never, image: ami({ name: 'web-*' }) });
    expect(adoptionOf(machine, sought, facts())).toMatchObject({
      release: { release: '0123456789abcdef0', image: { ami: 'ami-0123456789abcdef0' } },
    });
  });

  test('does nothing that is done already', () => {
    const owner = 'checkout';
    const done = facts({
      rules: facts().rules.map((rule) => ({
        ...rule,
        groups: [
          { arn: shop.slots.blue, percent: 100 },
          { arn: shop.slots.green, percent: 0 },
        ],
        owner,
      })),
      targetGroups: {
        blue: { ...(facts().targetGroups.blue as NonNullable<AdoptionFacts['targetGroups']['blue']>), owner },
        green: { ...second(), owner },
      },
      groups: {
        blue: group('web', { desired: 4, attached: [shop.slots.blue], owner }),
        green: group('web-2', { attached: [shop.slots.green], owner }),
      },
    });
    expect(acts(done)).toEqual([]);
  });

  test('suspends schedules that would fill the idle group', () => {
    const scheduled = { ...facts().groups, green: group('web-2', { schedules: true }) };
    expect(acts(facts({ groups: scheduled }))).toContainEqual({ kind: 'suspend', group: 'web-2' });
  });
});

describe('in the way of it are, each with what to do', () => {
  const blue = facts().groups.blue as GroupFound;
  test.each<[string, Partial<AdoptionFacts>, string]>([
    ['no second group', { groups: { blue, green: null } }, 'make a second one yourself'],
    [
      'a second group that is not empty',
      { groups: { blue, green: group('web-2', { min: 1, desired: 1 }) } },
      'set both to 0',
    ],
    [
      'a second group in the target group that serves',
      { groups: { blue, green: group('web-2', { attached: [shop.slots.blue] }) } },
      'detach it',
    ],
    [
      'a group that is not what serves',
      { groups: { blue: group('web', { desired: 4 }), green: group('web-2') } },
      'is not attached to the target group that its traffic goes to',
    ],
    [
      'rules that lead elsewhere',
      { rules: [{ arn: ruleArn('a'), groups: [{ arn: groupArn('other'), percent: 100 }], owner: null }] },
      'give the same target group all the weight on every rule',
    ],
    ['no rule at all', { rules: [] }, 'it is not clear which fleet serves'],
    [
      "another service's rule",
      { rules: facts().rules.map((rule) => ({ ...rule, owner: 'search' })) },
      "is tagged as search's: a rule leads to one service",
    ],
    [
      "another service's group",
      { groups: { blue: { ...blue, owner: 'search' }, green: group('web-2') } },
      "web is tagged as search's",
    ],
    [
      'a second target group with another health check',
      { targetGroups: both(second({ 'health check path': '/' })) },
      'differ in health check path /health and /: make them the same',
    ],
  ])('%s', (_, different, words) => {
    expect(problemsOf(different)).toContain(words);
  });
});

describe('undoing', () => {
  const act = fc.oneof(
    fc.constantFrom<Slot>('blue', 'green').map((slot): Act => ({ kind: 'pair', rule: 'r', slot })),
    fc.constantFrom<Act>(
      { kind: 'makeTargetGroup', slot: 'green', name: 'n', like: 'l' },
      { kind: 'attach', group: 'g', slot: 'green' },
      { kind: 'tag', what: 'rule', of: 'r', slot: null },
      { kind: 'suspend', group: 'g' },
    ),
  );

  test('an act twice is the act, and never itself', () => {
    fc.assert(
      fc.property(act, (one) => {
        expect(inverse(inverse(one))).toEqual(one);
        expect(inverse(one)).not.toEqual(one);
      }),
    );
  });

  test('giving back leads each rule to the live slot alone and removes only Cutover’s tags', () => {
    const paired = facts().rules.map((rule, index) => ({
      ...rule,
      groups: [
        { arn: shop.slots.blue, percent: 0 },
        { arn: shop.slots.green, percent: 100 },
      ],
      owner: index === 0 ? 'checkout' : 'search',
    }));
    expect(unadoptActs(shop, 'green', facts({ rules: paired, targetGroups: both(second()) }))).toEqual([
      { kind: 'single', rule: ruleArn('a'), slot: 'green' },
      { kind: 'single', rule: ruleArn('b'), slot: 'green' },
      { kind: 'untag', what: 'rule', of: ruleArn('a'), slot: null },
    ]);
  });
});

describe('an account that is half way there', () => {
  const owner = 'checkout';
  const paired = (percent: number) => [
    { arn: shop.slots.blue, percent },
    { arn: shop.slots.green, percent: 100 - percent },
  ];

  test('has only the rest done to it', () => {
    const [, ...others] = facts().rules.map((rule) => ({ ...rule, owner }));
    const half = facts({
      rules: [{ arn: ruleArn('a'), groups: paired(100), owner: null }, ...others],
      targetGroups: both({ ...second(), owner }),
      groups: {
        blue: group('web', { desired: 4, attached: [shop.slots.blue], owner }),
        green: group('web-2', { attached: ['arn:of-another'], schedules: true, scheduling: false }),
      },
    });
    expect(acts(half)).toEqual([
      { kind: 'pair', rule: ruleArn('b'), slot: 'blue' },
      { kind: 'attach', group: 'web-2', slot: 'green' },
      { kind: 'tag', what: 'rule', of: ruleArn('a'), slot: null },
      { kind: 'tag', what: 'target group', of: shop.slots.blue, slot: 'blue' },
      { kind: 'tag', what: 'group', of: 'web-2', slot: 'green' },
    ]);
  });

  test('that serves from green has blue made like it', () => {
    const mirrored = facts({
      rules: facts().rules.map((rule) => ({ ...rule, groups: [{ arn: shop.slots.green, percent: 100 }] })),
      targetGroups: { blue: null, green: second() },
      groups: { blue: group('web'), green: group('web-2', { min: 1, desired: 2, attached: [shop.slots.green] }) },
    });
    const found = adoptionOf(shop, { blue: groupArn('new-blue'), green: shop.slots.green }, mirrored);
    expect(found).toMatchObject({ ok: true, live: 'green', release: { slot: 'green', template: { version: '7' } } });
    expect(found.ok ? found.acts.slice(0, 4) : []).toEqual([
      { kind: 'makeTargetGroup', slot: 'blue', name: 'new-blue', like: shop.slots.green },
      { kind: 'pair', rule: ruleArn('a'), slot: 'green' },
      { kind: 'pair', rule: ruleArn('b'), slot: 'green' },
      { kind: 'attach', group: 'web', slot: 'blue' },
    ]);
  });

  test('gives back what is its own: two rules of one target group stay as they are', () => {
    const single = facts().rules.map((rule) => ({ ...rule, owner }));
    const owned = facts({
      rules: single,
      targetGroups: { blue: { ...second(), arn: shop.slots.blue, owner }, green: { ...second(), owner } },
      groups: { blue: group('web', { owner }), green: group('web-2', { owner: 'search' }) },
    });
    expect(unadoptActs(shop, 'blue', owned)).toEqual([
      { kind: 'untag', what: 'rule', of: ruleArn('a'), slot: null },
      { kind: 'untag', what: 'rule', of: ruleArn('b'), slot: null },
      { kind: 'untag', what: 'target group', of: shop.slots.blue, slot: 'blue' },
      { kind: 'untag', what: 'target group', of: shop.slots.green, slot: 'green' },
      { kind: 'untag', what: 'group', of: 'web', slot: 'blue' },
    ]);
  });
});

describe('what serves', () => {
  const releaseOf = (given: AdoptionFacts, image = shop.image) => {
    const found = adoptionOf({ ...shop, image }, sought, given);
    return found.ok ? found.release : null;
  };

  test('is known by its AMI, unless images are pulled by what boots', () => {
    const machine = { kind: 'ami', name: '*', owner: 'self' } as const;
    const known = { reference: 'ami-0123456789abcdef0', ami: 'ami-0123456789abcdef0', label: 'ami-0123456789abcdef0' };
    expect(releaseOf(facts(), machine)).toMatchObject({ release: '0123456789abcdef0', image: known });
    const unknown = { release: 'adopted', image: { reference: '', label: 'as found, version 7' } };
    expect(releaseOf(facts())).toMatchObject(unknown);
    const nameless = { ...facts().groups, blue: group('web', { attached: [shop.slots.blue], ami: null }) };
    expect(releaseOf(facts({ groups: nameless }), machine)).toMatchObject(unknown);
  });
});

describe('everything that is in the way', () => {
  const blue = facts().groups.blue as GroupFound;

  test('is told at once, in whole sentences', () => {
    const given: Partial<AdoptionFacts> = {
      rules: facts().rules.map((rule, index) => ({ ...rule, owner: index === 0 ? 'search' : 'checkout' })),
      groups: {
        blue: { ...blue, attached: [], owner: 'mail' },
        green: group('web-2', { min: 0, desired: 2, attached: [shop.slots.blue], owner: 'checkout' }),
      },
      targetGroups: both({ ...second({ port: '9090', stickiness: 'on' }), owner: 'cart' }),
    };
    expect(problemsOf(given).split('\n')).toEqual([
      "rule …a of main is tagged as search's: a rule leads to one service",
      "web is tagged as mail's: a group belongs to one service",
      'web is not attached to the target group that its traffic goes to, checkout-blue: attach it, or write the group that serves into the configuration',
      'web-2 is attached to the target group that serves, checkout-blue: detach it: its instances belong to the other target group',
      'web-2 is to be the idle group and has a minimum of 0 and a desired capacity of 2: set both to 0',
      "target group checkout-green is tagged as cart's: a target group is a slot of one service",
      'checkout-blue and checkout-green differ in port 8080 and 9090, stickiness nothing and on: make them the same',
    ]);
  });

  test('of groups that are not there is told of each', () => {
    const words = (name: string) =>
      `there is no Auto Scaling group ${name}: make a second one yourself, with the same launch template settings, subnets and health check as the first, minimum and desired capacity 0 (examples/terraform has both)`;
    expect(problemsOf({ groups: { blue: null, green: null } })).toBe(`${words('web')}\n${words('web-2')}`);
  });

  test('of a second group is its minimum alone, too', () => {
    expect(problemsOf({ groups: { blue, green: group('web-2', { min: 1 }) } })).toContain('a minimum of 1');
  });

  test('of what the second target group lacks is told from both sides', () => {
    const { port: _, ...less } = settings;
    const lacking = { ...second(), settings: less };
    expect(problemsOf({ targetGroups: both(lacking) })).toContain('differ in port 8080 and nothing');
  });

  test('of rules that lead to several is where each leads', () => {
    const split = [
      { arn: shop.slots.blue, percent: 90 },
      { arn: shop.slots.green, percent: 10 },
    ];
    const rules = ['a', 'b'].map((name) => ({ arn: ruleArn(name), groups: split, owner: null }));
    const leads = 'to checkout-blue (90 %), checkout-green (10 %)';
    expect(problemsOf({ rules, targetGroups: both(second()) })).toBe(
      `the rules of checkout do not all lead to the same one of its two target groups, so it is not clear which fleet serves: rule …a of main ${leads}; rule …b of main ${leads}; give the same target group all the weight on every rule`,
    );
  });

  test('is nothing where a target group is nobody’s or its own', () => {
    for (const owner of [null, 'checkout'])
      expect(problemsOf({ targetGroups: both({ ...second(), owner }) })).toBe('none');
  });
});

test.each<[Act, string]>([
  [
    { kind: 'makeTargetGroup', slot: 'green', name: 'n', like: groupArn('web') },
    'make the target group n for green, like web',
  ],
  [{ kind: 'deleteTargetGroup', slot: 'green', name: 'n', like: 'l' }, 'delete the target group n'],
  [{ kind: 'attach', group: 'g', slot: 'green' }, 'attach the group g to the target group of green'],
  [{ kind: 'detach', group: 'g', slot: 'green' }, 'detach the group g from the target group of green'],
  [
    { kind: 'pair', rule: 'r', slot: 'green' },
    'let r forward to both target groups, 100 % to green as now and 0 % to blue',
  ],
  [{ kind: 'single', rule: 'r', slot: 'green' }, 'let r forward to the target group of green alone'],
  [{ kind: 'tag', what: 'rule', of: 'r', slot: null }, 'tag the rule r with cutover:service = checkout'],
  [
    { kind: 'tag', what: 'target group', of: '', slot: 'green' },
    'tag the target group checkout-green with cutover:service = checkout',
  ],
  [{ kind: 'untag', what: 'group', of: 'g', slot: 'blue' }, 'take the tag cutover:service off the group g'],
  [
    { kind: 'suspend', group: 'g' },
    'suspend the scheduled actions of g, which is idle (they run on the group that serves)',
  ],
  [{ kind: 'resume', group: 'g' }, 'resume the scheduled actions of g'],
])('the change %j reads as one', (act, text) => {
  expect(actText(act, shop)).toBe(text);
});

test('a target group is named by the name in its ARN, or by its name', () => {
  expect([targetGroupName(groupArn('web')), targetGroupName('web')]).toEqual(['web', 'web']);
  expect(shortName(groupArn('web'))).toBe('web');
});

test('a rule is named by the end of its id and by its load balancer', () => {
  expect(shortName(ruleArn('9683b2d02a6cabee'))).toBe('rule …6cabee of main');
});
