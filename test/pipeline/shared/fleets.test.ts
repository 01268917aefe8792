/** What counts as healthy, in service, running and ended, and which targets are a release’s own. */
import { describe, expect, it } from 'vitest';
import type { InstanceView } from '../../../pipeline/ports/fleet.ts';
import type { TargetHealth } from '../../../pipeline/ports/traffic.ts';
import { endedOf, lookAtRelease, membersOf, runningIn } from '../../../pipeline/shared/fleets.ts';
import { healthy, inService } from '../../../pipeline/shared/targets.ts';
import { plan, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const states = ['initial', 'healthy', 'unhealthy', 'unused', 'draining', 'unavailable'] as const;
const target = (state: TargetHealth['state'], id: string = state): TargetHealth => ({
  id,
  state,
  reason: null,
  port: 80,
});
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
