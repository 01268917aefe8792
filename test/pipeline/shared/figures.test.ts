/** The figures that Judge compares: of this rollout, and of the old version before it. */
import { expect, it } from 'vitest';
import { lookAtSeries } from '../../../pipeline/shared/figures.ts';
import { minute, plan, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const at = (time: number) => ({ at: time, requests: 10, errors: 0, connectionErrors: 0 });

it('figures of both versions begin with the rollout, the old version’s older ones are apart', async () => {
  const { world, ports } = await createWorld(held());
  const times = [start - minute, start - 1, start, start + minute];
  world.series = { blue: times.map(at), green: times.map(at) };
  const { series, before, unreadable } = await lookAtSeries(ports, plan(), 1, start + 2 * minute);
  expect(series).toEqual({ blue: times.slice(2).map(at), green: times.slice(2).map(at) });
  expect(before).toEqual(times.slice(0, 2).map(at));
  expect(unreadable).toBeNull();
});
