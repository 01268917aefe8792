/** One look at both slots: what runs, what is healthy, what they carry. */

import { Rejected } from '../../core/basics/errors.ts';
import { otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Member } from '../../core/fleet/unhealthy.ts';
import { carries, groupDemand, needed, demandOf as todaysDemand, weightOf } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Carries, Holds } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { FleetView, InstanceView } from '../ports/fleet.ts';
import type { Ports } from '../ports/ports.ts';
import type { TargetHealth } from '../ports/traffic.ts';

export type Targets = Record<Slot, TargetHealth[]>;

/** Both slots' targets, as the load balancer sees them now. */
export const lookAtTargets = async ({ traffic }: Pick<Ports, 'traffic'>, service: Service): Promise<Targets> => {
  const [blue, green] = await Promise.all([traffic.health(service, 'blue'), traffic.health(service, 'green')]);
  return { blue, green };
};

/** Both slots' instances. */
export const lookAtFleets = async (
  { fleet }: Pick<Ports, 'fleet'>,
  service: Service,
): Promise<Record<Slot, FleetView>> => {
  const [blue, green] = await Promise.all([fleet.observe(service, 'blue'), fleet.observe(service, 'green')]);
  return { blue, green };
};

export const healthy = (targets: TargetHealth[]): TargetHealth[] => targets.filter(({ state }) => state === 'healthy');

/** Targets that are neither leaving nor left behind by their instance. */
export const inService = (targets: TargetHealth[]): TargetHealth[] =>
  targets.filter(({ state }) => state !== 'draining' && state !== 'unused');

/** Whatever has not ended, the draining and the ending too. */
export const runningIn = ({ instances }: FleetView): number => instances.filter(({ state }) => state !== 'gone').length;

/** Instances of this rollout that have ended by themselves, or are about to. EC2 gives launch times in whole seconds. */
export const endedOf = ({ instances }: FleetView, plan: Plan): InstanceView[] =>
  instances.filter(
    ({ state, launchedAt }) => (state === 'gone' || state === 'stopping') && launchedAt >= plan.at - 1000,
  );

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

/**
 * The targets that are instances of the plan's own release, in the new slot: a stranger's target there may be as healthy as it likes,
 * it says nothing about the image.
 */
const ofRelease = ({ instances }: FleetView, targets: TargetHealth[], release: string): TargetHealth[] => {
  const ids = new Set(instances.filter((instance) => instance.release === release).map(({ id }) => id));
  return targets.filter(({ id }) => ids.has(id));
};

/** Targets as they are, with the new slot's reduced to the plan's release. */
export const lookAtRelease = async (
  ports: Pick<Ports, 'fleet' | 'traffic'>,
  plan: Plan,
): Promise<{ fleet: FleetView; targets: Targets }> => {
  const { configuration, release } = plan;
  const slot = plan.new.slot;
  const [fleet, targets] = await Promise.all([
    ports.fleet.observe(configuration, slot),
    lookAtTargets(ports, configuration),
  ]);
  return { fleet, targets: { ...targets, [slot]: ofRelease(fleet, targets[slot], release) } };
};

/** Which slots carry what a step forward would give them: `weight` to the new slot, all to the old one if it must go back. */
export const carriesAt = (plan: Plan, targets: Targets, demand: number, weight: number): Carries => {
  const fresh = plan.new.slot;
  const old = otherSlot(fresh);
  return {
    [fresh]: carries(healthy(targets[fresh]).length, weight, demand),
    [old]: carries(healthy(targets[old]).length, 100, demand),
  } as Carries;
};

/** Three quarters of what is needed are enough to go back: a fleet with one of four instances gone is degraded, a bad image is worse. */
const suffices = (targets: Targets, slot: Slot, demand: number, weight: number): boolean =>
  healthy(targets[slot]).length * 4 >= needed(demand, weight) * 3;

/** Which slots carry everything, for the way back. */
export const carriesBack = (targets: Targets, demand: number): Carries => ({
  blue: suffices(targets, 'blue', demand, 100),
  green: suffices(targets, 'green', demand, 100),
});

/** The same, and whether both slots carry what they have, where the old fleet may have been made smaller. */
export const wayBack = (row: Row, plan: Plan, targets: Targets, demand: number): { carries: Carries } & Holds => ({
  carries: carriesBack(targets, demand),
  holds:
    plan.configuration.maxExtra !== null &&
    slots.every((slot) => suffices(targets, slot, demand, row.wanted.weights[slot])),
});

/** Those that run or will, each with what the load balancer says of it. */
export const membersOf = (instances: FleetView['instances'], targets: readonly TargetHealth[]): Member[] =>
  instances
    .filter(({ state }) => state === 'pending' || state === 'running')
    .map(({ id, launchedAt }) => ({ id, launchedAt, health: targets.find((target) => target.id === id) ?? null }));
