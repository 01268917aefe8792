/** How many instances the service needs today for all its traffic. */
import { Rejected } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { groupDemand, demandOf as todaysDemand, weightOf } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Ports } from '../ports/ports.ts';
import { healthy, inService, type Targets } from './targets.ts';

/** One that cannot be read holds no rollout up: it goes on by what it was admitted with. */
const configuredNow = async ({ ledger }: Pick<Ports, 'ledger'>, plan: Plan): Promise<Service> => {
  try {
    return (await ledger.configuration(plan.service)) ?? plan.configuration;
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return plan.configuration;
  }
};

/**
 * Instances the service needs for all its traffic, today: its configured count now, or what its old fleet has grown to. `step` is the
 * one whose weight is in force.
 */
export const demandOf = async (
  ports: Pick<Ports, 'ledger'> & Partial<Pick<Ports, 'fleet'>>,
  plan: Plan,
  targets: Targets,
  step: number,
): Promise<number> => {
  const { fleet } = await configuredNow(ports, plan);
  const { kind, count, slot } = plan.old;
  const standing = inService(targets[slot]).length;
  if (kind === 'none') return fleet.count;
  if (fleet.kind === 'groups') {
    // The groups' own numbers: what else stands in a target group is none of their doing, nor is what they are just replacing more demand,
    // and must not make them grow. An alarm's abort makes nothing grow, and waits for no other answer.
    const numberIn = async (one: Slot): Promise<number | undefined> =>
      (await ports.fleet?.observe(plan.configuration, one))?.number;
    const least = kind === 'foreign' ? Math.max(count, fleet.count) : count;
    const weight = weightOf(plan, step);
    const [own, fresh] = await Promise.all([
      kind === 'ours' ? numberIn(slot) : undefined,
      weight === 100 ? numberIn(plan.new.slot) : undefined,
    ]);
    return groupDemand(least, own ?? standing, fresh ?? healthy(targets[plan.new.slot]).length, weight);
  }
  if (kind === 'foreign') return Math.max(fleet.count, standing);
  // One that had lost some at admission, and is whole again, has not grown.
  return todaysDemand(fleet.count, standing, Math.max(count, plan.configuration.fleet.count));
};
