/** Admit: who is let in. */
import { expect, it } from 'vitest';
import { admit } from '../../../pipeline/states/admit.ts';
import { publication, start } from '../../core/build.ts';
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
