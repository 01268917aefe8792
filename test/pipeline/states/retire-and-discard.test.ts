/** Retire and Discard: what keeps a fleet from being removed, how long each look waits, and what is told. */

import { describe, expect, it } from 'vitest';
import { Rejected, StaleToken } from '../../../core/basics/errors.ts';
import { protocol } from '../../../core/protocol/protocol.ts';
import { discard } from '../../../pipeline/states/discard.ts';
import { retire } from '../../../pipeline/states/retire.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';
import { discarding, opened, over, retiring } from '../removing.ts';

describe('Retire', () => {
  it('removes the old fleet, says so, and goes on to Complete', async () => {
    const { world, ports, kinds } = await retiring();
    expect(await retire(ports)(rollout())).toMatchObject({ next: 'Complete', why: '' });
    expect(world.removed).toEqual(['blue']);
    expect(await kinds()).toEqual(['removed: blue is empty']);
  });

  it('commits at its first look alone, and says that there is no way back', async () => {
    const { ports, kinds, row } = await opened({ phase: 'settling', wanted: over });
    await retire(ports)(rollout());
    expect((await row()).phase).toBe('committed');
    expect((await kinds()).filter((kind) => kind.startsWith('committed'))).toHaveLength(1);
    await retire(ports)(rollout());
    expect((await kinds()).filter((kind) => kind.startsWith('committed'))).toHaveLength(1);
  });

  it.each([
    [4, 'Complete', []],
    [3, 'Complete', [4]],
    [2, 'wait', [4]],
    [0, 'wait', [4]],
  ])('with %i of four new instances healthy answers %s, and asks for those that lack', async (healthy, next, asked) => {
    const { world, ports, kinds } = await retiring();
    world.healthy.green = healthy;
    const counts: number[] = [];
    ports.fleet.ensure = async (release, slot, count) => {
      expect([release.release, slot]).toEqual(['bbbbbbbbbbbb', 'green']);
      counts.push(count);
      return { launched: 0, short: 'no capacity' };
    };
    const answer = await retire(ports)(rollout());
    expect([answer.next, counts]).toEqual([next, asked]);
    expect(world.removed).toEqual(next === 'Complete' ? ['blue'] : []);
    if (next === 'Complete') return;
    const why = `${healthy} of 4 new instances are healthy: the old fleet stays until they are; no capacity`;
    expect(answer).toMatchObject({ why, seconds: 15 });
    expect(await kinds()).toEqual([`problem: ${why}`]);
  });

  it('waits for an edit that is recorded while it looks', async () => {
    const { world, ports } = await retiring();
    const { health } = ports.traffic;
    ports.traffic.health = async (...given) => {
      await ports.ledger.decide('checkout', (row) => protocol.edit(row, { now: world.now }));
      return health(...given);
    };
    expect((await retire(ports)(rollout())).next).toBe('wait');
    expect(world.removed).toEqual([]);
  });

  it('waits for a decision to be in force everywhere, to the millisecond', async () => {
    const { world, ports } = await retiring();
    world.now = start + 2 * minute - 1;
    expect(await retire(ports)(rollout())).toMatchObject({ next: 'wait', seconds: 1 });
    world.now = start + minute;
    expect(await retire(ports)(rollout())).toMatchObject({ next: 'wait', seconds: 15 });
    expect(world.removed).toEqual([]);
    world.now = start + 2 * minute;
    expect((await retire(ports)(rollout())).next).toBe('Complete');
  });

  it('names the stranger’s rule that gives the slot a weight, and waits', async () => {
    const { world, ports, kinds } = await retiring();
    const [own = ''] = plan().configuration.rules;
    ports.traffic.rulesNaming = async () => [
      { rule: own, weights: { blue: 0, green: 100 } },
      { rule: 'stray', weights: { blue: 30, green: 70 } },
    ];
    expect(await retire(ports)(rollout())).toMatchObject({
      next: 'wait',
      seconds: 15,
      why: '1 rules still give blue a weight',
    });
    expect(await kinds()).toEqual([expect.stringMatching(/^problem: stray is not among .* gives blue 30 %/)]);
    expect(world.removed).toEqual([]);
  });

  it('corrects a rule of its own that gives the slot a weight, without naming anybody', async () => {
    const { world, ports, kinds } = await retiring();
    const [own = ''] = plan().configuration.rules;
    world.rules.https = { blue: 1, green: 99 };
    ports.traffic.rulesNaming = async () => [{ rule: own, weights: { blue: 1, green: 99 } }];
    expect((await retire(ports)(rollout())).next).toBe('wait');
    expect(world.rules.https).toEqual({ blue: 0, green: 100 });
    expect([world.removed, await kinds()]).toEqual([[], []]);
  });

  it.each([
    [3, 2, 45],
    [3, 0, 15],
  ])('with %i instances left, %i of them draining, looks again after %i s', async (left, draining, seconds) => {
    const { ports } = await retiring();
    ports.fleet.remove = async () => ({ left, draining });
    const why = `${left} instances left in blue, ${draining} of them draining`;
    expect(await retire(ports)(rollout())).toMatchObject({ next: 'wait', seconds, why });
  });
});

describe('Discard', () => {
  it('keeps what the failed fleet said, condemns its slot, and removes it', async () => {
    const { world, ports, kinds, row } = await discarding();
    const answer = await discard(ports)(rollout());
    expect(answer).toMatchObject({ next: 'ReportFailure', why: 'bad' });
    expect([world.removed, (await row()).condemned]).toEqual([['green'], 'green']);
    expect((await kinds()).toSorted()).toEqual(['evidence: it printed this', 'removed: green is empty']);
  });

  it('asks nothing anew once a slot is condemned', async () => {
    const { world, ports, kinds } = await discarding({ condemned: 'green' });
    world.healthy = { blue: 0, green: 4 };
    await discard(ports)(rollout());
    expect(world.removed).toEqual(['green']);
    expect(await kinds()).toEqual(['removed: green is empty']);
  });

  it('keeps no evidence of the old fleet where traffic stays with the new one', async () => {
    const { world, ports, kinds } = await discarding({ wanted: over });
    world.rules = { https: over.weights, http: over.weights };
    world.healthy = { blue: 0, green: 4 };
    await discard(ports)(rollout());
    expect(world.removed).toEqual(['blue']);
    expect(await kinds()).toEqual(['removed: blue is empty']);
  });

  describe('of a fleet that has all the traffic and answers nothing', () => {
    const dark = async (passed: number, healthy = { blue: 0, green: 2 }) => {
      const story = await discarding();
      story.world.healthy = healthy;
      story.ports.fleet.ensure = async () => ({ launched: 0, short: null });
      const answer = await discard(story.ports)(rollout({ passed }));
      const { wanted, condemned } = await story.row();
      return { ...story, answer, weights: wanted.weights, condemned };
    };
    // 600 s at 15 s a look.
    const looks = 40;

    it('counts the looks in a row', async () => {
      expect((await dark(3)).answer).toMatchObject({ next: 'wait', rollout: { progress: { passed: 4 } } });
    });

    it('condemns nothing as long as the other one alone answers, and says so', async () => {
      const { kinds, condemned } = await dark(0);
      expect(condemned).toBeNull();
      expect(await kinds()).toContainEqual(expect.stringMatching(/^problem: blue has all the traffic and no healthy/));
    });

    it.each([
      [looks - 2, { blue: 100, green: 0 }],
      [looks - 1, { blue: 0, green: 100 }],
    ])('after %i looks and this one the weights are %o', async (passed, weights) => {
      expect((await dark(passed)).weights).toEqual(weights);
    });
  });

  it('condemns nothing while AWS refuses a rule its weights', async () => {
    const { ports, row, world } = await discarding();
    ports.traffic.setWeights = () => Promise.reject(new Rejected({ problem: 'no such rule', remedy: 'make one' }));
    const answer = await discard(ports)(rollout({ passed: 3 }));
    expect(answer).toMatchObject({ next: 'wait', why: expect.stringContaining('no such rule') });
    expect(answer.rollout.progress.passed).toBe(0);
    expect((await row()).condemned).toBeNull();
    expect(world.removed).toEqual([]);
  });

  it('says what it waits for by the cause of the rollback', async () => {
    const { ports } = await discarding({ condemned: 'green' });
    ports.fleet.remove = async () => ({ left: 1, draining: 0 });
    expect(await discard(ports)(rollout())).toMatchObject({ next: 'wait', why: 'bad' });
  });
});

it('a slot is looked at again after a quarter of the period, within 1 and 15 s', async () => {
  for (const [period, seconds] of [
    ['2 seconds', 1],
    ['20 seconds', 5],
    ['5 minutes', 15],
  ] as const) {
    const configuration = service({ timing: { period, settling: '2 minutes' } });
    const { ports } = await retiring({ plan: plan({}, configuration) });
    ports.fleet.remove = async () => ({ left: 1, draining: 0 });
    expect((await retire(ports)(rollout())).seconds, period).toBe(seconds);
  }
});

const settled = { weights: { blue: 0, green: 100 }, seq: 6, since: start };

it('Retire commits first, and removes the old fleet only once no rule gives it weight', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'settling', step: 4, wanted: settled }));
  world.rules = { https: { blue: 0, green: 100 }, http: { blue: 40, green: 60 } };
  expect((await retire(ports)(rollout())).next).toBe('wait');
  expect((await row()).phase).toBe('committed');
  expect(world.removed).toEqual([]);
  world.now = start + 3 * minute;
  expect((await retire(ports)(rollout())).next).toBe('wait');
  expect(world.removed).toEqual([]);
  expect(world.rules.http).toEqual({ blue: 0, green: 100 });
  // A weight that was corrected has to arrive everywhere.
  world.now += 2 * minute - 1;
  expect((await retire(ports)(rollout())).next).toBe('wait');
  world.now += 1;
  expect((await retire(ports)(rollout())).next).toBe('Complete');
  expect(world.removed).toEqual(['blue']);
});

it('Retire does not commit a fleet that has lost an instance', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'settling', step: 4, wanted: settled }));
  world.healthy.green = 3;
  expect((await retire(ports)(rollout())).next).toBe('Judge');
  expect((await row()).phase).toBe('settling');
});

it('Discard condemns a slot before it removes it, and turns while it still can', async () => {
  const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start };
  const wanted = { weights: { blue: 100, green: 0 }, seq: 6, since: start };
  const { world, ports, row } = await createWorld(held({ phase: 'rollingBack', step: 4, abort, wanted }));
  world.healthy = { blue: 0, green: 4 };
  await discard(ports)(rollout());
  expect((await row()).wanted.weights).toEqual({ blue: 0, green: 100 });
  expect(world.removed).toEqual([]);
  world.now += 3 * minute;
  await discard(ports)(rollout());
  expect((await row()).condemned).toBe('blue');
  expect(world.removed).toEqual(['blue']);
});

it('Discard of a rollout that a late Retire has committed after all is stale', async () => {
  const { world, ports } = await createWorld(held({ phase: 'committed', step: 4, wanted: settled }));
  await expect(discard(ports)(rollout())).rejects.toBeInstanceOf(StaleToken);
  expect(world.removed).toEqual([]);
});
