/** Instances that the live fleet has lost: launched again, and said if they are not to be had. */
import { expect, it, test } from 'vitest';
import { Disbelieved } from '../../../core/basics/errors.ts';
import type { Row } from '../../../core/protocol/row.ts';
import type { FleetRelease } from '../../../pipeline/ports/fleet.ts';
import { lostInstances } from '../../../pipeline/reconcile/lost-instances.ts';
import { releaseOfLive } from '../../../pipeline/shared/fleet-release.ts';
import { live, publication, row, service } from '../../core/build.ts';
import { opened as openedPart } from './play-part.ts';

const opened = async (short: string | null = null, launched = 0, at: Row = row()) => {
  const story = await openedPart(at);
  const asked: [FleetRelease, string, number][] = [];
  story.ports.fleet.ensure = async (release, slot, count) => {
    asked.push([release, slot, count]);
    return { launched, short };
  };
  return { ...story, asked, look: (seen = {}) => story.look(lostInstances, seen) };
};

it('the live fleet is asked for in its slot, at its count; what was launched is said', async () => {
  const { look, asked, texts } = await opened(null, 2, row({ live: live('a', { slot: 'green' }) }));
  expect(await look()).toEqual(['2 instances of the live fleet replaced']);
  expect(asked).toEqual([[releaseOfLive(live('a', { slot: 'green' }), service()), 'green', 4]]);
  expect(await texts()).toEqual([]);
});

it('the live fleet is asked for by the row as it is now', async () => {
  const { look, asked } = await opened(null, 0, row({ live: live('a', { attempt: 3 }) }));
  await look({ row: row() });
  expect(asked.map(([{ attempt }]) => attempt)).toEqual([3]);
});

it('a group is asked for no number: it keeps its own', async () => {
  const { look, asked } = await opened();
  const fleet = { kind: 'groups' as const, blue: 'g-blue', green: 'g-green', count: 4 };
  expect(await look({ service: { ...service(), fleet } })).toEqual([]);
  expect(asked.map(([, , count]) => count)).toEqual([0]);
});

it('what cannot be had is recorded once, told apart by its first 80 characters', async () => {
  const first = 'no capacity '.padEnd(80, '.');
  const { look, ports, texts } = await opened(`${first} 1`);
  await look();
  ports.fleet.ensure = async () => ({ launched: 1, short: `${first} 2` });
  expect(await look()).toEqual(['1 instances of the live fleet replaced', `${first} 2`]);
  expect(await texts()).toEqual([`${first} 1`]);
  ports.fleet.ensure = async () => ({ launched: 0, short: `other ${first}` });
  expect(await look()).toEqual([`other ${first}`]);
  expect(await texts()).toHaveLength(2);
});

it('a release that was not admitted is said at each look, and recorded by the launch alone', async () => {
  const { look, ports, events } = await opened();
  ports.fleet.ensure = () => Promise.reject(new Disbelieved('its image is another one'));
  const refused = expect.stringMatching(/^nothing is launched for a{12} in blue: its image is another one; /);
  expect([await look(), await look()]).toEqual([[refused], [refused]]);
  expect(await events()).toMatchObject([{ kind: 'problem', by: 'launch', text: refused }]);
});

test.each<[string, Partial<Row>]>([
  ['a start is reserved meanwhile', { lock: { state: 'reserved', publication: publication('b') } }],
  ['it was given back meanwhile', { live: null }],
])('nothing is launched where %s', async (_, change) => {
  const { look, asked } = await opened(null, 1, row(change));
  expect(await look({ row: row() })).toEqual([]);
  expect(asked).toEqual([]);
});

it('nothing is launched where nothing is live', async () => {
  const { look, asked } = await opened(null, 1, row({ live: null }));
  expect([await look(), asked]).toEqual([[], []]);
});
