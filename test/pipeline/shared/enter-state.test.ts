/** How states come in: not under another token, and not past an abort. */
import { expect, it } from 'vitest';
import { StaleToken } from '../../../core/basics/errors.ts';
import { judge } from '../../../pipeline/states/judge.ts';
import { provision } from '../../../pipeline/states/provision.ts';
import { shift } from '../../../pipeline/states/shift.ts';
import { smoke } from '../../../pipeline/states/smoke.ts';
import { start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

it('every step under another token is stale', async () => {
  const { ports } = await createWorld(held({ token: 8 }));
  for (const step of [provision(ports), shift(ports), judge(ports), smoke(ports)])
    await expect(step(rollout())).rejects.toBeInstanceOf(StaleToken);
});

it('Shift and Judge follow an abort that came meanwhile', async () => {
  const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };
  const { ports } = await createWorld(held({ phase: 'rollingBack', step: 1, abort }));
  for (const step of [shift(ports), judge(ports), provision(ports)])
    expect(await step(rollout())).toMatchObject({ next: 'RollBack', why: 'an alarm' });
});
