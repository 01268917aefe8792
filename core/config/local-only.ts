/** What is right in the local cloud alone, where a metric's period is a second and a function is done within two. */

import { formatDuration } from '../basics/duration.ts';
import type { Problem } from './problems.ts';
import { providerModuleOf } from './providers/providers.ts';
import type { Service } from './service.ts';

/** Seconds: CloudWatch keeps a load balancer's figures by the minute. */
const shortestPeriod = 60;

/** Seconds: the longest function timeout, and half as much again until every load balancer's node has the weights. */
const shortestSettling = 90;

/** What a service would do wrong on AWS, in any account. */
export const localOnlyProblems = ({ name, timing, metrics }: Service): Problem[] => {
  const at = (key: 'period' | 'settling') => ({ path: `${name}.timing.${key}`, found: formatDuration(timing[key]) });
  const { byTheMinute } = providerModuleOf(metrics);
  return [
    ...(byTheMinute !== null && timing.period % shortestPeriod !== 0
      ? [{ ...at('period'), expected: `whole minutes: on AWS ${byTheMinute} is measured by the minute` }]
      : []),
    ...(timing.settling < shortestSettling
      ? [
          {
            ...at('settling'),
            expected: `at least ${formatDuration(shortestSettling)}: on AWS a function that began before may act until then`,
          },
        ]
      : []),
  ];
};
