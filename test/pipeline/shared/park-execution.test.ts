/** A park: no signal is slept over. */
import { expect, it } from 'vitest';
import { abortRollout } from '../../../pipeline/operations/abort.ts';
import { awaitApproval } from '../../../pipeline/states/await-approval.ts';
import { bake } from '../../../pipeline/states/bake.ts';
import { plan, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

it('a park after an abort wakes itself, and one before it is woken by it', async () => {
  const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
  const late = await createWorld(held({ phase: 'rollingBack', abort }));
  await awaitApproval(late.ports)({ rollout: rollout(), taskToken: 'late' });
  expect(late.world.woken).toEqual(['late']);

  const early = await createWorld(held({ phase: 'shifting', step: 1 }));
  await bake(early.ports)({ rollout: rollout(), taskToken: 'early' });
  expect(early.world.woken).toEqual([]);
  await abortRollout(early.ports, plan(), { why: 'by hand', by: 'ada' });
  expect(early.world.woken).toEqual(['early']);
});
