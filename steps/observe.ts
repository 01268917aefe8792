/** One look at both slots: what runs, what is healthy, what they carry. */
import { carries, needed, demandOf as todaysDemand } from '../core/capacity.ts';
import type { Service } from '../core/configuration.ts';
import type { Plan } from '../core/plan.ts';
import type { Carries } from '../core/protocol.ts';
import { otherSlot, type Slot } from '../core/row.ts';
import type { FleetView, InstanceView, Ports, TargetHealth } from './ports.ts';

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

/** Instances of this rollout that have ended by themselves. EC2 gives launch times in whole seconds. */
export const endedOf = ({ instances }: FleetView, plan: Plan): InstanceView[] =>
  instances.filter(({ state, launchedAt }) => state === 'gone' && launchedAt >= plan.at - 1000);

/** Instances the service needs for all its traffic, today: its configured count now, or what its old fleet has grown to. */
export const demandOf = async ({ ledger }: Pick<Ports, 'ledger'>, plan: Plan, targets: Targets): Promise<number> => {
  const configured = (await ledger.configuration(plan.service)) ?? plan.configuration;
  const { kind, count, slot } = plan.old;
  const standing = inService(targets[slot]).length;
  if (kind === 'none') return configured.fleet.count;
  // A foreign fleet's number is known to nobody but itself.
  return kind === 'foreign'
    ? Math.max(configured.fleet.count, standing)
    : todaysDemand(configured.fleet.count, standing, count);
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

/** Going back, three quarters of the need are enough: a fleet with one of four instances gone is degraded, a bad image is worse. */
export const carriesBack = (targets: Targets, demand: number): Carries => {
  const holds = (slot: Slot) => healthy(targets[slot]).length * 4 >= needed(demand, 100) * 3;
  return { blue: holds('blue'), green: holds('green') };
};
