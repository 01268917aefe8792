/** Computes how many instances the service needs for all its traffic: forward by the current configuration, in a rollback as at admission. */
import { Rejected } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { groupDemand, demandOf as todaysDemand, weightOf } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Ports } from '../ports/ports.ts';
import { healthy, inService, type Targets } from './targets.ts';

/** If the current configuration cannot be read, the rollout continues with the one of its admission. */
const configuredNow = async ({ ledger }: Pick<Ports, 'ledger'>, plan: Plan): Promise<Service> => {
  try {
    return (await ledger.configuration(plan.service)) ?? plan.configuration;
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return plan.configuration;
  }
};

type Needs = Pick<Ports, 'ledger'> & Partial<Pick<Ports, 'fleet'>>;

/**
 * The instances that the service needs for all its traffic now: the configured count, or the present size of its old fleet. `step`: the
 * step whose weight is in force.
 */
export const demandOf = async (ports: Needs, plan: Plan, targets: Targets, step: number): Promise<number> => {
  const { fleet } = await configuredNow(ports, plan);
  const { kind, count, slot } = plan.old;
  if (kind === 'none') return fleet.count;
  if (fleet.kind === 'groups') return numberOfGroups(ports, plan, targets, step, fleet.count);
  const standing = inService(targets[slot]).length;
  if (kind === 'foreign') return Math.max(fleet.count, standing);
  // A fleet that had lost some at admission, and is complete again, has not grown.
  return todaysDemand(fleet.count, standing, Math.max(count, plan.configuration.fleet.count));
};

/**
 * The instances that a rollback needs: the old fleet's number at admission, and the growth of a group since then. A newly configured count
 * is for the new fleet only: the old one is never grown to it, so it must not keep traffic on a bad version.
 */
export const demandBack = async (ports: Needs, plan: Plan, targets: Targets, step: number): Promise<number> => {
  const { kind, count, slot } = plan.old;
  const { fleet } = plan.configuration;
  if (kind === 'none') return fleet.count;
  if (fleet.kind === 'groups') return numberOfGroups(ports, plan, targets, step, fleet.count);
  return kind === 'foreign' ? Math.max(count, inService(targets[slot]).length) : count;
};

/**
 * The groups' own numbers. Foreign targets and instances that are being replaced are not demand, and must not make a group grow. An alarm's
 * abort has no fleet port: it launches nothing and should not wait for one more answer.
 */
const numberOfGroups = async (
  ports: Needs,
  plan: Plan,
  targets: Targets,
  step: number,
  configured: number,
): Promise<number> => {
  const { kind, count, slot } = plan.old;
  const numberIn = async (one: Slot): Promise<number | undefined> =>
    (await ports.fleet?.observe(plan.configuration, one))?.number;
  const least = kind === 'foreign' ? Math.max(count, configured) : count;
  const weight = weightOf(plan, step);
  const [own, fresh] = await Promise.all([
    kind === 'ours' ? numberIn(slot) : undefined,
    weight === 100 ? numberIn(plan.new.slot) : undefined,
  ]);
  const standing = inService(targets[slot]).length;
  return groupDemand(least, own ?? standing, fresh ?? healthy(targets[plan.new.slot]).length, weight);
};
