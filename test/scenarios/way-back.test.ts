/** The way back: measured by what the old fleet was at admission, kept whole while it lasts, and held up by nothing that it does not need. */
import { describe, expect, it } from 'vitest';
import { linear } from '../../core/index.ts';
import { agedBy, createStory, fleetOf, liveStory, releaseNamed, type Story } from '../build.ts';

const v1 = releaseNamed('v1');

describe('a count that is raised while a rollout is under way', () => {
  const shapes = [
    ['upfront', 4, 8, 4],
    ['upfront', 10, 14, 4],
    ['withWeight', 4, 8, 20],
    ['withWeight', 10, 14, 20],
  ] as const;
  const ends: Record<string, (story: Story) => Promise<void>> = {
    'its errors': async (story) => story.machines.describe(story.reference('v2'), { errorRate: 0.3 }),
    'an abort': async (story) => {
      await story.during(story.abort('not this one'));
    },
    'a stopped execution': async (story) => {
      await story.cloud.machine.stop(`shop-${releaseNamed('v2')}-1`, { error: 'by hand' });
    },
  };

  for (const [growth, from, count, at] of shapes)
    it.each(Object.entries(ends))(
      `changes nothing of the way back after %s: ${growth}, ${from} to ${count}`,
      async (_, end) => {
        const story = await liveStory({ service: { growth, fleet: fleetOf(from) } });
        story.push('v2');
        await story.after(at * 60);
        await story.want(count);
        await story.after(5 * 60);
        await end(story);
        await story.rest();
        expect((await story.rollouts())[0]?.outcome).toBe('failed');
        expect((await story.row()).live?.release).toBe(v1);
      },
    );
});

describe('the fleet that has the traffic again', () => {
  /** Minutes of the next quarter of an hour in which nine requests of ten fail. */
  const darkMinutes = async (story: Story, minutes = 15): Promise<number> => {
    let dark = 0;
    for (let minute = 0; minute < minutes; minute++) {
      const before = { ...story.cloud.traffic.totals() };
      await story.after(60);
      const after = story.cloud.traffic.totals();
      if (after.failed - before.failed > 0.9 * (after.requests - before.requests)) dark++;
    }
    return dark;
  };
  const goingBack = async (): Promise<Story> => {
    const story = await liveStory({ schedule: true, service: { fleet: fleetOf(10), growth: 'withWeight' } });
    story.push('v2');
    while ((await story.row()).step < 3) await story.after(30);
    await story.after(60);
    await story.during(story.abort('stop'));
    await story.after(30);
    return story;
  };
  const lose = (story: Story, release: string): void => {
    for (const one of story.cloud.world.instances.values())
      if (one.tags['cutover:release'] === release && one.state === 'running') story.cloud.world.kill(one.id);
  };

  it('is launched again at once where it is lost, and the other one stays until it answers', async () => {
    const story = await goingBack();
    lose(story, v1);
    // Boot and two checks of the new instances of v1 at the most.
    expect(await darkMinutes(story)).toBeLessThanOrEqual(3);
    await story.rest();
    expect((await story.row()).live?.release).toBe(v1);
    expect(story.running().filter((release) => release === v1)).toHaveLength(10);
    expect((await story.events()).map(({ text }) => text).join('\n')).toContain(
      'has all the traffic and no healthy target',
    );
  });

  it('gives way to a fleet that answers where it cannot be had in the time of a rollout', async () => {
    const story = await goingBack();
    story.machines.describe(story.reference('v1'), { neverHealthy: true });
    lose(story, v1);
    expect(await darkMinutes(story, 40)).toBeLessThanOrEqual(15);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });
});

describe('under maxExtra', () => {
  it('an abort gives an old fleet that has made no room everything at once, with nobody to go on', async () => {
    const service = { fleet: fleetOf(8), maxExtra: 8, strategy: linear(50, { bake: '10 minutes' }) };
    const story = await liveStory({ service });
    story.push('v2');
    while ((await story.row()).step < 1) await story.after(30);
    await story.after(60);
    story.cloud.machine.stop(`shop-${releaseNamed('v2')}-1`, { error: 'by hand' });
    await story.during(story.abort('alarm'));
    await story.after(30);
    const old = (await story.row()).live?.slot ?? 'blue';
    expect(story.weights()[old]).toBe(100);
    await story.rest();
    expect((await story.row()).live?.release).toBe(v1);
  });

  it('an abort gives an old fleet what it is sure to carry at once, and the rest as it grows', async () => {
    const strategy = linear(25, { bake: '10 minutes' });
    const story = await liveStory({ service: { fleet: fleetOf(12), maxExtra: 4, strategy }, schedule: true });
    story.push('v2');
    while ((await story.row()).step < 2) await story.after(10);
    await story.after(30);
    const old = (await story.row()).live?.slot ?? 'blue';
    const before = story.weights()[old] ?? 0;
    const failed = story.cloud.traffic.totals().failed;
    await story.during(story.abort('alarm'));
    expect((await story.row()).wanted.weights[old]).toBeGreaterThanOrEqual(before);
    await story.rest();
    expect((await story.row()).live?.release).toBe(v1);
    expect(story.cloud.traffic.totals().failed).toBe(failed);
  });
});

describe('an edit of a rule that AWS refuses for good', () => {
  const refusal = () =>
    Object.assign(
      new Error(
        'You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups',
      ),
      { name: 'InvalidLoadBalancerActionException', $fault: 'client', $metadata: { httpStatusCode: 400 } },
    );

  it('holds no rollout up that has all its weights as they are to be', async () => {
    const story = await createStory({ schedule: true });
    const [rule = ''] = story.service.rules;
    story.cloud.editRule(rule, [{ Type: 'forward', TargetGroupArn: story.service.slots.blue }]);
    let refuses = true;
    story.cloud.intercept(async (_service, command, input, next) => {
      const { Actions = [] } = input as { Actions?: { ForwardConfig?: { TargetGroups?: unknown[] } }[] };
      if (refuses && command === 'ModifyRule' && Actions.some((a) => (a.ForwardConfig?.TargetGroups?.length ?? 0) > 1))
        throw refusal();
      return next();
    });
    story.push('v1');
    await story.after(3600);
    expect(story.running()).toEqual([]);
    expect((await story.row()).lock.state).toBe('free');
    const [first] = await story.rollouts();
    expect(first).toMatchObject({ outcome: 'failed' });
    expect(first?.reason).toContain('You must enable group stickiness');
    refuses = false;
    story.push('v2');
    await story.after(2 * 3600);
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });

  it('is recorded at once on the way back, and is done as soon as AWS takes it', async () => {
    const story = await liveStory({ schedule: true });
    story.push('v2');
    while ((await story.row()).step < 2) await story.after(30);
    let refuses = true;
    story.cloud.intercept(async (_service, command, _input, next) => {
      if (refuses && command === 'ModifyRule') throw refusal();
      return next();
    });
    await story.during(story.abort('not this one')).catch(() => undefined);
    await story.after(3 * 60);
    const problems = async () =>
      (await story.events()).filter(({ kind }) => kind === 'problem').map(({ text }) => text);
    expect((await problems()).join('\n')).toContain('a rule cannot be given its weights');
    expect(story.running().filter((release) => release === v1)).toHaveLength(4);
    await story.after(2 * 3600);
    expect((await story.events()).map(({ kind }) => kind)).not.toContain('stuck');
    refuses = false;
    await story.after(3600);
    expect(await story.row()).toMatchObject({ lock: { state: 'free' }, live: { release: v1 } });
  });
});

describe('a rule of a stranger that keeps the slot from being emptied', () => {
  it.each(['after commit', 'on the way back'])('lets no execution fail, however long it lasts: %s', async (when) => {
    // As it is after half a day of looks: the history of this execution is nearly full.
    const story = await liveStory({ schedule: true, definition: agedBy(1000) });
    const { rules } = story.cloud.world;
    const [rule = ''] = story.service.rules;
    const stray = rule.replace(/[^/]+$/, '0stray0000000000');
    story.push('v2');
    while ((await story.row()).step < 3) await story.after(30);
    const plan = (await story.row()).plan ?? expect.fail('no plan');
    if (when === 'on the way back') await story.during(story.abort('not this one'));
    while (!['committed', 'rollingBack'].includes((await story.row()).phase)) await story.after(10);
    const doomed = when === 'after commit' ? plan.old.slot : plan.new.slot;
    rules.set(stray, {
      ...(rules.get(rule) as NonNullable<ReturnType<typeof rules.get>>),
      arn: stray,
      actions: [],
      routes: [],
    });
    story.cloud.editRule(stray, [{ Type: 'forward', TargetGroupArn: story.service.slots[doomed] }]);
    await story.after(10 * 60);
    expect((await story.events()).map(({ text }) => text).join('\n')).toContain('you take that weight away');
    await story.after(2 * 3600);
    expect([...story.statuses.keys()].filter((name) => name.startsWith('continue-'))).toHaveLength(1);
    expect([...story.statuses.values()].filter((status) => status !== 'SUCCEEDED')).toEqual(['RUNNING']);
    expect((await story.events()).map(({ kind }) => kind)).not.toContain('stuck');
    rules.delete(stray);
    await story.after(3600);
    expect((await story.row()).lock.state).toBe('free');
  });
});
