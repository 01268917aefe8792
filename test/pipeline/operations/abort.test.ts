/** An abort: weights first, then whoever sleeps is woken. */
import { expect, it } from 'vitest';
import { abortRollout } from '../../../pipeline/operations/abort.ts';
import { plan, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

it('an abort moves the weights back before it wakes anybody', async () => {
  const { world, ports } = await createWorld(
    held({
      phase: 'shifting',
      step: 2,
      parked: ['t'],
      wanted: { weights: { blue: 75, green: 25 }, seq: 4, since: start },
    }),
  );
  world.rules = { https: { blue: 75, green: 25 }, http: { blue: 75, green: 25 } };
  let atWake = {};
  const { wake } = ports.executions;
  ports.executions.wake = async (token) => {
    atWake = { ...world.rules };
    await wake(token);
  };
  expect(await abortRollout(ports, plan(), { why: 'by hand', by: 'ada' })).toBeNull();
  expect(atWake).toEqual({ https: { blue: 100, green: 0 }, http: { blue: 100, green: 0 } });
});
