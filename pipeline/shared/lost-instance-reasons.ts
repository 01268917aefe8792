/** Lists why instances of a fleet ended or are unhealthy. */
import { count } from '../../core/basics/format.ts';
import type { InstanceView } from '../ports/fleet.ts';
import type { TargetHealth } from '../ports/traffic.ts';

/** At most this many different reasons are named. */
const most = 3;

const different = (reasons: string[]): string => [...new Set(reasons)].slice(0, most).join(', ');

export const lossesOf = (
  ended: readonly Pick<InstanceView, 'reason'>[],
  targets: readonly Pick<TargetHealth, 'state' | 'reason'>[],
): string[] => {
  const lost = ended.map(({ reason }) => reason ?? 'no reason given');
  const unhealthy = targets.filter(({ state }) => state !== 'healthy').map(({ state, reason }) => reason ?? state);
  return [
    ...(lost.length === 0
      ? []
      : [`${count(lost.length, 'instance')} ended without being asked to: ${different(lost)}`]),
    ...(unhealthy.length === 0 ? [] : [`not healthy: ${different(unhealthy)}`]),
  ];
};
