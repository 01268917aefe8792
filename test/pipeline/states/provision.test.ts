/** Provision and CheckReady: which step is prepared, what is launched for it, and when it counts as ready. */
import { describe, expect, it } from 'vitest';
import { canary } from '../../../core/config/strategies.ts';
import type { InstanceView } from '../../../pipeline/ports/fleet.ts';
import { checkReady } from '../../../pipeline/states/check-ready.ts';
import { provision } from '../../../pipeline/states/provision.ts';
import { minute, plan, publication, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
const steps = plan().steps;

const opened = async (change: Parameters<typeof held>[0] = {}) => {
  const story = await createWorld(held(change));
  const { ports } = story;
  const asked: [string, string, number][] = [];
  const { ensure } = ports.fleet;
  ports.fleet.ensure = (release, slot, count) => {
    asked.push([release.release, slot, count]);
    return ensure(release, slot, count);
  };
  const kinds = async () => (await ports.ledger.history('checkout')).map(({ kind, text }) => `${kind}: ${text}`);
  return { ...story, asked, kinds };
};

const instance = (state: InstanceView['state'], release: string): InstanceView => ({
  id: `i-${state}`,
  zone: 'a',
  state,
  reason: null,
  release,
  launchedAt: start,
});

describe('Provision', () => {
  it('prepares the next step, launches what it lacks, and looks at it only a little later', async () => {
    const { world, ports, asked, kinds } = await opened();
    world.healthy.green = 1;
    const answer = await provision(ports)(rollout({ step: 0, passed: 2 }));
    expect(answer).toMatchObject({ next: 'launched', seconds: 15 });
    expect(answer.rollout.progress).toMatchObject({ step: 1, since: world.now, passed: 0 });
    expect(asked.filter(([, slot]) => slot === 'green')).toHaveLength(1);
    expect(await kinds()).toEqual([expect.stringMatching(/^launched: \d launched in green, \d needed$/)]);
  });

  it('keeps the time at which it began with a step, and begins anew with the next', async () => {
    const { ports, world } = await opened();
    expect((await provision(ports)(rollout({ step: 1, since: 7 }))).rollout.progress.since).toBe(7);
    expect((await provision(ports)(rollout({ step: 2, since: 7 }))).rollout.progress.since).toBe(world.now);
  });

  it('of a fleet that has served the last weight and lacks nothing asks for one look alone', async () => {
    const { ports, kinds } = await opened({ phase: 'shifting', step: 1 });
    const answer = await provision(ports)(rollout({ step: 2 }));
    expect(answer).toMatchObject({ next: 'CheckReady', seconds: 1, rollout: { progress: { step: 2 } } });
    expect(answer.rollout.progress.passed).toBeGreaterThan(1000);
    const first = await opened();
    expect((await provision(first.ports)(rollout({ passed: 2 }))).rollout.progress.passed).toBe(0);
    expect(await kinds()).toEqual([]);
  });

  it('after the last step prepares that one again', async () => {
    const { ports } = await opened({ phase: 'settling', step: steps.length });
    expect((await provision(ports)(rollout())).rollout.progress.step).toBe(steps.length);
  });

  it.each([
    ['running', 'another', ['green']],
    ['pending', 'another', ['green']],
    ['stopping', 'another', []],
    ['gone', 'another', []],
    ['running', publication('b').release, []],
  ] as const)('removes what is %s of release %s from its slot first: %j', async (state, release, removed) => {
    const { world, ports } = await opened();
    const { observe } = ports.fleet;
    ports.fleet.observe = async (one, slot) =>
      slot === 'green' ? { instances: [instance(state, release)], number: 1, limits: null } : observe(one, slot);
    ports.fleet.remove = async (_, slot) => {
      world.removed.push(slot);
      return { left: 1, draining: 0 };
    };
    const answer = await provision(ports)(rollout({ step: 0 }));
    expect(world.removed).toEqual(removed);
    if (removed.length > 0)
      expect(answer).toMatchObject({
        next: 'wait',
        seconds: 15,
        why: '1 instances of an earlier release are left in green',
      });
    else expect(answer.next).not.toBe('wait');
  });

  it('once traffic moves removes nothing', async () => {
    const { world, ports } = await opened({ phase: 'shifting', step: 1 });
    ports.fleet.observe = async () => ({ instances: [instance('running', 'another')], number: 1, limits: null });
    await provision(ports)(rollout());
    expect(world.removed).toEqual([]);
  });

  it('follows an abort, and yields to a newer release before any traffic', async () => {
    const aborted = await opened({ phase: 'rollingBack', abort });
    expect(await provision(aborted.ports)(rollout())).toMatchObject({ next: 'RollBack', why: 'an alarm' });
    const { ports, kinds, row } = await opened({ next: publication('c', { order: start + 1 }) });
    expect((await provision(ports)(rollout())).next).toBe('RollBack');
    expect((await row()).abort).toMatchObject({ kind: 'superseded' });
    expect(await kinds()).toEqual([`aborted: yields to ${publication('c').release}`]);
  });

  it('says what is not to be had, and pins both groups while it goes on', async () => {
    const { world, ports, kinds } = await opened();
    const pinned: unknown[] = [];
    ports.fleet.pin = async (_, slot, count) => {
      pinned.push([slot, count]);
      return slot === 'green' ? 'somebody has lowered it' : null;
    };
    ports.fleet.ensure = async () => ({ launched: 0, short: 'no capacity in zone a' });
    world.healthy.green = 0;
    expect(await provision(ports)(rollout())).toMatchObject({ next: 'CheckReady', why: 'no capacity in zone a' });
    expect(pinned).toEqual([
      ['green', 0],
      ['blue', 4],
    ]);
    expect((await kinds()).toSorted()).toEqual(['problem: no capacity in zone a', 'problem: somebody has lowered it']);
  });
});

it('Provision beside a foreign fleet pins no foreign group, and launches nothing there', async () => {
  const foreign = plan({ old: { ...plan().old, kind: 'foreign' } });
  const { world, ports, asked } = await opened({ plan: foreign, live: null });
  world.healthy.blue = 1;
  const pinned: unknown[] = [];
  ports.fleet.pin = async (_, slot, count) => {
    pinned.push([slot, count]);
    return null;
  };
  await provision(ports)(rollout());
  expect(pinned).toEqual([
    ['green', 0],
    ['blue', 0],
  ]);
  expect(asked.filter(([, slot]) => slot === 'blue')).toEqual([]);
});

describe('Provision under `maxExtra`', () => {
  const capped = plan({}, service({ maxExtra: 2, strategy: canary([50], { bake: '10 minutes' }) }));

  it('takes room from the old fleet, and counts the time to be ready from then on', async () => {
    const { world, ports } = await opened({
      plan: capped,
      phase: 'shifting',
      step: 1,
      wanted: { weights: { blue: 50, green: 50 }, seq: 4, since: start - 10 * minute },
    });
    world.healthy = { blue: 4, green: 1 };
    const shrunk: unknown[] = [];
    ports.fleet.shrink = async (_, slot, count) => {
      shrunk.push([slot, count]);
      return { left: 1 };
    };
    const answer = await provision(ports)(rollout({ step: 2, since: start }));
    expect(answer).toMatchObject({ next: 'wait', seconds: 15 });
    expect(shrunk).toEqual([['blue', 2]]);
    expect(answer.rollout.progress.since).toBe(world.now + 15_000);
  });

  it.each([
    ['just before', 599_999, 2],
    ['when', 600_000, 0],
  ])(
    'takes it from a fleet that has to carry its weight until %s the time to be ready is over',
    async (_, ago, carrying) => {
      const { world, ports } = await opened({
        plan: capped,
        phase: 'shifting',
        step: 1,
        wanted: { weights: { blue: 50, green: 50 }, seq: 4, since: start - 10 * minute },
      });
      expect(capped.configuration.checks.readyWithin).toBe(600);
      world.healthy = { blue: 4, green: 1 };
      const asked: unknown[] = [];
      ports.fleet.shrink = async (...given) => {
        asked.push(given[3]);
        return { left: 1 };
      };
      await provision(ports)(rollout({ step: 2, since: world.now - ago }));
      expect(asked).toEqual([carrying]);
    },
  );
});

describe('CheckReady', () => {
  const zoned = (story: Awaited<ReturnType<typeof opened>>, zones: Record<string, string[]>) => {
    story.ports.fleet.observe = async (_, slot) => ({
      instances: (zones[slot] ?? []).map((zone, index) => ({
        ...instance('running', publication(slot === 'green' ? 'b' : 'a').release),
        id: `i-${slot}-${index}`,
        zone,
      })),
      number: 4,
      limits: null,
    });
  };
  const passes = service().checks.passes;
  const last = { passed: passes - 1 };

  it('counts the checks in a row, and goes to Smoke before the first weight and to Shift later', async () => {
    const { ports, kinds } = await opened();
    for (let passed = 0; passed < passes - 1; passed++)
      expect(await checkReady(ports)(rollout({ passed }))).toMatchObject({
        next: 'wait',
        rollout: { progress: { passed: passed + 1 } },
      });
    expect((await checkReady(ports)(rollout(last))).next).toBe('Smoke');
    expect(await kinds()).toEqual([expect.stringMatching(/^ready: /)]);
    const later = await opened({ phase: 'shifting', step: 1 });
    expect((await checkReady(later.ports)(rollout({ step: 2, ...last }))).next).toBe('Shift');
  });

  it('waits for a slow boot to the second', async () => {
    const { world, ports } = await opened();
    world.healthy.green = 0;
    ports.fleet.ensure = async () => ({ launched: 0, short: null });
    const nextAfter = async (seconds: number) =>
      (await checkReady(ports)(rollout({ since: world.now - seconds * 1000 }))).next;
    const within = service().checks.readyWithin;
    expect([await nextAfter(within - 1), await nextAfter(within + 1)]).toEqual(['wait', 'RollBack']);
  });

  it('counts no time in which an alarm holds a fleet that is ready', async () => {
    const watching = service({ checks: { alarms: ['5xx'] } });
    const { world, ports } = await opened({ plan: plan({}, watching) });
    world.alarms = [{ name: '5xx', state: 'ALARM', since: start + 1, dataFrom: start, reason: 'errors' }];
    const answer = await checkReady(ports)(rollout({ ...last, since: start - 5 * minute }));
    expect(answer).toMatchObject({ next: 'wait', seconds: 15, why: expect.stringMatching(/^alarm 5xx went off/) });
    expect(answer.rollout.progress.since).toBe(world.now);
  });

  it('begins to count anew where too few targets are healthy', async () => {
    const story = await opened({ phase: 'shifting', step: 3 });
    story.ports.traffic.health = async (_, slot) =>
      Array.from({ length: 4 }, (__, index) => ({
        id: `i-${slot}-${index}`,
        state: slot === 'green' && index === 0 ? ('unhealthy' as const) : ('healthy' as const),
        reason: 'Target.Timeout',
        port: 80,
      }));
    const answer = await checkReady(story.ports)(rollout({ step: 4, ...last, since: story.world.now }));
    expect(answer).toMatchObject({ next: 'wait', rollout: { progress: { passed: 0 } } });
    expect(answer.why).toContain('Target.Timeout');
    const late = rollout({ step: 4, ...last, since: story.world.now - 3600_000 });
    expect(await checkReady(story.ports)(late)).toMatchObject({
      next: 'RollBack',
      why: expect.stringMatching(/^not ready: /),
    });
  });

  it('wants every zone of the running old fleet, and of no instance that has ended', async () => {
    const story = await opened();
    zoned(story, { blue: ['a', 'a', 'b', 'b'], green: ['a', 'a', 'a', 'a'] });
    const soon = rollout({ ...last, since: story.world.now });
    expect((await checkReady(story.ports)(soon)).next).toBe('wait');
    const { observe } = story.ports.fleet;
    story.ports.fleet.observe = async (one, slot) => {
      const view = await observe(one, slot);
      const gone = (seen: InstanceView): InstanceView => (seen.zone === 'b' ? { ...seen, state: 'gone' } : seen);
      return { ...view, instances: view.instances.map(gone) };
    };
    expect((await checkReady(story.ports)(soon)).next).toBe('Smoke');
  });

  it('gives up at once where all of its instances keep ending and none is healthy', async () => {
    const { ports, asked } = await opened();
    ports.traffic.health = async () => [];
    ports.fleet.observe = async () => ({
      instances: Array.from({ length: 5 }, (_, index) => ({
        ...instance('gone', publication('b').release),
        id: `i-${index}`,
        reason: 'exit code 1',
      })),
      number: 0,
      limits: null,
    });
    const answer = await checkReady(ports)(rollout({ since: start }));
    expect(answer).toMatchObject({ next: 'RollBack', why: expect.stringContaining('exit code 1') });
    expect(asked.filter(([, slot]) => slot === 'green')).toEqual([]);
  });

  it('follows an abort', async () => {
    const { ports } = await opened({ phase: 'rollingBack', abort });
    expect(await checkReady(ports)(rollout(last))).toMatchObject({ next: 'RollBack', why: 'an alarm' });
  });
});

it('Provision waits until nothing of the last rollout can act any more', async () => {
  const { world, ports } = await createWorld(held({ wanted: { ...held().wanted, since: start + minute - 30_000 } }));
  const answer = await provision(ports)(rollout({ step: 0 }));
  expect(answer).toMatchObject({ next: 'wait', seconds: 90 });
  world.now += 90_000;
  expect((await provision(ports)(answer.rollout)).next).toBe('CheckReady');
});
