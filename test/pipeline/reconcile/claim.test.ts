/** The right to take something away at rest: one at a time, and not where anything has been decided meanwhile. */
import { expect, test } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import { claim } from '../../../pipeline/reconcile/claim.ts';
import { live, row as resting, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const service = held().plan?.configuration;

test('is given once: whoever has read the same row and comes second has to look again', async () => {
  const { ports, world, row } = await createWorld(resting(), service);
  const seen = await row();
  expect(await Promise.all([claim(ports, seen), claim(ports, seen)])).toEqual([true, false]);
  expect((await row()).wanted.since).toBe(world.now);
  world.now += 1;
  expect(await claim(ports, await row())).toBe(true);
});

test.each<[string, Partial<Row>]>([
  ['the service is held', { ...held(), token: resting().token }],
  ['it was held meanwhile', { token: resting().token + 1 }],
  ['another fleet was adopted', { live: live('c', { slot: 'green' }) }],
  ['another release is live', { live: live('c') }],
  ['it was given back', { live: null }],
  ['a rule was given its weights anew', { wanted: { ...resting().wanted, edited: start + 1 } }],
  ['something else was decided', { wanted: { ...resting().wanted, since: start + 1 } }],
])('is not given where %s', async (_, change) => {
  const { ports, row } = await createWorld({ ...resting(), ...change }, service);
  const before = await row();
  expect(await claim(ports, resting())).toBe(false);
  expect(await row()).toEqual(before);
});
