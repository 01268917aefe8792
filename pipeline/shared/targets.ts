/** Reads the targets of both slots and their health. */

import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Ports } from '../ports/ports.ts';
import type { TargetHealth } from '../ports/traffic.ts';

export type Targets = Record<Slot, TargetHealth[]>;

/** Both slots' targets, as the load balancer reports them now. */
export const lookAtTargets = async ({ traffic }: Pick<Ports, 'traffic'>, service: Service): Promise<Targets> => {
  const [blue, green] = await Promise.all([traffic.health(service, 'blue'), traffic.health(service, 'green')]);
  return { blue, green };
};

export const healthy = (targets: TargetHealth[]): TargetHealth[] => targets.filter(({ state }) => state === 'healthy');

/** Targets that are neither draining nor left over from an ended instance. */
export const inService = (targets: TargetHealth[]): TargetHealth[] =>
  targets.filter(({ state }) => state !== 'draining' && state !== 'unused');
