/** Values that work only in the local cloud, where metrics have periods of a second and functions end within two. */

import { formatDuration } from '../basics/duration.ts';
import type { Problem } from './problems.ts';
import { providerModuleOf } from './providers/providers.ts';
import type { Service } from './service.ts';

/** Seconds: CloudWatch has a load balancer's metrics by the minute. */
const shortestPeriod = 60;

/** Seconds: the longest function timeout, plus half of it for weights to reach every node of the load balancer. */
const shortestSettling = 90;

/** The values of a service that would be wrong in any AWS account. */
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
            expected: `at least ${formatDuration(shortestSettling)}: on AWS a function can keep acting for that long after a change of weights`,
          },
        ]
      : []),
  ];
};
