/** Requests in words: how many each version has answered, and how many have failed. */
import { countOf, formatRate } from '../../core/basics/format.ts';
import { slots } from '../../core/basics/slot.ts';
import type { World } from '../../local/simulated/world.ts';
import type { Unfinished } from '../local/balancer-front.ts';
import type { Counted } from '../local/own-traffic.ts';

/** `v1 190/s  v2 10/s  0 of 4,000 requests failed`: rates since `before`, `ms` ago, failures since the start. */
export const trafficLine = (now: Counted, before: Counted | null, ms: number): string => {
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

const answers = (many: number): string => (many === 1 ? '1 answer was' : `${many} answers were`);

/** Answers to users that have not come to their end since the last look, a line for each reason. `delay` is the deregistration delay in seconds. */
export const unfinishedLines = (now: Unfinished, before: Unfinished, delay: number): string[] => {
  const reasons: Record<keyof Unfinished, string> = {
    deregistered: `cut by the load balancer: the instance was deregistered, and its deregistration delay of ${delay} s has elapsed`,
    idle: 'cut by the load balancer: nothing came from the instance for 60 s',
    closing: 'cut, as the local cloud ended',
    brokenOff: 'broken off by the program on the instance',
  };
  return (Object.keys(reasons) as (keyof Unfinished)[]).flatMap((reason) => {
    const more = now[reason] - before[reason];
    return more > 0 ? [`${answers(more)} ${reasons[reason]}`] : [];
  });
};
