/** Requests in words: how many each version has answered, and how many have failed. */
import { countOf, formatRate } from '../../core/basics/format.ts';
import { slots } from '../../core/basics/slot.ts';
import type { Totals } from '../../local/load.ts';
import type { World } from '../../local/simulated/world.ts';

/** `v1 190/s  v2 10/s  0 of 4,000 requests failed`: rates since `before`, `ms` ago, failures since the start. */
export const trafficLine = (now: Totals, before: Totals | null, ms: number): string => {
  const rates = Object.entries(now.byVersion)
    .map(([version, { requests }]) => ({ version, more: requests - (before?.byVersion[version]?.requests ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ version, more }) => `v${version} ${Math.round((more * 1000) / Math.max(1, ms))}/s`);
  const failed = `${countOf(now.failed, now.requests, 'request')} failed${now.failed > 0 ? ` (${formatRate(now.failed / now.requests)})` : ''}`;
  return [...rates, failed].join('  ');
};

/** `blue 95 %, green 5 %`: the first rule, as the load balancer routes now. */
export const weightsText = (world: Pick<World, 'rules' | 'effectiveWeights'>): string => {
  const [rule] = world.rules.keys();
  if (rule === undefined) return '';
  return world
    .effectiveWeights(rule)
    .map(({ weight }, index) => `${slots[index]} ${weight} %`)
    .join(', ');
};
