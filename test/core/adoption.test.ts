/** What adopting a fleet comes to, what is in its way, and what undoes each part. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Act,
  type AdoptionFacts,
  actText,
  adoptionOf,
  type GroupFound,
  givingBack,
  inverse,
} from '../../core/adoption.ts';
import { ami, groups } from '../../core/define.ts';
import type { Slot } from '../../core/row.ts';
import { groupArn, ruleArn, service } from './build.ts';

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
      `let ${ruleArn('a')} forward to both target groups, 100 % to blue as now and 0 % to green`,
      `let ${ruleArn('b')} forward to both target groups, 100 % to blue as now and 0 % to green`,
      'attach the group web-2 to the target group of green',
      `tag the rule ${ruleArn('a')} with cutover:service = checkout`,
      `tag the rule ${ruleArn('b')} with cutover:service = checkout`,
      `tag the target group ${groupArn('checkout-blue')} with cutover:service = checkout`,
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
    ['no second group', { groups: { blue, green: null } }, 'a second one is yours to make'],
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
      'give one of them all the weight on every rule',
    ],
    ['no rule at all', { rules: [] }, 'nobody can tell which fleet serves'],
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

  test('giving back leads each rule to the live slot alone, and takes off only tags that are its own', () => {
    const paired = facts().rules.map((rule, index) => ({
      ...rule,
      groups: [
        { arn: shop.slots.blue, percent: 0 },
        { arn: shop.slots.green, percent: 100 },
      ],
      owner: index === 0 ? 'checkout' : 'search',
    }));
    expect(givingBack(shop, 'green', facts({ rules: paired, targetGroups: both(second()) }))).toEqual([
      { kind: 'single', rule: ruleArn('a'), slot: 'green' },
      { kind: 'single', rule: ruleArn('b'), slot: 'green' },
      { kind: 'untag', what: 'rule', of: ruleArn('a'), slot: null },
    ]);
  });
});
