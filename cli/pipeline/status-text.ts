/** A service's status as lines for people. */
import { formatTime } from '../../core/basics/format.ts';
import type { StatusView } from '../../pipeline/operations/status.ts';

export const statusLines = ({ service, urls, live, ended, rollout, stuck, next, weights }: StatusView): string[] => [
  `${service}${urls.length > 0 ? `, on ${urls.join(' and ')}` : ''}`,
  live === null
    ? `  live      nothing${ended === null ? ' yet' : `; ${ended}`}`
    : `  live      ${live.label} (${live.release}) in ${live.slot} since ${formatTime(live.since)}`,
  ...(rollout === null
    ? []
    : [
        `  rollout   ${rollout.label} (${rollout.release}), attempt ${rollout.attempt}: ${rollout.phase}, step ${rollout.step} of ${rollout.steps}` +
          (rollout.slot === null ? '' : ` into ${rollout.slot}`),
      ]),
  ...(rollout?.abort ? [`  aborted   ${rollout.abort}`] : []),
  ...(stuck === null ? [] : [`  ${stuck}`]),
  ...(next === null ? [] : [`  next      ${next.label} (${next.release})`]),
  ...(weights === null ? [] : [`  weights   blue ${weights.blue} %, green ${weights.green} %`]),
];
