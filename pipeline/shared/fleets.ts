/** Reads the instances of both slots: which run, which have ended, and which targets are theirs. */

import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Member } from '../../core/fleet/unhealthy.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { FleetView, InstanceView } from '../ports/fleet.ts';
import type { Ports } from '../ports/ports.ts';
import type { TargetHealth } from '../ports/traffic.ts';
import { lookAtTargets, type Targets } from './targets.ts';

/** Both slots' instances. */
export const lookAtFleets = async (
  { fleet }: Pick<Ports, 'fleet'>,
  service: Service,
): Promise<Record<Slot, FleetView>> => {
  const [blue, green] = await Promise.all([fleet.observe(service, 'blue'), fleet.observe(service, 'green')]);
  return { blue, green };
};

/** All instances that have not ended, including those that drain or are ending. */
export const runningIn = ({ instances }: FleetView): number => instances.filter(({ state }) => state !== 'gone').length;

/** Instances of this rollout that have ended by themselves, or are about to. EC2 gives launch times in whole seconds. */
export const endedOf = ({ instances }: FleetView, plan: Plan): InstanceView[] =>
  instances.filter(
    ({ state, launchedAt }) => (state === 'gone' || state === 'stopping') && launchedAt >= plan.at - 1000,
  );

/**
 * The new slot's targets that are instances of the plan's release. The health of any other target there says nothing about
 * the image.
 */
const ofRelease = ({ instances }: FleetView, targets: TargetHealth[], release: string): TargetHealth[] => {
  const ids = new Set(instances.filter((instance) => instance.release === release).map(({ id }) => id));
  return targets.filter(({ id }) => ids.has(id));
};

/** The targets of both slots, in the new slot only those of the plan's release. */
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

/** Instances that run or will run, each with its state at the load balancer. */
export const membersOf = (instances: FleetView['instances'], targets: readonly TargetHealth[]): Member[] =>
  instances
    .filter(({ state }) => state === 'pending' || state === 'running')
    .map(({ id, launchedAt }) => ({ id, launchedAt, health: targets.find((target) => target.id === id) ?? null }));
