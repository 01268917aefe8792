/** What reconcile finds and does every two minutes, beside what recovery, events and foreign acts tell of it; and what it leaves alone. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { statusLines } from '../../cli/pipeline/status-text.ts';
import { otherSlot } from '../../core/basics/slot.ts';
import { canary } from '../../core/index.ts';
import type { Instance } from '../../local/simulated/resources.ts';
import { statusOf } from '../../pipeline/operations/status.ts';
import { definition, kind, liveStory, releaseNamed, type Story, type StoryOptions, serviceOf } from '../build.ts';
import { editWeights, expectAtRest, reach } from './at-rest.ts';

const quick: StoryOptions = {
  rpm: 600,
  service: { strategy: canary([50], { bake: '2 minutes', keepOldFor: '2 minutes' }) },
};
const reconcile = (story: Story): Promise<unknown> => story.during(story.cloud.invoke('reconcile', {}));
const problems = async (story: Story): Promise<string[]> =>
  (await story.events()).filter(({ kind: one }) => one === 'problem').map(({ text }) => text);

/** Something launches instances in the slot that is idle. */
const launchInIdle = async (story: Story): Promise<void> => {
  const { live } = await story.row();
  const idle = otherSlot(live?.slot ?? 'blue');
  if (kind === 'groups') return story.cloud.setGroup(`shop-${idle}`, { desired: 2 });
  const { world } = story.cloud;
  const [subnet] = world.subnets.values();
  const tags = { 'cutover:service': 'shop', 'cutover:slot': idle, 'cutover:release': 'feedfacecafe' };
  const [like] = world.instances.values();
  if (subnet === undefined || like === undefined) throw new Error('the story has no subnet or instance');
  for (const number of ['1', '2'])
    world.launch({ ami: like.ami, subnet, tags: { ...tags, 'cutover:number': number }, clientToken: undefined });
};

const endedOf = (story: Story, version: string): unknown[] =>
  [...story.cloud.world.instances.values()].filter(
    ({ tags, state }) => tags['cutover:release'] === releaseNamed(version) && state !== 'running',
  );

describe('orphaned instances', () => {
  it('are taken away at rest (R10, P18)', async () => {
    const story = await liveStory({ ...quick, schedule: true });
    await story.after(600);
    await launchInIdle(story);
    await story.after(60);
    expect(story.running()).toHaveLength(6);
    await story.after(1200);
    await expectAtRest(story, 'v1');
    expect(
      (await problems(story)).filter((text) => text.includes('which is idle: they are being removed')),
    ).toHaveLength(1);
  });

  it('stay where a rule leads to them, and people are told', async () => {
    const story = await liveStory({ ...quick, schedule: true });
    await story.after(600);
    await launchInIdle(story);
    const { live } = await story.row();
    const [rule = ''] = story.service.rules;
    const { rules } = story.cloud.world;
    const ours = rules.get(rule);
    if (ours === undefined) throw new Error('the story has no rule');
    const stray = rule.replace(/[^/]+$/, '0stray0000000000');
    rules.set(stray, { ...ours, arn: stray, actions: [], routes: [] });
    const idle = story.service.slots[otherSlot(live?.slot ?? 'blue')];
    story.cloud.editRule(stray, [{ Type: 'forward', TargetGroupArn: idle }]);
    await story.after(1200);
    expect(story.running()).toHaveLength(6);
    expect(
      (await problems(story)).filter((text) => text.includes('0stray0000000000 leads to it: they stay')),
    ).toHaveLength(1);
    rules.delete(stray);
    await story.after(1200);
    await expectAtRest(story, 'v1');
  });

  it.each([0, 1, 2, 3, 5, 8])(
    'do not cost a rollout that begins %i s after they are found its own',
    async (seconds) => {
      const story = await liveStory(quick);
      await story.after(600);
      await launchInIdle(story);
      await story.after(60);
      const looking = reconcile(story);
      await story.after(seconds);
      story.push('v2');
      await looking;
      await story.rest();
      await expectAtRest(story, 'v2');
      expect(endedOf(story, 'v2')).toEqual([]);
    },
  );
});

describe('an execution that stands still', () => {
  /** The product's machine, in which a wait of v2's never ends. */
  const standingIn = (state: string, field: 'Seconds' | 'TimeoutSeconds'): unknown => {
    const machine = definition as { States: Record<string, object> };
    const seconds = `{% $rollout.release = '${releaseNamed('v2')}' ? 99999999 : $seconds %}`;
    return { ...machine, States: { ...machine.States, [state]: { ...machine.States[state], [field]: seconds } } };
  };
  const standing = async (state: string, field: 'Seconds' | 'TimeoutSeconds' = 'Seconds'): Promise<Story> => {
    const story = await liveStory({ ...quick, schedule: true, definition: standingIn(state, field) });
    story.push('v2');
    return story;
  };
  const name = `shop-${releaseNamed('v2')}-1`;

  it('at a weight is aborted when its time is over, and woken', async () => {
    const story = await standing('Bake', 'TimeoutSeconds');
    await story.rest();
    await expectAtRest(story, 'v1');
    expect((await story.rollouts())[0]?.reason).toMatch(/has been shifting for 2 hours .* were allowed/);
  });

  const stopped = async (story: Story): Promise<string[]> =>
    (await problems(story)).filter((text) => text.includes('it is stopped, and a recovery continues from there'));
  const recoveries = (story: Story): string[] =>
    [...story.statuses].filter(([one]) => one.startsWith('recover-')).map(([, status]) => status);
  /** During a rollout a rule that nobody has configured gives the old slot a weight: that is to stay until somebody takes it away. */
  const strayRule = async (story: Story): Promise<() => void> => {
    const { live } = await reach(story, 'shifting');
    const [rule = ''] = story.service.rules;
    const { rules } = story.cloud.world;
    const ours = rules.get(rule);
    if (ours === undefined) throw new Error('the story has no rule');
    const stray = rule.replace(/[^/]+$/, '0stray0000000000');
    rules.set(stray, { ...ours, arn: stray, actions: [], routes: [] });
    story.cloud.editRule(stray, [{ Type: 'forward', TargetGroupArn: story.service.slots[live?.slot ?? 'blue'] }]);
    return () => rules.delete(stray);
  };

  it('before traffic is aborted, and stopped where it does not wake', async () => {
    const story = await standing('WaitForReady');
    await story.after(3 * 3600);
    expect((await story.row()).phase).toBe('rollingBack');
    expect(story.statuses.get(name)).toBe('RUNNING');
    await story.rest();
    await expectAtRest(story, 'v1');
    expect(story.statuses.get(name)).toBe('ABORTED');
    expect(recoveries(story)).toEqual(['SUCCEEDED']);
    expect(await stopped(story)).toEqual([
      expect.stringMatching(/^shop-.*-1 has stalled while rollingBack for .*, 2 hours .* were allowed: /),
    ]);
  });

  it('after commit is stopped, and brought forward', async () => {
    const story = await standing('WaitToRetire');
    await reach(story, 'committed');
    await story.after(2 * 3600);
    expect(story.statuses.get(name)).toBe('RUNNING');
    await story.rest();
    await expectAtRest(story, 'v2');
    expect(story.cloud.machine.describe(name)).toMatchObject({ status: 'ABORTED', error: 'cutover.stuck' });
    expect(recoveries(story)).toEqual(['SUCCEEDED']);
    expect(await stopped(story)).toEqual([expect.stringContaining('has stalled while committed')]);
  });

  it('is stopped once by two at once, and recovered once', async () => {
    const story = await liveStory({ ...quick, definition: standingIn('WaitToRetire', 'Seconds') });
    story.push('v2');
    await reach(story, 'committed');
    await story.after(3 * 3600);
    await Promise.all([reconcile(story), reconcile(story)]);
    await story.rest();
    await expectAtRest(story, 'v2');
    expect(recoveries(story)).toEqual(['SUCCEEDED']);
    expect(await stopped(story)).toHaveLength(1);
  });

  it('is given up after five recoveries that stand still, too, each with a time of its own', async () => {
    const story = await standing('WaitToRetire');
    const takeAway = await strayRule(story);
    await reach(story, 'committed');
    await story.after(4 * 3600);
    expect(recoveries(story)).toEqual(['RUNNING']);
    await story.after(20 * 3600);
    expect(recoveries(story)).toEqual(Array(5).fill('ABORTED'));
    expect(await stopped(story)).toHaveLength(6);
    takeAway();
    const { input } = story.cloud.machine.describe(name);
    story.cloud.machine.start({ name: 'by-hand', input });
    await story.rest();
    await expectAtRest(story, 'v2');
  });

  it('is none that waits for a stranger, looks every few seconds, and has told so', async () => {
    const story = await liveStory({ ...quick, schedule: true });
    story.push('v2');
    const takeAway = await strayRule(story);
    await reach(story, 'committed');
    await story.after(2.25 * 3600);
    expect(story.statuses.get(name)).toBe('RUNNING');
    expect(await stopped(story)).toEqual([]);
    takeAway();
    await story.rest();
    await expectAtRest(story, 'v2');
    expect(recoveries(story)).toEqual([]);
  });

  it('is none while a person is waited for', async () => {
    const story = await liveStory({
      ...quick,
      schedule: true,
      service: { ...quick.service, checks: { alarms: ['shop-5xx'] } },
    });
    story.push('v2');
    await story.after(60);
    story.cloud.world.alarms.delete('shop-5xx');
    await story.after(4 * 3600);
    expect((await story.row()).phase).toBe('shifting');
    expect(story.statuses.get(name)).toBe('RUNNING');
    story.cloud.setAlarm('shop-5xx', 'OK', 'it is back');
    await story.during(story.answer('approve'));
    await story.rest();
    await expectAtRest(story, 'v2');
  });
});

describe('a program that has died at rest, on an instance that runs', () => {
  const resting = async (options: StoryOptions = {}): Promise<Story> => {
    const story = await liveStory({ ...quick, ...options });
    await story.after(1200);
    return story;
  };
  const die = async (story: Story, many = 1): Promise<Instance[]> => {
    const { live } = await story.row();
    const ids = story.targets(live?.slot ?? 'blue').slice(0, many);
    for (const id of ids) story.cloud.world.reportHealth(id, false, 'Request timed out');
    return ids.flatMap((id) => story.cloud.world.instances.get(id) ?? []);
  };
  const healthy = async ({ row, cloud, service }: Story): Promise<number> => {
    const group = cloud.world.targetGroups.get(service.slots[(await row()).live?.slot ?? 'blue']);
    const targets = group === undefined ? [] : [...cloud.world.targetsNow(group).values()];
    return targets.filter(({ state }) => state === 'healthy').length;
  };
  const failed = (story: Story): number => story.cloud.traffic.totals().failed;
  const told = async (story: Story, text: string): Promise<number> =>
    (await problems(story)).filter((one) => one.includes(text)).length;

  it('is replaced by the second look, and costs no request once the load balancer has seen it', async () => {
    const story = await resting({ schedule: true });
    const [dead] = await die(story);
    await story.after(60);
    const seen = failed(story);
    await story.after(240);
    if (kind === 'instances') expect(dead?.state).not.toBe('running');
    await story.after(900);
    expect(dead?.state).toBe('terminated');
    await expectAtRest(story, 'v1');
    expect(failed(story)).toBe(seen);
    const numbered = kind === 'instances' ? 1 : 0;
    expect(await told(story, 'is replaced if it still is at the next look')).toBe(numbered);
    expect(await told(story, 'it is being replaced')).toBe(numbered);
  });

  it('is replaced alone: of two, the second one once what came for the first one serves', async () => {
    const story = await resting({ schedule: true });
    const dead = await die(story, 2);
    const healthyAt: number[] = [];
    for (let seconds = 0; seconds < 1800; seconds += 5) {
      await story.after(5);
      const ended = dead.filter(({ state }) => state !== 'running').length;
      if (ended > healthyAt.length) healthyAt.push(await healthy(story));
    }
    await expectAtRest(story, 'v1');
    if (kind === 'instances') expect(healthyAt).toEqual([2, 3]);
  });

  it.each([0, 25, 50, 75, 100])('and answers again after 25 s is left alone, %i s after a look', async (seconds) => {
    const story = await resting({ schedule: true });
    await story.after(seconds);
    const [one] = await die(story);
    await story.after(25);
    story.cloud.world.reportHealth(one?.id ?? '', true);
    await story.after(600);
    if (kind === 'instances') expect(one?.state).toBe('running');
    await expectAtRest(story, 'v1');
  });

  it('stays where most have died: it is hardly the instances, and people are told', async () => {
    const story = await resting({ schedule: true });
    const dead = await die(story, 3);
    await story.after(1200);
    if (kind === 'groups') return expectAtRest(story, 'v1');
    expect(dead.map(({ state }) => state)).toEqual(Array(3).fill('running'));
    expect(await told(story, '1 of 4 instances of the live fleet are healthy: none is replaced')).toBe(1);
    for (const { id } of dead) story.cloud.world.reportHealth(id, true);
    await story.after(600);
    await expectAtRest(story, 'v1');
  });

  it.each([0, 1, 2, 3, 5, 8])(
    'disturbs no rollout that begins %i s after it is replaced, by two at once',
    async (seconds) => {
      const story = await resting();
      await die(story);
      await story.after(60);
      await reconcile(story);
      await story.after(120);
      const looking = Promise.all([reconcile(story), reconcile(story)]);
      await story.after(seconds);
      story.push('v2');
      await looking;
      await story.rest();
      await expectAtRest(story, 'v2');
      expect(endedOf(story, 'v2')).toEqual([]);
    },
  );
});

it('reconcile launches and restores nothing once a rollout holds the service', async () => {
  const calling = new AsyncLocalStorage<string>();
  const story = await liveStory({ ...quick, around: (name, call) => calling.run(name, call) });
  story.cloud.world.kill(story.targets((await story.row()).live?.slot ?? 'blue')[0] ?? '');
  const changing: string[] = [];
  const first: { release?: () => void } = {};
  story.cloud.intercept(async (_service, command, _input, next) => {
    if (calling.getStore() !== 'reconcile') return next();
    if (first.release === undefined)
      await new Promise<void>((resolve) => {
        first.release = resolve;
      });
    else if (!command.startsWith('Describe')) changing.push(command);
    return next();
  });
  const looking = reconcile(story);
  await story.after(1);
  story.push('v2');
  await reach(story, 'preparing');
  // Within the time that the function has.
  await story.after(5);
  first.release?.();
  await looking;
  expect(changing).toEqual([]);
  story.cloud.intercept(undefined);
  await story.rest();
  await expectAtRest(story, 'v2');
});

it('a rollout whose rule has gone is recovered where its stop is heard of by nobody', async () => {
  const story = await liveStory({ ...quick, schedule: true });
  story.push('v2');
  await reach(story, 'shifting');
  const { rules } = story.cloud.world;
  const [arn = ''] = story.service.rules;
  const rule = rules.get(arn);
  if (rule === undefined) throw new Error('the story has no rule');
  rules.delete(arn);
  story.cloud.intercept(async (_service, command, input, next) => {
    if (command === 'Deliver' && (input as { function: string }).function === 'on-stopped') throw new Error('lost');
    return next();
  });
  story.cloud.machine.stop(`shop-${releaseNamed('v2')}-1`);
  await story.after(180);
  expect([...story.statuses.keys()].filter((one) => one.startsWith('recover-')).length).toBeGreaterThan(0);
  rules.set(arn, rule);
  story.cloud.intercept(undefined);
  await story.rest();
  await expectAtRest(story, 'v1');
});

it('what failed is not begun again, however often reconcile sees that it is the newest', async () => {
  const story = await liveStory({ ...quick, schedule: true });
  story.push('v2', { exits: 'exited with code 1' });
  await story.rest();
  const started = story.statuses.size;
  await story.after(3600);
  expect(story.statuses.size).toBe(started);
  await expectAtRest(story, 'v1');
});

it('a holder whose recoveries all die is reported once, and a New execution begins anew', async () => {
  const story = await liveStory({ ...quick, schedule: true });
  story.push('v2');
  await reach(story, 'shifting');
  const running = (): string[] => [...story.statuses].flatMap(([one, status]) => (status === 'RUNNING' ? one : []));
  // Five recoveries, with growing pauses between them.
  const end = story.time.now() + 8 * 3_600_000;
  while (story.time.now() < end) {
    await story.time.run({ until: end, done: () => running().length > 0 });
    await story.after(1);
    for (const one of running()) story.cloud.machine.stop(one);
  }
  const told = await story.events();
  expect(told.filter(({ by, kind: one }) => by === 'reconcile' && one === 'stuck')).toHaveLength(1);
  const [line] = statusLines(statusOf('shop', await story.row(), [], told.reverse())).filter((one) =>
    one.includes('stuck'),
  );
  expect(line).toContain('then run cutover retry, or redrive the execution');
  const input = JSON.stringify({ service: 'shop', release: releaseNamed('v2'), attempt: 1 });
  story.cloud.machine.start({ name: 'by-hand', input });
  await story.rest();
  await expectAtRest(story, 'v2');
});

it('a missing rule holds up neither the correction of other rules nor the search for images', async () => {
  const [kept = ''] = serviceOf().rules;
  const other = kept.replace(/[^/]+$/, '0other0000000000');
  const story = await liveStory({ ...quick, service: { ...quick.service, rules: [kept, other] }, schedule: true });
  await story.after(600);
  const { rules } = story.cloud.world;
  const gone = rules.get(other);
  rules.delete(other);
  const { blue, green } = story.service.slots;
  const tuples = [blue, green].map((TargetGroupArn) => ({ TargetGroupArn, Weight: 50 }));
  story.cloud.editRule(kept, [{ Type: 'forward', ForwardConfig: { TargetGroups: tuples } }]);
  story.cloud.intercept(async (service, command, input, next) => {
    const { function: target } = input as { function?: string };
    if (service === 'eventbridge' && command === 'Deliver' && target === 'on-image') throw new Error('lost');
    return next();
  });
  story.push('v2');
  await story.after(600);
  expect(Object.values(story.weights()).sort()).toEqual([0, 100]);
  expect((await story.ledger.history('shop')).map(({ release }) => release)).toContain(releaseNamed('v2'));
  if (gone !== undefined) rules.set(other, gone);
  await story.rest();
});

it('a live fleet that cannot be had whole is told of once, and whole again as soon as it can', async () => {
  const story = await liveStory({ ...quick, schedule: true });
  await story.after(600);
  const { capacity } = story.cloud.world;
  for (const zone of ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']) capacity.set(zone, 0);
  story.cloud.world.kill(story.targets((await story.row()).live?.slot ?? 'blue')[0] ?? '');
  await story.after(3600);
  expect(story.running()).toHaveLength(3);
  expect((await problems(story)).filter((text) => text.includes('capacity'))).toHaveLength(1);
  capacity.clear();
  await story.after(1800);
  await expectAtRest(story, 'v1');
});

it.each([0, 50, 200, 1000])('two at once, %i ms apart, do no harm, whatever there is to do', async (apart) => {
  const story = await liveStory(quick);
  await story.after(600);
  const { live } = await story.row();
  editWeights(story, live?.slot === 'blue' ? { blue: 0, green: 100 } : { blue: 100, green: 0 });
  story.cloud.world.kill(story.targets(live?.slot ?? 'blue')[0] ?? '');
  await launchInIdle(story);
  story.cloud.intercept((service, command, _input, next) =>
    service === 'eventbridge' && command === 'Deliver' ? Promise.resolve(undefined) : next(),
  );
  story.push('v2');
  await story.after(60);
  const first = reconcile(story);
  await story.after(apart / 1000);
  await Promise.all([first, reconcile(story)]);
  story.cloud.intercept(undefined);
  await story.after(60);
  await story.rest();
  await expectAtRest(story, 'v2');
  expect([...story.statuses.keys()]).toHaveLength(2);
});
