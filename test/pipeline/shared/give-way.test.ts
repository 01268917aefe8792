/** Which rollouts give way to a newer release that waits. */
import { expect, it } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import { yieldToNewer } from '../../../pipeline/shared/give-way.ts';
import { publication } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const next = publication('c');
const { release } = publication('b');

const yielded = async (change: Partial<Row>) => {
  const { ports, row, world } = await createWorld(held({ next, ...change }));
  const answer = await yieldToNewer(ports, await row(), 'Provision');
  const told = (await ports.ledger.history('checkout')).map(({ kind, text, by }) => [kind, text, by]);
  return { answer, told, row: await row(), now: world.now };
};

it('one without traffic gives way to the newer one, on record', async () => {
  const { answer, told, row, now } = await yielded({});
  expect(row).toMatchObject({
    phase: 'rollingBack',
    steppedAside: true,
    next,
    abort: { kind: 'superseded', by: next.release, at: now },
  });
  expect(answer).toEqual(row);
  expect(told).toEqual([['aborted', `yields to ${next.release}`, 'Provision']]);
});

it.each<[string, Partial<Row>]>([
  ['nobody waits', { next: null }],
  ['it has traffic', { phase: 'shifting', step: 1 }],
  ['one has given way since the last success', { steppedAside: true }],
  ['nobody holds the service', { lock: { state: 'free' }, phase: 'free', plan: null }],
  [
    'a person asked for it and not for the newer one',
    {
      lock: { state: 'held', publication: publication('b', { asked: true }), execution: `checkout-${release}-1` },
    },
  ],
])('none gives way where %s', async (_, change) => {
  const { answer, told, row } = await yielded(change);
  expect([answer, told, row.abort]).toEqual([null, [], null]);
});
