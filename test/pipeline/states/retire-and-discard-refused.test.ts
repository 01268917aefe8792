/** Retire and Discard: where the row's guards refuse them, and how their events are known. */
import { describe, expect, it } from 'vitest';
import { StaleToken } from '../../../core/basics/errors.ts';
import { discard } from '../../../pipeline/states/discard.ts';
import { retire } from '../../../pipeline/states/retire.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { rollout } from '../build.ts';
import { abort, discarding, opened, over, retiring } from '../removing.ts';

type Story = Awaited<ReturnType<typeof opened>>;

/** What each event is known by after its attempt, and by whom it is told. */
const known = async ({ ports }: Story): Promise<string[]> =>
  (await ports.ledger.history('checkout')).map(({ id, by }) => `${by}: ${id.slice(id.indexOf('/') + 1)}`).toSorted();

describe('Retire', () => {
  it.each([
    ['rollingBack', { abort }, 'RollBack', 'bad'],
    ['shifting', {}, 'RollBack', expect.stringContaining('shifting')],
    ['settling', {}, 'Judge', 'the new slot has too few healthy targets for all traffic'],
  ] as const)('that may not commit while %s goes where that is decided', async (phase, change, next, why) => {
    const { world, ports, row } = await opened({ phase, wanted: over, ...change });
    if (phase === 'settling') world.healthy.green = 3;
    expect(await retire(ports)(rollout())).toMatchObject({ next, why });
    expect([(await row()).phase, world.removed]).toEqual([phase, []]);
  });

  it('tells its commit, what lacks and the end in its own name', async () => {
    const story = await opened({ phase: 'settling', wanted: over });
    await retire(story.ports)(rollout());
    expect((await story.kinds()).toSorted()).toEqual([
      'committed: bbbbbbbbbbbb carries all traffic; removing the old fleet, so rollback now needs a new rollout',
      'removed: blue is empty',
    ]);
    expect(await known(story)).toEqual(['Retire: Retire/committed', 'Retire: Retire/removed']);
    const lacking = await retiring();
    lacking.world.healthy.green = 2;
    lacking.ports.fleet.ensure = async () => ({ launched: 2, short: null });
    const why = '2 of 4 new instances are healthy: the old fleet stays until they are';
    expect(await retire(lacking.ports)(rollout())).toMatchObject({ next: 'wait', why });
    expect(await known(lacking)).toEqual(['Retire: Retire/problem/short']);
  });
});

describe('Discard', () => {
  it('of a rollout that has committed says so', async () => {
    const { ports } = await retiring();
    const stale = new StaleToken('bbbbbbbbbbbb is committed, not rolling back');
    await expect(discard(ports)(rollout())).rejects.toThrow(stale);
  });

  it('goes on with the way back, and condemns nothing, while that waits for the old fleet', async () => {
    const capped = plan({}, service({ maxExtra: 2, growth: 'withWeight' }));
    const wanted = { weights: { blue: 50, green: 50 }, seq: 6, since: start };
    const { world, ports, row } = await discarding({ plan: capped, wanted, abort: { ...abort, waits: true } });
    const answer = await discard(ports)(rollout());
    expect(answer).toMatchObject({ next: 'wait', why: '100 % of the traffic on blue again' });
    expect([(await row()).condemned, world.removed]).toEqual([null, []]);
  });

  it('removes the new fleet where neither answers', async () => {
    const { world, ports, row } = await discarding();
    world.healthy = { blue: 0, green: 0 };
    ports.fleet.ensure = async () => ({ launched: 0, short: null });
    await discard(ports)(rollout());
    expect((await row()).condemned).toBe('green');
  });

  it('removes a new fleet that never had traffic, though it alone answers', async () => {
    const { world, ports, row } = await discarding({ step: 0 });
    world.healthy = { blue: 0, green: 2 };
    expect((await discard(ports)(rollout({ passed: 1000 }))).next).toBe('ReportFailure');
    expect((await row()).wanted.weights).toEqual({ blue: 100, green: 0 });
    expect(world.removed).toEqual(['green']);
  });

  it.each([
    [2 * minute - 1, 1],
    [minute, 15],
  ])('%i ms after the weights keeps no evidence and condemns nothing for %i s', async (after, seconds) => {
    const story = await discarding();
    story.world.now = start + after;
    expect(await discard(story.ports)(rollout())).toMatchObject({ next: 'wait', seconds, why: 'bad' });
    expect([(await story.row()).condemned, await known(story)]).toEqual([null, []]);
  });

  it('waits without a word where the weights are decided anew while it looks', async () => {
    const story = await discarding();
    const { ports, world, row } = story;
    ports.fleet.evidence = async () => {
      await ports.ledger.decide('checkout', (current) => ({
        ok: true,
        changed: true,
        records: [],
        row: { ...current, wanted: { ...current.wanted, since: world.now } },
      }));
      return [];
    };
    expect((await discard(ports)(rollout())).next).toBe('wait');
    expect([(await row()).condemned, await known(story)]).toEqual([null, []]);
  });

  it('tells evidence of each instance, the end and a dark fleet in its own name', async () => {
    const story = await discarding();
    await discard(story.ports)(rollout());
    expect(await known(story)).toEqual(['Discard: Discard/evidence/i-1', 'Discard: Discard/removed']);
    const events = await story.ports.ledger.history('checkout');
    expect(events.find(({ kind }) => kind === 'evidence')?.data).toEqual({ instance: 'i-1' });
    const dark = await discarding();
    dark.world.healthy = { blue: 0, green: 2 };
    dark.ports.fleet.ensure = async () => ({ launched: 0, short: null });
    dark.ports.fleet.evidence = async () => [];
    await discard(dark.ports)(rollout());
    expect(await known(dark)).toEqual(['Discard: Discard/problem/dark']);
  });
});
