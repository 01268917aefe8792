/** The figures that Judge compares: of this rollout, and of the old version before it. */
import { expect, it } from 'vitest';
import { thresholdsOf } from '../../../core/analysis/thresholds.ts';
import { Transient, Unreadable } from '../../../core/basics/errors.ts';
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

const fresh = { ...plan().new, slot: 'blue' } as const;
const old = { ...plan().old, slot: 'green' } as const;

it('what came before the rollout is the old version’s, whichever slot it stands in', async () => {
  const { world, ports } = await createWorld(held());
  world.series = { blue: [], green: [at(start - minute)] };
  const { before } = await lookAtSeries(ports, plan({ new: fresh, old }), 1, start + minute);
  expect(before).toEqual([at(start - minute)]);
});

it.each([
  ['green', {}],
  ['blue', { new: fresh, old }],
] as const)(
  'answers of the new version in %s are slow by its own thresholds, of the old one by its own',
  async (slot, by) => {
    const { ports } = await createWorld(held());
    const asked: unknown[] = [];
    ports.metrics.series = async (...given) => {
      asked.push(given[3]);
      return { blue: [], green: [] };
    };
    const timed = plan({ ...by, times: [0.2] });
    const last = timed.steps.length;
    for (const step of [1, last]) await lookAtSeries(ports, timed, step, start + minute);
    const [longer] = thresholdsOf(timed);
    expect(longer?.fresh).toBeGreaterThan(0.2);
    const other = slot === 'blue' ? 'green' : 'blue';
    expect(asked).toEqual([
      { [slot]: [longer?.fresh], [other]: [0.2] },
      { blue: [], green: [] },
    ]);
  },
);

it('a source that cannot be read holds nothing up, and any other failure is one', async () => {
  const { ports } = await createWorld(held());
  ports.metrics.series = () => Promise.reject(new Unreadable('it is down'));
  expect(await lookAtSeries(ports, plan(), 1, start)).toEqual({
    series: { blue: [], green: [] },
    before: [],
    unreadable: 'it is down',
  });
  ports.metrics.series = () => Promise.reject(new Transient('throttled'));
  await expect(lookAtSeries(ports, plan(), 1, start)).rejects.toBeInstanceOf(Transient);
});
