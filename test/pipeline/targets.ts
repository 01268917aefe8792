/** Targets of a slot, as the traffic port tells of them. */
import type { TargetHealth } from '../../pipeline/ports/traffic.ts';

export const target = (state: TargetHealth['state'], id: string = state): TargetHealth => ({
  id,
  state,
  reason: null,
  port: 80,
});

export const many = (count: number, state: TargetHealth['state'] = 'healthy'): TargetHealth[] =>
  Array.from({ length: count }, (_, index) => target(state, `i-${index}`));
