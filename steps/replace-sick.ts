/** During a rollout nobody else replaces a program that has died while its instance runs. */
import type { Service } from '../core/configuration.ts';
import type { Slot } from '../core/row.ts';
import type { FleetView, Ports, TargetHealth } from './ports.ts';

/** One at a time, and none that may still be booting: it may recover. It serves nobody, and its place is filled by the next `ensure`. */
export const replaceSick = async (
  { fleet, now }: Pick<Ports, 'fleet' | 'now'>,
  service: Service,
  slot: Slot,
  { instances }: FleetView,
  targets: readonly TargetHealth[],
): Promise<void> => {
  const booted = now() - service.checks.readyWithin * 1000;
  const grown = new Set(instances.filter(({ launchedAt }) => launchedAt < booted).map(({ id }) => id));
  const sick = targets.find(({ id, state }) => state === 'unhealthy' && grown.has(id));
  if (sick !== undefined) await fleet.replace(service, slot, sick.id);
};
