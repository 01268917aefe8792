/** What preflight refuses cannot work, and what works it does not refuse. */
import { expect, it } from 'vitest';
import { createStory, kind, liveStory, releaseNamed } from '../build.ts';

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
