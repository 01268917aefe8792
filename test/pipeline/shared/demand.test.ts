/** How many instances a service needs today. */
import { describe, expect, it } from 'vitest';
import { Rejected, Transient } from '../../../core/basics/errors.ts';
import type { TargetHealth } from '../../../pipeline/ports/traffic.ts';
import { demandBack, demandOf } from '../../../pipeline/shared/demand.ts';
import type { Targets } from '../../../pipeline/shared/targets.ts';
import { plan, service } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';
import { many } from '../targets.ts';

describe('the demand of a service', () => {
  const targets = (blue: TargetHealth[], green: TargetHealth[] = []): Targets => ({ blue, green });
  const ask = async (by: Partial<ReturnType<typeof plan>>, blue: TargetHealth[], configuration = service()) => {
    const { ports } = await createWorld(held(), configuration);
    return demandOf(ports, plan(by, configuration), targets(blue), 0);
  };
  const old = plan().old;

  it('is the configured count, and not less after a loss', async () => {
    expect(await ask({}, many(4))).toBe(4);
    expect(await ask({}, many(2))).toBe(4);
  });

  it('is what the old fleet has grown to, without the targets that drain', async () => {
    expect(await ask({}, many(7))).toBe(7);
    expect(await ask({}, [...many(4), ...many(3, 'draining')])).toBe(4);
    expect(await ask({}, [...many(4), ...many(3, 'unused')])).toBe(4);
  });

  it('without an old fleet is the count, whatever stands in its slot', async () => {
    expect(await ask({ old: { ...old, kind: 'none', count: 0 } }, many(9))).toBe(4);
  });

  it('beside a foreign fleet is the larger of the count and of what serves there', async () => {
    const foreign = { ...old, kind: 'foreign' as const, count: 6 };
    expect(await ask({ old: foreign }, many(6))).toBe(6);
    expect(await ask({ old: foreign }, many(2))).toBe(4);
  });

  it('is the admitted one where the configuration is unreadable for good', async () => {
    const { ports } = await createWorld(held());
    ports.ledger.configuration = () => Promise.reject(new Rejected('damaged'));
    expect(await demandOf(ports, plan(), targets(many(4)), 0)).toBe(4);
    ports.ledger.configuration = () => Promise.reject(new Transient('throttled'));
    await expect(demandOf(ports, plan(), targets(many(4)), 0)).rejects.toBeInstanceOf(Transient);
  });
});

describe('the demand of Auto Scaling groups', () => {
  const groups = service({ fleet: { kind: 'groups', blue: 'a', green: 'b', count: 4 } });
  const old = plan({}, groups).old;
  const ask = async (
    by: Partial<ReturnType<typeof plan>>,
    numbers: { blue: number; green: number },
    step: number,
    standing: Targets = { blue: many(4), green: [] },
  ) => {
    const { ports } = await createWorld(held(), groups);
    const { observe } = ports.fleet;
    ports.fleet.observe = async (one, slot) => ({ ...(await observe(one, slot)), number: numbers[slot] });
    const asked = plan({ steps: [50, 100].map((weight) => ({ weight, bake: 300 })), ...by }, groups);
    return [await demandOf(ports, asked, standing, step), await demandBack(ports, asked, standing, step)];
  };

  it('is what the old group has grown to, and once all traffic is on it, what the new one has', async () => {
    expect(await ask({}, { blue: 4, green: 9 }, 0)).toEqual([4, 4]);
    expect(await ask({}, { blue: 6, green: 9 }, 1)).toEqual([6, 6]);
    expect(await ask({}, { blue: 6, green: 9 }, 2)).toEqual([9, 9]);
  });

  it('reads the new group only once all traffic is on it', async () => {
    for (const [step, read] of [
      [1, ['blue']],
      [2, ['blue', 'green']],
    ] as const) {
      const { ports } = await createWorld(held(), groups);
      const { observe } = ports.fleet;
      const slots: string[] = [];
      ports.fleet.observe = (one, slot) => {
        slots.push(slot);
        return observe(one, slot);
      };
      const steps = [50, 100].map((weight) => ({ weight, bake: 300 }));
      await demandOf(ports, plan({ steps }, groups), { blue: many(4), green: [] }, step);
      expect(slots).toEqual(read);
    }
  });

  it('without an old group is the count', async () => {
    const none = { ...old, kind: 'none' as const, count: 0 };
    expect(await ask({ old: none }, { blue: 9, green: 9 }, 2)).toEqual([4, 4]);
  });

  it('beside a foreign group is no less than the count, or than what stood there', async () => {
    const foreign = (count: number) => ({ ...old, kind: 'foreign' as const, count });
    const standing = { blue: many(2), green: [] };
    expect(await ask({ old: foreign(2) }, { blue: 9, green: 0 }, 0, standing)).toEqual([4, 4]);
    expect(await ask({ old: foreign(6) }, { blue: 9, green: 0 }, 0, standing)).toEqual([6, 6]);
  });
});

it('the way back of numbered instances is measured by what stood there at admission', async () => {
  const { ports } = await createWorld(held());
  const old = { ...plan().old, count: 3 };
  const blue = many(5);
  expect(await demandBack(ports, plan({ old }), { blue, green: [] }, 1)).toBe(3);
  expect(await demandBack(ports, plan({ old: { ...old, kind: 'foreign' } }), { blue, green: [] }, 1)).toBe(5);
  expect(await demandBack(ports, plan({ old: { ...old, kind: 'none' } }), { blue, green: [] }, 1)).toBe(4);
});
