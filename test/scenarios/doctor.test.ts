/** `cutover doctor`: a sound account has no finding, each broken one exactly its own, two faults give both, and each remedy clears its finding. */
import { expect, it } from 'vitest';
import commands from '../../infra/commands.json' with { type: 'json' };
import { statementsOf } from '../../infra/grants.ts';
import type { Ami, TemplateVersion } from '../../local/simulated/resources.ts';
import { examine } from '../../pipeline/operations/doctor/doctor.ts';
import { kind, liveStory, type Story } from '../build.ts';

const role = 'arn:aws:iam::111122223333:role/shop-instance';
const path = '/cutover-test/eu-west-1/';

/** v1 is live in green; blue takes the next fleet. The pipeline's roles are those of the stack. */
const sound = async (): Promise<Story> => {
  const story = await liveStory({ service: { checks: { alarms: ['shop-5xx'] } }, setUp: { deregistrationDelay: 60 } });
  const { world, machine } = story.cloud;
  const scope = {
    partition: 'aws',
    region: 'eu-west-1',
    account: '111122223333',
    table: 'arn:aws:dynamodb:eu-west-1:111122223333:table/cutover-test-ledger',
    machine: machine.arn,
    probe: null,
    instanceRoles: [role],
  };
  for (const [name, sent] of Object.entries(commands))
    world.roles.push({ name: `role-of-${name}`, path: `${path}${name}/`, statements: statementsOf(sent, scope) });
  world.roles.push({ name: 'shop-instance', path: '/', statements: [] });
  eachVersion(story, (version) => {
    version.more = { IamInstanceProfile: { Name: 'shop-instance' } };
  });
  story.cloud.makeAmi({ id: 'ami-0123456789abcdef0', name: 'base-2' });
  eachVersion(story, (version) => {
    version.ami = 'ami-0123456789abcdef0';
  });
  return story;
};

const eachVersion = (story: Story, change: (version: TemplateVersion) => void): void => {
  for (const { versions } of story.cloud.world.templates.values()) for (const version of versions) change(version);
};
const more = (story: Story, change: TemplateVersion['more']): void =>
  eachVersion(story, (version) => {
    version.more = { IamInstanceProfile: { Name: 'shop-instance' }, ...change };
  });
const group = (story: Story, slot: 'blue' | 'green') => {
  const found = story.cloud.world.targetGroups.get(story.service.slots[slot]);
  if (found === undefined) throw new Error(`there is no target group of ${slot}`);
  return found;
};
const ami = (story: Story): Ami => {
  const found = story.cloud.world.amis.get('ami-0123456789abcdef0');
  if (found === undefined) throw new Error('there is no image');
  return found;
};
const statements = (story: Story, name: string) => {
  const found = story.cloud.world.roles.find((one) => one.path === `${path}${name}/`);
  if (found === undefined) throw new Error(`there is no role of ${name}`);
  return found.statements;
};
const withoutRole = (story: Story, name: string): (() => void) => {
  const { roles } = story.cloud.world;
  const [removed] = roles.splice(
    roles.findIndex((one) => one.name === name),
    1,
  );
  return () => {
    if (removed !== undefined) roles.push(removed);
  };
};
const rule = (story: Story): string => story.service.rules[0] ?? '';
const forwarding = (story: Story, stickiness: boolean) => {
  const TargetGroups = [
    { TargetGroupArn: story.service.slots.blue, Weight: 0 },
    { TargetGroupArn: story.service.slots.green, Weight: 100 },
  ];
  story.cloud.editRule(rule(story), [
    {
      Type: 'forward',
      ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: stickiness, DurationSeconds: 60 } },
    },
  ]);
};

/** What breaks the account, what is found then, and what the remedy does: the remedy that is told, carried out. */
interface Fault {
  name: string;
  /** Answers what carries the remedy out. */
  break: (story: Story) => () => void;
  problem: RegExp;
  remedy: RegExp;
}

const faults: Fault[] = [
  {
    name: 'a rule that is not there',
    break: (story) => {
      const found = story.cloud.world.rules.get(rule(story));
      if (found === undefined) throw new Error('there is no rule');
      story.cloud.world.rules.delete(rule(story));
      return () => story.cloud.world.rules.set(rule(story), found);
    },
    problem: /^there is no rule arn/,
    remedy: /^correct `rules`$/,
  },
  {
    name: 'a rule with group stickiness',
    break: (story) => {
      forwarding(story, true);
      return () => forwarding(story, false);
    },
    problem: /its group stickiness keeps clients at the old version/,
    remedy: /switch it off/,
  },
  {
    name: 'a slot that is not there',
    break: (story) => {
      const found = group(story, 'blue');
      story.cloud.world.targetGroups.delete(found.arn);
      return () => story.cloud.world.targetGroups.set(found.arn, found);
    },
    problem: /^there is no target group arn.*shop-blue/,
    remedy: /slots\.blue/,
  },
  {
    name: 'an alarm that is not there',
    break: ({ cloud: { world } }) => {
      const found = world.alarms.get('shop-5xx');
      world.alarms.delete('shop-5xx');
      return () => found && world.alarms.set('shop-5xx', found);
    },
    problem: /^there is no alarm shop-5xx$/,
    remedy: /checks\.alarms/,
  },
  {
    name: 'an alarm without data',
    break: ({ cloud }) => {
      cloud.setAlarm('shop-5xx', 'INSUFFICIENT_DATA', 'a test says so');
      return () => cloud.setAlarm('shop-5xx', 'OK', 'a test says so');
    },
    problem: /alarm shop-5xx has no data/,
    remedy: /correct its metric/,
  },
  {
    name: 'an alarm that is on',
    break: ({ cloud }) => {
      cloud.setAlarm('shop-5xx', 'ALARM', 'a test says so');
      return () => cloud.setAlarm('shop-5xx', 'OK', 'a test says so');
    },
    problem: /alarm shop-5xx is on now/,
    remedy: /find out why/,
  },
  {
    name: 'a rule without a tag',
    break: (story) => {
      const { tags } = story.cloud.world;
      tags.delete(rule(story));
      return () => tags.set(rule(story), { 'cutover:service': 'shop' });
    },
    problem: /^rule .* lacks the tag cutover:service/,
    remedy: /aws elbv2 add-tags .*Value=shop/,
  },
  {
    name: 'a target group of another service',
    break: (story) => {
      const { tags } = story.cloud.world;
      tags.set(story.service.slots.blue, { 'cutover:service': 'billing' });
      return () => tags.set(story.service.slots.blue, { 'cutover:service': 'shop' });
    },
    problem: /^target group shop-blue is tagged as billing's$/,
    remedy: /one service only/,
  },
  {
    name: 'health checks that are slower than the deadline',
    break: (story) => {
      const { check } = group(story, 'blue');
      const { interval } = check;
      check.interval = 300_000;
      return () => {
        check.interval = interval;
      };
    },
    problem:
      /^shop-blue calls a target healthy only after another 25 minutes if its program takes longer than 10 minutes to start/,
    remedy: /shorter interval/,
  },
  {
    name: 'a slot without a deregistration delay',
    break: (story) => {
      group(story, 'blue').deregistrationDelay = 0;
      return () => {
        group(story, 'blue').deregistrationDelay = 60_000;
      };
    },
    problem: /shop-blue has no deregistration delay/,
    remedy: /deregistration_delay/,
  },
  {
    name: 'a slot that drains for an hour',
    break: (story) => {
      group(story, 'green').deregistrationDelay = 3_600_000;
      return () => {
        group(story, 'green').deregistrationDelay = 60_000;
      };
    },
    problem: /shop-green drains for 1 hour/,
    remedy: /deregistration_delay/,
  },
  {
    name: 'a slow start that outlasts a bake',
    break: (story) => {
      group(story, 'blue').slowStart = 900;
      return () => {
        group(story, 'blue').slowStart = 0;
      };
    },
    problem: /shop-blue gives a new target its share over 15 minutes/,
    remedy: /slow_start/,
  },
  {
    name: 'an alias record that follows the load balancer’s health',
    break: ({ cloud: { world } }) => {
      const name = [...world.listeners.values()][0]?.loadBalancer.split('/').at(-2) ?? '';
      const AliasTarget = {
        DNSName: `dualstack.${name.toUpperCase()}-1234567890.eu-west-1.elb.amazonaws.com.`,
        EvaluateTargetHealth: true,
      };
      const alone = { Name: 'alone.example.com.', Type: 'A', AliasTarget };
      const plain = { Name: 'www.example.com.', Type: 'CNAME' };
      const weighted = { Name: 'shop.example.com.', Type: 'A', SetIdentifier: 'eu', AliasTarget };
      world.zones.push(
        { id: 'Z1', name: 'other.org.', records: [plain] },
        { id: 'Z2', name: 'example.org.', records: [] },
        { id: 'Z3', name: 'example.com.', records: [plain, alone, { ...plain, Name: 'mail.example.com.' }, weighted] },
      );
      return () => {
        weighted.AliasTarget = { ...AliasTarget, EvaluateTargetHealth: false };
      };
    },
    problem: /^the alias record shop\.example\.com\. A "eu" of the zone example\.com\. \(Z3\) evaluates the health/,
    remedy: /set EvaluateTargetHealth to false/,
  },
  {
    name: 'a template without metadata',
    break: (story) => {
      more(story, { MetadataOptions: { HttpEndpoint: 'disabled' } });
      return () => more(story, {});
    },
    problem: /switches instance metadata off/,
    remedy: /HttpEndpoint/,
  },
  {
    name: 'spot requests that come back',
    break: (story) => {
      more(story, { InstanceMarketOptions: { SpotOptions: { SpotInstanceType: 'persistent' } } });
      return () => more(story, {});
    },
    problem: /spot instances that come back/,
    remedy: /one-time/,
  },
  {
    name: 'a quota that is too small',
    break: ({ cloud: { world } }) => {
      world.vcpuQuota.raised = 12;
      return () => {
        world.vcpuQuota.raised = 100;
      };
    },
    problem: /the account may run 12 vCPUs/,
    remedy: /raise the quota L-1216C47A/,
  },
  {
    name: 'subnets without addresses',
    break: ({ cloud: { world } }) => {
      for (const id of world.subnets.keys()) world.addresses.set(id, 2);
      return () => world.addresses.clear();
    },
    problem: /free addresses/,
    remedy: /add a subnet/,
  },
  {
    name: 'a zone without the load balancer',
    break: ({ cloud: { world } }) => {
      const [listener] = world.listeners.values();
      world.balancerZones.set(listener?.loadBalancer ?? '', ['eu-west-1a', 'eu-west-1b']);
      return () => world.balancerZones.clear();
    },
    problem: /instances may be launched in eu-west-1c/,
    remedy: /enable the zone/,
  },
  {
    name: 'an account without a service-linked role',
    break: (story) => withoutRole(story, 'AWSServiceRoleForElasticLoadBalancing'),
    problem: /no service-linked role of elasticloadbalancing/,
    remedy: /create-service-linked-role/,
  },
  {
    name: 'a pipeline that may not pass the instances’ role',
    break: (story) => {
      const allowed = statements(story, 'check-ready');
      const passing = allowed.filter(({ actions }) => actions.includes('iam:PassRole'));
      for (const one of passing) one.resources = [];
      return () => {
        for (const one of passing) one.resources = [role];
      };
    },
    problem: /function check-ready may not iam:PassRole on .*shop-instance/,
    remedy: /instanceRoles/,
  },
  {
    name: 'a policy of the organisation',
    break: (story) => {
      const allowed = statements(story, 'shift');
      allowed.push({ effect: 'Deny', actions: ['elasticloadbalancing:*'], resources: ['*'] } as never);
      return () => allowed.pop();
    },
    problem: /function shift may not elasticloadbalancing:ModifyRule/,
    remedy: /policy of the organisation/,
  },
  {
    name: 'an image source without an image',
    break: (story) => {
      const { repositories } = story.cloud.world;
      const images = repositories.get('acme/shop') ?? [];
      repositories.set('acme/shop', []);
      return () => repositories.set('acme/shop', images);
    },
    problem: /the repository acme\/shop \(tags v\*\) has no image/,
    remedy: /publish one/,
  },
  {
    name: 'an image with a key of another account',
    break: (story) => {
      ami(story).key = 'arn:aws:kms:eu-west-1:999999999999:key/1234';
      return () => {
        delete ami(story).key;
      };
    },
    problem: /encrypted with the key .*999999999999.* of another account/,
    remedy: /copy the image with a key of this account/,
  },
  kind === 'instances'
    ? {
        name: 'a template that protects its instances',
        break: (story) => {
          more(story, { DisableApiTermination: true });
          return () => more(story, {});
        },
        problem: /protects its instances from termination/,
        remedy: /DisableApiTermination/,
      }
    : {
        name: 'a group that is attached to no slot',
        break: (story) => {
          story.cloud.changeGroup('shop-blue', { targetGroups: [] });
          return () => story.cloud.changeGroup('shop-blue', { targetGroups: [story.service.slots.blue] });
        },
        problem: /shop-blue is not attached to the target group of blue/,
        remedy: /attach/,
      },
];

const findingsIn = async (story: Story) => story.during(examine(story.ports(), await story.row(), story.service, path));

it('a sound account has no finding', async () => {
  expect(await findingsIn(await sound())).toEqual([]);
});

it.each(faults)('$name is found with its remedy, alone, and not once it is mended', async (fault) => {
  const story = await sound();
  const mend = fault.break(story);
  expect(await findingsIn(story)).toEqual([
    { problem: expect.stringMatching(fault.problem), remedy: expect.stringMatching(fault.remedy) },
  ]);
  mend();
  expect(await findingsIn(story)).toEqual([]);
});

/** Each with the next but two, so that faults of one thing do not stand beside each other. */
const pairs = faults.map((fault, index) => [fault, faults[(index + 3) % faults.length] as Fault] as const);

it.each(pairs.map(([one, other]) => ({ one, other, name: `${one.name} and ${other.name}` })))(
  '$name are both found',
  async ({ one, other }) => {
    const story = await sound();
    one.break(story);
    other.break(story);
    const problems = (await findingsIn(story)).map(({ problem }) => problem);
    expect(problems).toHaveLength(2);
    for (const { problem } of [one, other]) expect(problems).toContainEqual(expect.stringMatching(problem));
  },
);

it('an alias record that another one with a policy follows is found, too', async () => {
  const story = await sound();
  const { world } = story.cloud;
  const name = [...world.listeners.values()][0]?.loadBalancer.split('/').at(-2) ?? '';
  const leadingTo = (DNSName: string) => ({ AliasTarget: { DNSName, EvaluateTargetHealth: true } });
  const inner = {
    Name: 'inner.example.com.',
    Type: 'A',
    ...leadingTo(`${name}-1234567890.eu-west-1.elb.amazonaws.com.`),
  };
  const outer = { Name: 'shop.example.com.', Type: 'A', SetIdentifier: 'first', ...leadingTo('inner.example.com.') };
  world.zones.push({ id: 'Z1', name: 'example.com.', records: [inner, outer] });
  expect((await findingsIn(story)).map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/inner\.example\.com/),
  ]);
});

it('who may not look at Route 53 is told so, and that is no finding of an admission', async () => {
  const story = await sound();
  story.cloud.intercept((service, _command, _input, next) => {
    if (service !== 'route53') return next();
    throw Object.assign(new Error('not authorized'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  });
  expect(await findingsIn(story)).toEqual([
    {
      problem: expect.stringMatching(/^alias records in Route 53: ListHostedZones failed with AccessDenied/),
      remedy: expect.stringContaining('allow this call'),
      unseen: true,
    },
  ]);
});

it('a permission for which IAM simulates no result could not be checked, and is a finding', async () => {
  const story = await sound();
  story.cloud.intercept((_service, command, input, next) => {
    if (command !== 'SimulatePrincipalPolicy') return next();
    const [action] = (input as { ActionNames: string[] }).ActionNames;
    return action === 'elasticloadbalancing:ModifyRule' ? Promise.resolve({ IsTruncated: false }) : next();
  });
  expect(await findingsIn(story)).toEqual([
    {
      problem: expect.stringMatching(
        /^it could not be checked whether the pipeline's function shift may elasticloadbalancing:ModifyRule on arn:\S+: IAM's simulation gave no result$/,
      ),
      remedy: expect.stringMatching(/^run doctor again/),
    },
  ]);
});

it.each([
  ['100 s, healthy after one check, or after 5 once unhealthy', 100, 1, 5, null],
  [
    '100 s, 9 once unhealthy, which may take too long',
    100,
    2,
    9,
    /only after another 15 minutes if its program .* 3 min/,
  ],
  ['as long as the deadline', 900, 2, 2, /^shop-blue checks a target every 15 minutes, and a fleet .* 10 minutes$/],
])('health checks every %s', async (_, seconds, unhealthy, healthy, problem) => {
  const story = await sound();
  Object.assign(group(story, 'blue').check, { interval: seconds * 1000, unhealthy, healthy });
  const found = await findingsIn(story);
  expect(found).toEqual(problem === null ? [] : [expect.objectContaining({ problem: expect.stringMatching(problem) })]);
});

it('a role that IAM gives on a later page than the first is there', async () => {
  const story = await sound();
  story.cloud.intercept((_service, command, input, next) => {
    if (command !== 'ListRoles' || (input as { Marker?: string }).Marker === 'next') return next();
    return Promise.resolve({ Roles: [], IsTruncated: true, Marker: 'next' });
  });
  expect(await findingsIn(story)).toEqual([]);
});
