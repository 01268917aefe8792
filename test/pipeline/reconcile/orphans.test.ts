/** The orphan sweep: when it acts, that it takes one step a look, and that everything it does is recorded. */
import { describe, expect, it, test } from 'vitest';
import { allOn } from '../../../core/basics/slot.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { orphans } from '../../../pipeline/reconcile/orphans.ts';
import { live, minute, publication, row, service, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';
import { opened as openedPart } from './play-part.ts';

const now = start + 60 * minute;
const bounds = { min: 0, max: 4, desired: 0, suspended: [] };
const limits = { blue: bounds, green: bounds };

const own = (id: string, release: string, number: number) => ({
  id,
  slot: 'blue' as const,
  release: release.repeat(12),
  number,
  launchedAt: 0,
});
const fleet = [0, 1, 2, 3].map((index) => own(`i-blue-${index}`, 'a', index + 1));

/** `left` instances stand in green, which is idle. */
const opened = async (at: Row = row(), left = 2) => {
  const story = await openedPart(at);
  const { ports, world } = story;
  world.healthy = { blue: 4, green: left };
  const evicted: string[][] = [];
  ports.fleet.own = async () => fleet;
  ports.fleet.evict = async (_, ids) => void evicted.push([...ids]);
  return { ...story, evicted, look: () => story.look(orphans) };
};
const onGreen = { ...row().wanted, weights: allOn('green') };
const emptied = '2 instances run in green, which is idle: they are being removed';

describe('what stands in the idle slot', () => {
  it('is removed, and that is on record as a problem', async () => {
    const { world, look, events, row: read } = await opened();
    expect(await look()).toEqual([emptied]);
    expect(world.removed).toEqual(['green']);
    expect(await events()).toMatchObject([{ kind: 'problem', by: 'reconcile', text: emptied }]);
    expect((await read()).wanted.since).toBe(now);
  });

  it.each([
    ['green', row(), { blue: 99, green: 1 }],
    ['blue', row({ live: live('a', { slot: 'green' }), wanted: onGreen }), { blue: 1, green: 99 }],
  ])('stays where a rule gives it weight, which is recorded once: %s', async (slot, at, weights) => {
    const { world, look, texts } = await opened(at);
    world.healthy = { blue: 2, green: 2 };
    world.rules.http = weights;
    const [said] = await look();
    expect(said).toMatch(new RegExp(`^2 instances run in ${slot}, which is idle, but .* leads to it: they stay$`));
    world.now += minute;
    await look();
    expect([world.removed, await texts()]).toEqual([[], [said]]);
  });

  test.each<[string, Partial<Row>]>([
    ['weights have settled', { wanted: { ...row().wanted, since: now - 2 * minute } }],
    ['an edited rule has settled', { wanted: { ...row().wanted, edited: now - 2 * minute } }],
    ['bounds have settled', { limits, wanted: { ...row().wanted, since: now - 6 * minute } }],
  ])('is removed once %s', async (_, change) => {
    const { world, look } = await opened(row(change));
    expect(await look()).toEqual([emptied]);
    expect(world.removed).toEqual(['green']);
  });

  test.each<[string, Partial<Row>]>([
    ['a release waits', { next: publication('b') }],
    ['a start is reserved', { lock: { state: 'reserved', publication: publication('b') } }],
    ['a rollout holds the service', held()],
    ['weights were decided just now', { wanted: { ...row().wanted, since: now - 2 * minute + 1 } }],
    ['a rule was edited just now', { wanted: { ...row().wanted, edited: now - 2 * minute + 1 } }],
    ['bounds settle', { limits, wanted: { ...row().wanted, since: now - 6 * minute + 1 } }],
  ])('is neither removed nor mentioned while %s', async (_, change) => {
    const { world, look } = await opened(row(change));
    expect(await look()).toEqual([]);
    world.rules.http = { blue: 99, green: 1 };
    expect(await look()).toEqual([]);
    expect(world.removed).toEqual([]);
  });

  it('is left to a rollout that was admitted after the instances were looked at', async () => {
    const { ports, world, look, change, texts } = await opened();
    ports.fleet.own = async () => {
      await change({ ...held(), token: 1 });
      return fleet;
    };
    expect(await look()).toEqual([]);
    expect([world.removed, await texts()]).toEqual([[], []]);
  });

  it('is left where something is decided before the removal', async () => {
    const { ports, world, look, change, texts } = await opened();
    const { rulesNaming } = ports.traffic;
    ports.traffic.rulesNaming = async (configuration) => {
      await change({ wanted: { ...row().wanted, edited: now } });
      return rulesNaming(configuration);
    };
    expect(await look()).toEqual([]);
    expect([world.removed, await texts()]).toEqual([[], []]);
  });

  it('is nobody’s where the service has no row', async () => {
    const { ports, world } = await createWorld(null);
    expect(await orphans(ports, { row: row(), service: service() })).toEqual([]);
    expect(world.removed).toEqual([]);
  });
});

describe('of several steps', () => {
  const stranger = own('i-x', 'b', 1);

  it('each look takes one, and says nothing of those that it has not taken', async () => {
    const { ports, world, look, evicted } = await opened();
    ports.fleet.own = async () => [...fleet, stranger];
    expect(await look()).toEqual([emptied]);
    expect([world.removed, evicted]).toEqual([['green'], []]);
    expect(await look()).toEqual([]);
    world.now += 2 * minute;
    expect(await look()).toEqual(['i-x is an orphaned instance: being ended']);
    expect([world.removed, evicted]).toEqual([['green'], [['i-x']]]);
  });

  it('what stays is said beside what is done, and keeps nothing from being done', async () => {
    const { ports, world, look, evicted } = await opened();
    world.rules.http = { blue: 99, green: 1 };
    ports.fleet.own = async () => [...fleet, stranger];
    expect(await look()).toEqual([expect.stringMatching(/they stay$/), 'i-x is an orphaned instance: being ended']);
    expect([world.removed, evicted]).toEqual([[], [['i-x']]]);
  });
});

describe('no more is asked for than is needed', () => {
  const asked = () => Promise.reject(new Error('asked'));

  it('where nothing is left over, neither rules nor targets', async () => {
    const { ports, look } = await opened(row(), 0);
    ports.traffic.rulesNaming = asked;
    ports.traffic.health = asked;
    expect(await look()).toEqual([]);
  });

  it('to empty a slot, no targets', async () => {
    const { ports, look } = await opened();
    ports.traffic.health = asked;
    expect(await look()).toEqual([emptied]);
  });
});
