/** The start of what a service is reserved for. */
import { expect, it } from 'vitest';
import { startReserved } from '../../../pipeline/shared/start-reserved.ts';
import { publication } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

it('a reserved attempt whose execution closed before it got in becomes the next attempt', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const { world, ports, row } = await createWorld(reserved);
  world.closed.push(rollout().execution);
  const { release } = publication('b');
  expect(await startReserved(ports, 'checkout')).toBe(`checkout-${release}-2`);
  expect((await row()).lock).toMatchObject({ publication: { attempt: 2 } });
  expect((await ports.ledger.records('checkout', release)).map(({ outcome }) => outcome)).toEqual(['failed']);
});

it('one that runs already is the one that was asked for', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const { ports, row } = await createWorld(reserved);
  ports.executions.start = async () => 'running';
  expect(await startReserved(ports, 'checkout')).toBe(rollout().execution);
  expect((await row()).lock).toMatchObject({ state: 'reserved', publication: { attempt: 1 } });
});

it('one whose name a stranger has used is started under another, as the same attempt', async () => {
  const reserved = held({
    phase: 'free',
    plan: null,
    lock: { state: 'reserved', publication: publication('b') },
    nonce: 'a1'.repeat(36),
  });
  const { ports, row } = await createWorld(reserved);
  const name = rollout().execution;
  ports.executions.start = async (one) => (one === name ? 'foreign' : 'started');
  expect(await startReserved(ports, 'checkout')).toBe(`${name}-na1a1a1a1a1a1`);
  expect((await row()).lock).toMatchObject({ state: 'reserved', publication: { attempt: 1 } });
});
