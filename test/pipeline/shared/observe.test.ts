/** What counts as healthy, in service, running and ended; which demand follows, and which slot carries it. */
import { describe, expect, it } from 'vitest';
import { Rejected, Transient } from '../../../core/basics/errors.ts';
import type { InstanceView } from '../../../pipeline/ports/fleet.ts';
import type { TargetHealth } from '../../../pipeline/ports/traffic.ts';
import { carriesAt, carriesBack, wayBack } from '../../../pipeline/shared/capacity.ts';
import { demandOf } from '../../../pipeline/shared/demand.ts';
import { endedOf, lookAtRelease, membersOf, runningIn } from '../../../pipeline/shared/fleets.ts';
import { healthy, inService, type Targets } from '../../../pipeline/shared/targets.ts';
import { plan, row, service, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const states = ['initial', 'healthy', 'unhealthy', 'unused', 'draining', 'unavailable'] as const;
const target = (state: TargetHealth['state'], id: string = state): TargetHealth => ({
  id,
  state,
  reason: null,
  port: 80,
});
const many = (count: number, state: TargetHealth['state'] = 'healthy'): TargetHealth[] =>
  Array.from({ length: count }, (_, index) => target(state, `i-${index}`));
const instance = (state: InstanceView['state'], change: Partial<InstanceView> = {}): InstanceView => ({
  id: `i-${state}`,
  zone: 'a',
  state,
  reason: null,
  release: 'b',
  launchedAt: start,
  ...change,
});
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);

describe('of a target group', () => {
  const targets = states.map((state) => target(state));

  it('only a healthy target is healthy', () => {
    expect(idsOf(healthy(targets))).toEqual(['healthy']);
  });

  it('a target that drains or is unused is not in service, any other is', () => {
    expect(idsOf(inService(targets))).toEqual(['initial', 'healthy', 'unhealthy', 'unavailable']);
  });
});

describe('of a fleet', () => {
  const instances = (['pending', 'running', 'stopping', 'gone'] as const).map((state) => instance(state));

  it('runs whatever has not ended, what is ending included', () => {
    expect(runningIn({ instances, number: 0, limits: null })).toBe(3);
  });

  it('has ended what stops or is gone and was launched for this rollout', () => {
    const old = instance('gone', { id: 'i-old', launchedAt: start - 1001 });
    const edge = instance('gone', { id: 'i-edge', launchedAt: start - 1000 });
    const view = { instances: [...instances, old, edge], number: 0, limits: null };
    expect(idsOf(endedOf(view, plan()))).toEqual(['i-stopping', 'i-gone', 'i-edge']);
  });

  it('has as members those that run or will, each with its target', () => {
    const targets = [target('unhealthy', 'i-running')];
    expect(membersOf(instances, targets)).toEqual([
      { id: 'i-pending', launchedAt: start, health: null },
      { id: 'i-running', launchedAt: start, health: targets[0] },
    ]);
  });
});

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

describe('the release’s own targets', () => {
  it('are those of its instances in the new slot, while the old slot’s are all looked at', async () => {
    const { ports } = await createWorld(held());
    const { observe } = ports.fleet;
    ports.fleet.observe = async (one, slot) => {
      const view = await observe(one, slot);
      return {
        ...view,
        instances: view.instances.map((seen, index) => (index === 0 ? { ...seen, release: 'another' } : seen)),
      };
    };
    const { targets } = await lookAtRelease(ports, plan());
    expect(idsOf(targets.green)).toEqual(['i-green-1', 'i-green-2', 'i-green-3']);
    expect(targets.blue).toHaveLength(4);
  });
});

describe('carrying', () => {
  it('forward asks the new slot for its weight’s share and the old one for all', () => {
    expect(carriesAt(plan(), { blue: many(8), green: many(4) }, 8, 50)).toEqual({ blue: true, green: true });
    expect(carriesAt(plan(), { blue: many(7), green: many(4) }, 8, 50)).toEqual({ blue: false, green: true });
    expect(carriesAt(plan(), { blue: many(8), green: many(3) }, 8, 50)).toEqual({ blue: true, green: false });
    expect(carriesAt(plan(), { blue: many(8), green: many(7) }, 8, 100)).toEqual({ blue: true, green: false });
    expect(carriesAt(plan(), { blue: many(4, 'draining'), green: many(4, 'unhealthy') }, 4, 100)).toEqual({
      blue: false,
      green: false,
    });
  });

  it('back is content with three quarters', () => {
    expect(carriesBack({ blue: many(3), green: many(2) }, 4)).toEqual({ blue: true, green: false });
    expect(carriesBack({ blue: many(0), green: many(4) }, 4)).toEqual({ blue: false, green: true });
  });

  it('is held by both slots only under `maxExtra`, and where each carries its own weight', () => {
    const shifting = row({ wanted: { weights: { blue: 50, green: 50 }, seq: 1, since: start } });
    const capped = plan({}, service({ maxExtra: 1 }));
    const both = { blue: many(2), green: many(2) };
    expect(wayBack(shifting, capped, both, 4)).toEqual({
      carries: { blue: false, green: false },
      holds: true,
      weight: 50,
    });
    expect(wayBack(shifting, plan(), both, 4)).toEqual({ carries: { blue: false, green: false }, holds: false });
    expect(wayBack(shifting, capped, { ...both, green: many(1) }, 4).holds).toBe(false);
    expect(wayBack(shifting, capped, { ...both, blue: many(1) }, 4).holds).toBe(false);
  });

  it('back counts no instance that the old fleet may be giving up for the next step', () => {
    const half = row({ step: 2, wanted: { weights: { blue: 50, green: 50 }, seq: 2, since: start } });
    const steps = [25, 50, 75, 100].map((weight) => ({ weight, bake: 300 }));
    const old = { ...plan().old, count: 12 };
    const capped = (maxExtra: number) => plan({ steps, old }, service({ maxExtra, growth: 'withWeight' }));
    const all = { blue: many(12), green: many(6) };
    // For 75 % there are 9 new ones: beside them the old fleet keeps the 6 that its own 50 % need, or all that a larger cap leaves.
    expect(wayBack(half, capped(1), all, 12)).toEqual({
      carries: { blue: true, green: false },
      holds: true,
      weight: 50,
    });
    expect(wayBack(half, capped(6), all, 12)).toEqual({ carries: { blue: true, green: false }, holds: false });
    expect(wayBack(half, capped(1), { ...all, blue: many(3) }, 12)).toMatchObject({ holds: false, weight: 25 });
  });
});
