/** What preflight refuses cannot work, and what works it does not refuse. */
import { expect, it } from 'vitest';
import { accountProblems } from '../../pipeline/operations/doctor/doctor.ts';
import { createStory, kind, liveStory, releaseNamed, type Story } from '../build.ts';

it('a fleet of spot instances is not refused for an On-Demand quota that others have used up', async () => {
  const story = await liveStory({ setUp: { spot: true } });
  story.cloud.world.vcpuQuota.raised = 12;
  story.cloud.intercept(async (_service, command, input, next) => {
    const answer = (await next()) as { MetricDataResults?: { Values?: number[] }[] };
    if (command === 'GetMetricData' && JSON.stringify(input).includes('Standard/OnDemand'))
      for (const one of answer.MetricDataResults ?? []) one.Values = [12];
    return answer;
  });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  story.close();
});

it('one of On-Demand instances is refused for it', async () => {
  const story = await liveStory();
  story.cloud.world.vcpuQuota.raised = 12;
  story.push('v2');
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.reason).toContain('raise the quota L-1216C47A');
  story.close();
});

it.runIf(kind === 'instances')('a target group of type ip is refused before anything is launched', async () => {
  const story = await createStory();
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = (await next()) as { TargetGroups?: { TargetType?: string }[] };
    if (command === 'DescribeTargetGroups') for (const one of answer.TargetGroups ?? []) one.TargetType = 'ip';
    return answer;
  });
  story.push('v1');
  let most = 0;
  for (let looks = 0; looks < 40; looks++) {
    await story.after(10);
    most = Math.max(most, story.running().length);
  }
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('refused');
  expect(rollout?.reason).toContain('name a target group of target type instance');
  expect(most).toBe(0);
  story.close();
});

it('subnets with IPv6 alone are not refused for want of IPv4 addresses', async () => {
  const story = await liveStory();
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = (await next()) as { Subnets?: { AvailableIpAddressCount?: number; Ipv6Native?: boolean }[] };
    if (command === 'DescribeSubnets')
      for (const one of answer.Subnets ?? []) Object.assign(one, { AvailableIpAddressCount: 0, Ipv6Native: true });
    return answer;
  });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  story.close();
});

it('a throttled look at the rules is nobody’s edit, and no event says so', async () => {
  const story = await liveStory({ schedule: true });
  let throttled = 0;
  story.cloud.intercept(async (_service, command, _input, next) => {
    if (command !== 'DescribeRules' || throttled >= 30) return next();
    throttled++;
    throw Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
  });
  await story.after(30 * 60);
  expect(throttled).toBe(30);
  expect((await story.events()).filter(({ text }) => text.includes('edited'))).toEqual([]);
  story.close();
});

it('a reconcile that could not look at one service is not run again for all of them', async () => {
  let runs = 0;
  const story = await liveStory({
    schedule: true,
    around: async (name, call) => {
      if (name !== 'reconcile') return call();
      runs++;
      await call();
      throw new Error('could not reconcile shop');
    },
  });
  runs = 0;
  await story.after(20 * 60);
  expect(runs).toBeLessThanOrEqual(10);
  expect(story.cloud.bus.deadLetters).toEqual([]);
  story.close();
});

const problemsIn = async (story: Story) =>
  story.during(accountProblems(story.ports(), await story.row(), story.service));

it('target groups in another VPC than the subnets are refused, with subnets as the remedy', async () => {
  const story = await liveStory();
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = (await next()) as { Subnets?: { VpcId?: string }[] };
    if (command === 'DescribeSubnets') for (const one of answer.Subnets ?? []) one.VpcId = 'vpc-9';
    return answer;
  });
  expect(await problemsIn(story)).toEqual(
    ['blue', 'green'].map((slot) =>
      expect.stringMatching(`shop-${slot} is in vpc-0a1b2c3d, and .* are in vpc-9: .* name subnets of vpc-0a1b2c3d`),
    ),
  );
  story.close();
});

it('CPU options of the template set how many vCPUs its instances count as', async () => {
  const story = await liveStory();
  story.cloud.world.vcpuQuota.raised = 12;
  expect(await problemsIn(story)).toEqual([expect.stringContaining('raise the quota L-1216C47A')]);
  for (const { versions } of story.cloud.world.templates.values())
    for (const version of versions) version.more = { CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } };
  expect(await problemsIn(story)).toEqual([]);
  story.close();
});

it.each([
  { more: { DisableApiTermination: true }, only: 'instances', problem: 'protects its instances from termination' },
  {
    more: { InstanceMarketOptions: { SpotOptions: { SpotInstanceType: 'persistent' as const } } },
    only: null,
    problem: 'what is removed would return',
  },
])('a template whose instances could not be removed is refused before anything is launched', async (one) => {
  const story = await liveStory();
  for (const { versions } of story.cloud.world.templates.values())
    for (const version of versions) version.more = one.more;
  expect(await problemsIn(story)).toEqual(
    one.only === null || one.only === kind ? [expect.stringContaining(one.problem)] : [],
  );
  story.close();
});

it('the load balancer is asked for once in an admission', async () => {
  const story = await liveStory();
  const asked = () => story.cloud.calls.get('elbv2:DescribeLoadBalancers') ?? 0;
  const before = asked();
  story.push('v2');
  await story.rest();
  expect(asked() - before).toBe(1);
  story.close();
});

it.runIf(kind === 'groups')('a group that names no subnet is not held against all subnets of the account', async () => {
  const story = await liveStory();
  for (const id of story.cloud.world.subnets.keys()) story.cloud.world.addresses.set(id, 2);
  expect(await problemsIn(story)).toEqual([expect.stringContaining('free addresses')]);
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = (await next()) as { AutoScalingGroups?: { VPCZoneIdentifier?: string }[] };
    if (command === 'DescribeAutoScalingGroups')
      for (const one of answer.AutoScalingGroups ?? []) one.VPCZoneIdentifier = '';
    return answer;
  });
  expect(await problemsIn(story)).toEqual([]);
  story.close();
});

it.runIf(kind === 'groups')(
  'a group that asks for attributes counts against no quota of its template’s type',
  async () => {
    const story = await liveStory();
    story.cloud.world.vcpuQuota.raised = 12;
    story.cloud.intercept(async (_service, command, _input, next) => {
      const answer = (await next()) as { AutoScalingGroups?: Record<string, unknown>[] };
      if (command === 'DescribeAutoScalingGroups')
        for (const one of answer.AutoScalingGroups ?? []) {
          const LaunchTemplateSpecification = one.LaunchTemplate;
          delete one.LaunchTemplate;
          const Overrides = [{ InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 1024 } } }];
          one.MixedInstancesPolicy = { LaunchTemplate: { LaunchTemplateSpecification, Overrides } };
        }
      return answer;
    });
    expect(await problemsIn(story)).toEqual([]);
    story.close();
  },
);
