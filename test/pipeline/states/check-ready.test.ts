/** CheckReady: the fleets that it looks at, and makes whole. */
import { expect, it } from 'vitest';
import { checkReady } from '../../../pipeline/states/check-ready.ts';
import { plan } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

it('CheckReady does not take an old fleet that was repaired since admission for more demand', async () => {
  const { old, steps } = plan();
  const { world, ports } = await createWorld(held({ plan: plan({ old: { ...old, count: 3 } }) }));
  world.healthy.green = 0;
  await checkReady(ports)(rollout({ step: steps.length }));
  expect(world.healthy).toEqual({ blue: 4, green: 4 });
});
