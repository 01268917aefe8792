/** Which slot carries what. */
import { describe, expect, it } from 'vitest';
import { carriesAt, carriesBack, wayBack } from '../../../pipeline/shared/capacity.ts';
import { plan, row, service, start } from '../../core/build.ts';
import { many } from '../targets.ts';

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
    const first = row({ wanted: { weights: { blue: 75, green: 25 }, seq: 1, since: start } });
    expect(wayBack(first, capped, { blue: many(2), green: many(1) }, 4).holds).toBe(false);
    expect(wayBack({ ...first, step: 2 }, capped, { blue: many(5), green: many(2) }, 8).holds).toBe(true);
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
