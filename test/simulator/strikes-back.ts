/** What dies on the way back, and after commit: fleets by their part in the rollout, all of one or half of it, whatever its slot. */
import { otherSlot, type Slot } from '../../core/basics/slot.ts';
import type { Stage } from './stage.ts';
import type { Strike } from './strikes.ts';

/** So many of those that run in a slot fall silent together. */
const silence = (stage: Stage, slot: Slot, share: (count: number) => number): void => {
  const { world } = stage.cloud;
  const there = [...world.instances.values()].filter(
    ({ state, tags }) => state === 'running' && tags['cutover:slot'] === slot,
  );
  for (const { id } of there.slice(0, share(there.length))) {
    world.kill(id);
    stage.silenced.set(id, { since: stage.time.now(), costs: 'routed' });
  }
};

type Share = (count: number) => number;
const all: Share = (count) => count;
const half: Share = (count) => Math.ceil(count / 2);
const one: Share = () => 1;

/** Up to two minutes later, by which time what was looked at is no longer so. */
const dies =
  (shares: Partial<Record<'old' | 'fresh', Share>>): Strike =>
  async ({ stage, random, next }) => {
    const { plan } = await stage.row();
    if (plan === null) return next();
    const strike = (): void => {
      if (shares.old !== undefined) silence(stage, plan.old.slot, shares.old);
      if (shares.fresh !== undefined) silence(stage, otherSlot(plan.old.slot), shares.fresh);
    };
    if (random() < 0.5) strike();
    else {
      stage.sleeping++;
      stage.time.after(120_000 * random(), () => {
        stage.sleeping--;
        strike();
      });
    }
    return next();
  };

export const waysBack = {
  oldFleetDies: dies({ old: all }),
  oldHalfDies: dies({ old: half }),
  newFleetDies: dies({ fresh: all }),
  bothHalvesDie: dies({ old: half, fresh: half }),
  oneOfEachDies: dies({ old: one, fresh: one }),
} satisfies Record<string, Strike>;

export const endings = {
  newHalfDiesAfter: dies({ fresh: half }),
  allDiesAfter: dies({ old: all, fresh: all }),
} satisfies Record<string, Strike>;
