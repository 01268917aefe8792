/** How many instances a service needs today. */
import { describe, expect, it } from 'vitest';
import { Rejected, Transient } from '../../../core/basics/errors.ts';
import type { TargetHealth } from '../../../pipeline/ports/traffic.ts';
import { demandOf } from '../../../pipeline/shared/demand.ts';
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
