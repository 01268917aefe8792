/** What is there already, and is not ours: other people's targets, rules that name one group, weights that do not agree, slots that change. */
import { expect, it } from 'vitest';
import type { Slot } from '../../core/basics/slot.ts';
import { createStory, fleetOf, liveStory, releaseNamed, type Story } from '../build.ts';

/** Registers instances without our tags with a slot's target group, and waits until they have been checked. */
const strangersIn = async (story: Story, slot: Slot, count: number, healthy: boolean): Promise<void> => {
  const { world } = story.cloud;
  story.machines.describe('ami-0123456789abcdef9', healthy ? {} : { neverHealthy: true });
  const group = world.targetGroups.get(story.service.slots[slot]);
  const subnets = [...world.subnets.values()];
  for (let index = 0; index < count; index++) {
    const subnet = subnets[index % subnets.length];
    if (group === undefined || subnet === undefined) throw new Error('the story has no such slot or subnet');
    const instance = world.launch({ ami: 'ami-0123456789abcdef9', subnet, tags: {}, clientToken: undefined });
    await story.after(30);
    world.register(group, instance, 8080);
  }
  await story.after(600);
};

it('a slot that holds other people’s targets takes no new fleet, healthy as they may be', async () => {
  const story = await liveStory();
  const idle = (await story.row()).live?.slot === 'blue' ? 'green' : 'blue';
  await strangersIn(story, idle, 4, true);
  story.push('v2', { neverHealthy: true });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe('refused');
  expect(rollout?.reason).toContain("4 targets that are not this service's");
});

it('a fleet from before, healthy or not, is replaced and leaves its target group', async () => {
  for (const healthy of [true, false]) {
    const story = await createStory();
    await strangersIn(story, 'blue', 2, healthy);
    story.push('v1');
    await story.rest();
    const row = await story.row();
    expect(row.live).toMatchObject({ release: releaseNamed('v1'), slot: 'green' });
    expect(story.statuses.size).toBe(1);
    expect(story.targets('blue')).toEqual([]);
    expect(story.targets('green')).toHaveLength(4);
  }
});

it('a rule that names one target group only is made to name both before anything is waited for', async () => {
  const story = await createStory();
  const [rule = ''] = story.service.rules;
  story.cloud.editRule(rule, [{ Type: 'forward', TargetGroupArn: story.service.slots.blue }]);
  story.push('v1');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

it('rules that do not agree on one slot are refused, and left as they are', async () => {
  const story = await createStory();
  const [rule = ''] = story.service.rules;
  const { blue, green } = story.service.slots;
  const TargetGroups = [
    { TargetGroupArn: blue, Weight: 50 },
    { TargetGroupArn: green, Weight: 50 },
  ];
  story.cloud.editRule(rule, [{ Type: 'forward', ForwardConfig: { TargetGroups } }]);
  story.push('v1');
  await story.rest();
  expect((await story.rollouts())[0]).toMatchObject({ outcome: 'refused' });
  await story.after(60);
  expect(story.weights()).toEqual({ blue: 50, green: 50 });
});

it('a live service is not given other slots, and reconcile leads no traffic to an empty one', async () => {
  const story = await liveStory();
  const { blue, green } = story.service.slots;
  const swapped = { ...story.service, slots: { blue: green, green: blue } };
  const applied = story.ledger.applyConfiguration([swapped], { author: 'ada', commit: '', at: story.time.now() });
  await expect(applied).rejects.toThrow('cannot be given others');
  const before = story.weights();
  await story.during(story.cloud.invoke('reconcile', {}));
  expect(story.weights()).toEqual(before);
});

it('a count that is lowered is what the next rollout brings', async () => {
  const story = await liveStory({ service: { fleet: fleetOf(8) } });
  await story.want(4);
  await story.after(600);
  story.push('v2');
  await story.rest();
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
});

it('an instance that is wedged after commit does not hold the service for ever', async () => {
  const story = await liveStory();
  story.push('v2');
  const name = `shop-${releaseNamed('v2')}-1`;
  await story.time.run({
    done: () =>
      story.statuses.has(name) &&
      story.cloud.machine.history(name).some((event) => JSON.stringify(event).includes('WaitToRetire')),
  });
  expect((await story.row()).phase).toBe('committed');
  const [first] = [...story.cloud.world.instances.values()].filter(
    ({ tags }) => tags['cutover:release'] === releaseNamed('v2'),
  );
  story.cloud.world.reportHealth(first?.id ?? '', false, 'wedged');
  await story.rest(2);
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('a probe that AWS throttled is made again, and says nothing about the image', async () => {
  const smoke = [{ path: '/health', from: 200, to: 299, within: 5 }];
  const story = await liveStory({ service: { checks: { smoke } } });
  let throttled = false;
  story.cloud.intercept((service, command, input, next) => {
    const probing = command === 'DescribeInstances' && JSON.stringify(input).includes('InstanceIds');
    if (service !== 'ec2' || !probing || throttled) return next();
    throttled = true;
    throw Object.assign(new Error('Request limit exceeded.'), { name: 'RequestLimitExceeded', $fault: 'client' });
  });
  story.push('v2');
  await story.rest();
  expect(throttled).toBe(true);
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('an abort whose weights were refused once is carried out by the next try', async () => {
  const story = await liveStory({ service: { checks: { alarms: ['shop-5xx'] } } });
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
  story.push('v2');
  await story.after(15 * 60);
  // As often as a client tries by itself.
  let refused = 0;
  story.cloud.intercept((_service, command, _input, next) => {
    if (command !== 'ModifyRule' || refused === 3) return next();
    refused++;
    throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client' });
  });
  const event = { detail: { alarmName: 'shop-5xx', state: { value: 'ALARM' } } };
  story.cloud.world.alarms.set('shop-5xx', {
    name: 'shop-5xx',
    kind: 'MetricAlarm',
    state: 'ALARM',
    reason: 'bad',
    since: story.time.now(),
    dataFrom: story.time.now(),
  });
  await expect(story.during(story.cloud.invoke('on-alarm', event))).rejects.toThrow();
  await story.during(story.cloud.invoke('on-alarm', event));
  const row = await story.row();
  expect(row.phase).toBe('rollingBack');
  await story.after(15);
  expect(story.weights()[row.live?.slot ?? 'blue']).toBe(100);
});

it('an approval during a pause is heard at once', async () => {
  const story = await liveStory({ service: { checks: { alarms: ['shop-5xx'] } } });
  story.push('v2');
  await story.after(60);
  story.cloud.world.alarms.delete('shop-5xx');
  await story.after(13 * 60);
  expect((await story.events()).some(({ data }) => data?.action === 'pause')).toBe(true);
  const { step } = await story.row();
  await story.during(story.answer('approve'));
  await story.after(30);
  expect((await story.row()).step).toBe(step + 1);
});

it('an execution that comes back after its own end takes nothing over', async () => {
  const story = await liveStory();
  const input = JSON.stringify({ service: 'shop', release: releaseNamed('v1'), attempt: 1 });
  const askedAt = new Date(story.time.now()).toISOString();
  story.cloud.machine.start({ name: 'a-person', input });
  await story.rest();
  story.push('v2');
  await story.after(12 * 60);
  const before = await story.row();
  story.cloud.machine.stop(`shop-${releaseNamed('v2')}-1`);
  const progress = { step: 0, since: 0, passed: 0, heard: 0 };
  const late = {
    service: 'shop',
    release: releaseNamed('v1'),
    attempt: 2,
    token: 0,
    execution: 'a-person',
    progress,
    askedAt,
  };
  const answer = (await story.during(story.cloud.invoke('admit', late))) as { next: string };
  expect(answer.next).toBe('Ended');
  expect((await story.row()).next).toBeNull();
  expect((await story.row()).lock).not.toMatchObject({ execution: 'a-person' });
  expect(before.lock.state).toBe('held');
});

it('a foreign rule added during a rollout is reported, and waited for before removal (P21)', async () => {
  const story = await liveStory();
  const [rule = ''] = story.service.rules;
  const { world } = story.cloud;
  story.push('v2');
  await story.after(10 * 60);
  const stray = rule.replace(/[^/]+$/, '0stray0000000000');
  const ours = world.rules.get(rule);
  if (ours === undefined) throw new Error('the story has no rule');
  world.rules.set(stray, { ...ours, arn: stray, actions: [], routes: [] });
  const old = (await story.row()).live?.slot === 'blue' ? story.service.slots.blue : story.service.slots.green;
  story.cloud.editRule(stray, [{ Type: 'forward', TargetGroupArn: old }]);
  await story.after(60 * 60);
  expect((await story.row()).phase).toBe('committed');
  expect((await story.events()).some(({ kind, text }) => kind === 'problem' && text.includes('0stray0000000000'))).toBe(
    true,
  );
  expect(story.running().filter((release) => release === releaseNamed('v1'))).toHaveLength(4);
  world.rules.delete(stray);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});
