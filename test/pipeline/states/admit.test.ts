/** Admit: who is let in. */
import { expect, it } from 'vitest';
import type { HistoryEvent } from '../../../core/release/history.ts';
import { admit } from '../../../pipeline/states/admit.ts';
import { publication, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const askedAt = new Date(start).toISOString();

it('Admit refuses a derived execution that comes too late, and admits the reserved one', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const { ports, row } = await createWorld(reserved);
  const input = { ...rollout(), token: 0, askedAt };
  const other = { ...input, release: publication('c').release, execution: `checkout-${publication('c').release}-1` };
  expect((await admit(ports)(other)).next).toBe('Ended');
  const admitted = await admit(ports)(input);
  expect(admitted.next).toBe('Provision');
  expect(await row()).toMatchObject({ phase: 'preparing', lock: { state: 'held', execution: input.execution } });
  // The answer was lost: asked again, it is the same.
  expect((await admit(ports)(input)).rollout.token).toBe(admitted.rollout.token);
});

it('Admit takes over from a dead execution, never from a running one', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'shifting', step: 1 }));
  const recovery = { ...rollout(), token: 7, execution: 'recover-checkout-7-1', askedAt };
  expect((await admit(ports)(recovery)).next).toBe('Ended');
  world.closed.push(rollout().execution);
  expect((await admit(ports)(recovery)).next).toBe('RollBack');
  expect(await row()).toMatchObject({ token: 8, phase: 'rollingBack', lock: { execution: 'recover-checkout-7-1' } });
});

it('Admit records the plan in the ledger and sends none to the bus', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const { ports, row } = await createWorld(reserved);
  const sent: HistoryEvent[] = [];
  ports.notify = async (event) => {
    sent.push(event);
  };
  await admit(ports)({ ...rollout(), token: 0, askedAt });
  const [kept] = await ports.ledger.history('checkout');
  const { plan, ...data } = kept?.data ?? {};
  expect(plan).toEqual((await row())?.plan);
  expect(sent).toMatchObject([{ kind: 'admitted' }]);
  expect(sent[0]?.data).toEqual(data);
});

it('Admit records no plan that could make the event larger than an item may be', async () => {
  const reserved = held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } });
  const prices = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${'long'.repeat(15)}-${index}`, 1]));
  const { ports, row } = await createWorld(reserved, { ...service(), prices });
  await admit(ports)({ ...rollout(), token: 0, askedAt });
  expect((await row())?.plan?.configuration.prices).toEqual(prices);
  const [kept] = await ports.ledger.history('checkout');
  expect([kept?.kind, kept?.data?.plan, kept?.data?.label]).toEqual(['admitted', undefined, 'release-b']);
});
