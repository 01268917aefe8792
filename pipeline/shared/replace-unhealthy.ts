/** During a rollout, replaces an instance whose program has died although the instance runs. Nothing else does that. */

import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { unhealthyMembers } from '../../core/fleet/unhealthy.ts';
import type { FleetView } from '../ports/fleet.ts';
import type { Ports } from '../ports/ports.ts';
import type { TargetHealth } from '../ports/traffic.ts';
import { membersOf } from './fleets.ts';

/** One at a time, and only while at least half of `count` are healthy: a shared cause would hit new instances, too. The next `ensure` launches the replacement. */
export const replaceUnhealthy = async (
  { fleet, now }: Pick<Ports, 'fleet' | 'now'>,
  service: Service,
  slot: Slot,
  count: number,
  { instances }: FleetView,
  targets: readonly TargetHealth[],
): Promise<void> => {
  const found = unhealthyMembers(membersOf(instances, targets), count, now() - service.checks.readyWithin * 1000);
  const [unhealthy] = found.state === 'some' && !found.booting ? found.unhealthy : [];
  if (unhealthy !== undefined) await fleet.replace(service, slot, unhealthy.id);
};
