/** Whether a service is still at rest, and what is put right only while it is: scaling bounds and old launch template versions. */
import { describe, expect, it, test } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import type { FleetRelease } from '../../../pipeline/ports/fleet.ts';
import { oldVersions } from '../../../pipeline/reconcile/old-versions.ts';
import { scalingBounds } from '../../../pipeline/reconcile/scaling-bounds.ts';
import { stillAtRest } from '../../../pipeline/reconcile/still-at-rest.ts';
import { releaseOfLive } from '../../../pipeline/shared/fleet-release.ts';
import { live, minute, publication, row as resting, service, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';
import { opened } from './play-part.ts';

const meanwhile: [string, Partial<Row>][] = [
  ['a rollout holds it', { ...held(), token: 0 }],
  ['a rollout is about to start', { lock: { state: 'reserved', publication: publication('b') } }],
  ['a rollout has come and gone', { token: 1 }],
  ['another release is live', { live: live('c') }],
  ['another fleet of the release was adopted', { live: live('a', { slot: 'green' }) }],
  ['it was given back', { live: null }],
];

describe('a service is at rest still', () => {
  it('where nothing of that has changed: the row is answered as it is now', async () => {
    const { ports, row } = await createWorld(resting({ next: publication('b') }), service());
    expect(await stillAtRest(ports, resting())).toEqual(await row());
  });

  test.each(meanwhile)('unless %s', async (_, change) => {
    const { ports } = await createWorld(resting(change), service());
    expect(await stillAtRest(ports, resting())).toBeNull();
  });

  it('unless its row has gone', async () => {
    const { ports } = await createWorld(null);
    expect(await stillAtRest(ports, resting())).toBeNull();
  });
});

const bounds = (min: number) => ({ min, max: 10, desired: min, suspended: [] });
const limits = { blue: bounds(2), green: bounds(0) };
const settling = resting({ limits });

/** What each part did, in the order in which it did it. */
const watched = async (at: Row) => {
  const story = await opened(at);
  const restored: unknown[] = [];
  const tidied: FleetRelease[] = [];
  story.ports.fleet.restore = async (_, to) => void restored.push(to);
  story.ports.fleet.tidy = async (release) => tidied.push(release);
  const look = async (seen: Row) => [
    ...(await story.look(scalingBounds, { row: seen })),
    ...(await story.look(oldVersions, { row: seen })),
  ];
  return { ...story, look, restored, tidied };
};

describe('scaling bounds are restored and old versions deleted', () => {
  test.each([
    ['once nothing late can act any more', 2 * minute, 1],
    ['for four minutes', 6 * minute - 1, 1],
    ['not while something late can act', 2 * minute - 1, 0],
    ['not after these four minutes', 6 * minute, 0],
  ])('%s', async (_, after, times) => {
    const { world, look, restored, tidied } = await watched(settling);
    world.now = start + after;
    expect(await look(settling)).toEqual([]);
    expect(restored).toEqual(Array(times).fill(limits));
    expect(tidied).toEqual(Array(times).fill(releaseOfLive(live('a'), service())));
  });

  test.each(meanwhile.slice(0, 5))('not where, meanwhile, %s', async (_, change) => {
    const { world, look, restored, tidied } = await watched({ ...settling, ...change });
    world.now = start + 3 * minute;
    await look(settling);
    expect([restored, tidied]).toEqual([[], []]);
  });

  test.each([
    ['bounds that it has no more are not set', resting(), settling, []],
    ['bounds that it has by now are set', settling, resting(), [limits]],
    [
      'other bounds are set as they are now',
      settling,
      resting({ limits: { blue: bounds(1), green: bounds(1) } }),
      [limits],
    ],
  ])('by the row as it is now: %s', async (_, at, seen, expected) => {
    const { world, look, restored, tidied } = await watched(at);
    world.now = start + 3 * minute;
    await look(seen);
    expect(restored).toEqual(expected);
    expect(tidied).toHaveLength(expected.length);
  });

  it('bounds also where nothing is live, of which no version is left to delete', async () => {
    const nothing = { ...settling, live: null };
    const { world, look, restored, tidied } = await watched(nothing);
    world.now = start + 3 * minute;
    await look(nothing);
    expect([restored, tidied]).toEqual([[limits], []]);
  });
});
