/** What is in the way of two Auto Scaling groups: refused at admission with the remedy, known to `validate --stage`, and nothing is touched. */
import { expect, it } from 'vitest';
import { linear } from '../../core/index.ts';
import { accountProblems } from '../../pipeline/operations/doctor/doctor.ts';
import { liveStory, releaseNamed, type Story } from '../build.ts';

const slotOf = (story: Story, slot: 'blue' | 'green') => story.service.slots[slot];
const change = (story: Story, name: string) => (with_: Parameters<Story['cloud']['changeGroup']>[1]) =>
  story.cloud.changeGroup(name, with_);

/** v1 is live in green; blue's group is the idle one. */
const faults: [string, (story: Story) => void, string][] = [
  [
    'a group that is attached to the other slot',
    (story) => change(story, 'shop-blue')({ targetGroups: [slotOf(story, 'green')] }),
    "shop-blue is blue's and attached to the target group of green: detach",
  ],
  [
    'a group that is attached to both slots',
    (story) => change(story, 'shop-blue')({ targetGroups: [slotOf(story, 'blue'), slotOf(story, 'green')] }),
    "shop-blue is blue's and attached to the target group of green: detach",
  ],
  [
    'a group that is attached to no slot',
    (story) => change(story, 'shop-blue')({ targetGroups: [] }),
    'shop-blue is not attached to the target group of blue: attach',
  ],
  [
    'a group that is attached to a load balancer, too',
    (story) => change(story, 'shop-blue')({ loadBalancers: ['classic'] }),
    'shop-blue is attached to the load balancer classic, whose weights nobody here sets: detach it',
  ],
  [
    'a running instance refresh',
    (story) =>
      change(story, 'shop-green')({ refreshes: [{ id: 'r-1', status: 'InProgress', desiredConfiguration: false }] }),
    'an instance refresh of shop-green is InProgress',
  ],
  [
    'a maximum below what is needed',
    (story) => story.limits?.maximumIs('blue', 3),
    'shop-blue is allowed 3 instances at most and has to have 4: raise its maximum',
  ],
  [
    'a rule outside the configuration that leads to a slot',
    (story) => {
      const [rule = ''] = story.service.rules;
      const known = story.cloud.world.rules.get(rule);
      if (known === undefined) throw new Error('there is no rule');
      const other = { ...known, arn: `${rule}0`, actions: [], routes: [] };
      story.cloud.world.rules.set(other.arn, other);
      story.cloud.editRule(other.arn, [{ Type: 'forward', TargetGroupArn: slotOf(story, 'blue') }]);
    },
    'leads to a slot of shop and is not among its rules: add it to `rules`, or take its weight away',
  ],
  [
    'stickiness of its target groups',
    (story) => {
      const [rule = ''] = story.service.rules;
      const TargetGroups = [
        { TargetGroupArn: slotOf(story, 'blue'), Weight: 0 },
        { TargetGroupArn: slotOf(story, 'green'), Weight: 100 },
      ];
      const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 3600 };
      story.cloud.editRule(rule, [{ Type: 'forward', ForwardConfig: { TargetGroups, TargetGroupStickinessConfig } }]);
    },
    'stick',
  ],
  [
    'a zone that the load balancer lacks',
    (story) => {
      const [rule = ''] = story.service.rules;
      const listener = story.cloud.world.rules.get(rule)?.listener ?? '';
      const balancer = story.cloud.world.listeners.get(listener)?.loadBalancer ?? '';
      story.cloud.world.balancerZones.set(balancer, ['eu-west-1a', 'eu-west-1b']);
    },
    'instances may be launched in eu-west-1c, where the load balancer',
  ],
  [
    'a template with tags that instance metadata cannot have',
    (story) => {
      for (const { name, versions } of story.cloud.world.templates.values())
        if (name === 'shop-blue') for (const version of versions) version.tags = { 'team/owner': 'web' };
    },
    'team/owner',
  ],
  [
    'a group that propagates such a tag',
    (story) => change(story, 'shop-blue')({ tags: [{ Key: 'team/owner', Value: 'web', PropagateAtLaunch: true }] }),
    'shop-blue tags its instances with "team/owner"',
  ],
  [
    'too few vCPUs',
    (story) => {
      story.cloud.world.vcpuQuota.raised = 12;
    },
    'raise the quota L-1216C47A',
  ],
  [
    'too few addresses',
    (story) => {
      for (const id of story.cloud.world.subnets.keys()) story.cloud.world.addresses.set(id, 2);
    },
    'free addresses, and 4 more instances need one each: add a subnet, or free some',
  ],
  [
    'schedules that would fill the idle group',
    (story) => story.cloud.schedule('shop-blue', { name: 'morning', at: story.time.now() + 86_400_000, desired: 4 }),
    'shop-blue is idle and has scheduled actions, which would launch instances in it',
  ],
  [
    'a warm pool of an earlier release in the idle group',
    (story) => change(story, 'shop-blue')({ warm: [{ version: '1' }] }),
    'the warm pool of shop-blue holds 1 instances of an earlier release',
  ],
  [
    'a group that launches whatever is newest',
    (story) => {
      const { template } = story.cloud.world.autoScalingGroups.get('shop-blue') ?? {};
      change(story, 'shop-blue')({ template: { id: template?.id ?? '', version: '$Latest' } });
    },
    'shop-blue launches from the version $Latest, so that a new version would change what runs: name its number',
  ],
  [
    'a group that does not exist',
    (story) => {
      story.cloud.world.autoScalingGroups.delete('shop-blue');
    },
    'there is no Auto Scaling group shop-blue',
  ],
];

const changing = /^(Run|Terminate|Modify|Register|Deregister|Create|Update|Suspend|Resume|Set|Attach|Detach|Delete)/;

it.each(faults)('%s', async (_, breakIt, reason) => {
  const story = await liveStory();
  await story.after(600);
  breakIt(story);
  const touched: string[] = [];
  story.cloud.intercept((service, command, _input, next) => {
    if (changing.test(command)) touched.push(`${service}:${command}`);
    return next();
  });
  story.push('v2');
  await story.after(15 * 60);
  const [rollout] = await story.rollouts();
  expect(rollout).toMatchObject({ release: releaseNamed('v2'), outcome: 'refused' });
  expect(rollout?.reason).toContain(reason);
  expect(touched).toEqual([]);
  const row = await story.row();
  expect(row.lock.state).toBe('free');
  const known = await story.during(accountProblems(story.ports(), row, story.service));
  expect(known.join('\n')).toContain(reason);
});

it('all that is wrong is said at once', async () => {
  const story = await liveStory();
  await story.after(600);
  story.cloud.changeGroup('shop-blue', { loadBalancers: ['classic'] });
  story.cloud.world.alarms.clear();
  story.limits?.maximumIs('blue', 3);
  const known = await story.during(accountProblems(story.ports(), await story.row(), story.service));
  expect(known).toHaveLength(2);
});

it('protection from scale-in stands in the way of maxExtra alone, as emptying a group lifts it', async () => {
  const capped = await liveStory({ service: { maxExtra: 2, strategy: linear(25, { bake: '5 minutes' }) } });
  capped.cloud.changeGroup('shop-green', { protectsNew: true });
  const known = await capped.during(accountProblems(capped.ports(), await capped.row(), capped.service));
  expect(known).toEqual([expect.stringContaining('shop-green protects its instances from scale-in')]);
  capped.close();
  const story = await liveStory();
  for (const name of ['shop-blue', 'shop-green']) {
    const members = story.cloud.world.autoScalingGroups.get(name)?.members.values() ?? [];
    for (const member of members) member.protected = true;
    story.cloud.changeGroup(name, { protectsNew: true });
  }
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(story.running()).toHaveLength(4);
  story.close();
});
