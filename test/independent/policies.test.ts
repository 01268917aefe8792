/** Every policy against the service authorization reference: which actions there are, on what they can be allowed, under which keys. */
import { describe, expect, test } from 'vitest';
import commands from '../../infra/commands.json' with { type: 'json' };
import { type Statement, statementsOf } from '../../infra/grants.ts';
import {
  everyAction,
  everyStatement,
  lackingBeside,
  lackingKinds,
  scopable,
  scope,
  unknownActions,
  wrongConditions,
  wrongResources,
} from './authorization.ts';

const image = 'ssm:GetParameters is for an image written as resolve:ssm; a launch names its own';
const quota = 'for quotas of other services than EC2, which is the only one that is read';
const quotas = [
  'autoscaling:DescribeAccountLimits',
  'cloudformation:DescribeAccountLimits',
  'dynamodb:DescribeLimits',
  'elasticloadbalancing:DescribeAccountLimits',
  'iam:GetAccountSummary',
  'kinesis:DescribeLimits',
  'rds:DescribeAccountAttributes',
  'route53:GetAccountLimit',
];

/** What the reference names beside an action, and why a role does without. */
const without: Record<string, string> = {
  'ec2:RunInstances ssm:GetParameters': image,
  ...Object.fromEntries(quotas.map((action) => [`servicequotas:GetServiceQuota ${action}`, quota])),
};

const policies = Object.entries(commands).map(([name, sent]): [string, Statement[]] => [
  name,
  statementsOf(sent, scope),
]);

test('every action exists', () => {
  expect(unknownActions(everyAction)).toEqual([]);
});

test('only actions that take no resource, or answer less on less, are allowed on everything', () => {
  // CloudWatch API reference: composite alarms are left out of the answer where the right is narrower.
  const narrowing = ['cloudwatch:DescribeAlarmHistory', 'cloudwatch:DescribeAlarms'];
  expect(scopable(everyStatement).sort()).toEqual(narrowing);
});

/** Kinds that AWS's guides name for an action and the reference does not. */
const beyondTheReference: Record<string, string> = {
  'ec2:RunInstances on spot-instances-request': 'EC2 user guide, IAM policies for launches that ask for Spot instances',
};

test('every resource is of a kind that its action can be allowed on', () => {
  const wrong = wrongResources(everyStatement).map((one) => one.replace(/arn:\S*:([\w-]+)\/\*$/, '$1'));
  expect([...new Set(wrong)]).toEqual(Object.keys(beyondTheReference));
});

test('every condition is on a key that its action has for these resources', () => {
  expect(wrongConditions(everyStatement)).toEqual([]);
});

test.each(policies)('%s may use each kind of resource that its actions need', (_, policy) => {
  expect(lackingKinds(policy)).toEqual([]);
});

test('every role allows what its actions need beside, unless it is said why not', () => {
  const lacking = new Set(policies.flatMap(([, policy]) => lackingBeside(policy)));
  expect([...lacking].sort()).toEqual(Object.keys(without).sort());
});

describe('the checks see', () => {
  const on = (action: string, resource: string, variable?: string): Statement[] => [
    {
      actions: [action],
      resources: [resource],
      ...(variable && { conditions: [{ test: 'StringEquals', variable, values: ['x'] }] }),
    },
  ];
  const ec2 = 'arn:aws:ec2:eu-west-1:111122223333';

  test.each<[string, string[], string]>([
    ['an action that does not exist', unknownActions(['ec2:LaunchInstances']), 'ec2:LaunchInstances'],
    ['one that could be scoped', scopable(on('ec2:TerminateInstances', '*')), 'ec2:TerminateInstances'],
    ['a resource of another kind', wrongResources(on('ec2:TerminateInstances', `${ec2}:volume/*`)), 'volume'],
    ['a resource where none can be named', wrongResources(on('ec2:DescribeInstances', `${ec2}:instance/*`)), 'on arn'],
    [
      'a key that is never there',
      wrongConditions(on('ec2:TerminateInstances', `${ec2}:instance/*`, 'aws:RequestTag/a')),
      'aws:RequestTag/a',
    ],
    ['a launch without its image', lackingKinds(on('ec2:RunInstances', `${ec2}:instance/*`)), 'on image'],
    ['an action without those that it needs', lackingBeside(on('ec2:RunInstances', '*')), 'iam:PassRole'],
  ])('%s', (_, found, named) => {
    expect(found.join('\n')).toContain(named);
  });
});
