/** What only the local cloud can do is told of where AWS is meant, and nothing else is. */
import { expect, test } from 'vitest';
import { localOnlyProblems } from '../../../core/config/local-only.ts';
import { problemText } from '../../../core/config/problems.ts';
import { prometheus, type WrittenService } from '../../../core/index.ts';
import { service } from '../build.ts';

const metrics = prometheus({ url: 'http://p', requests: '$slot $period', errors: '$slot $period' });
const period = 'expected whole minutes: on AWS a load balancer is measured by the minute';
const settling =
  'expected at least 1 minute 30 seconds: on AWS a function can keep acting for that long after a change of weights';

test.each<[string, Partial<WrittenService>, string[]]>([
  ['the defaults', {}, []],
  ['as little as may be', { timing: { period: 60, settling: 90 } }, []],
  ['several minutes', { timing: { period: '2 minutes' } }, []],
  ['a period of seconds', { timing: { period: 2 } }, [`checkout.timing.period: ${period}, found 2 seconds`]],
  ['a period of seconds that Prometheus measures', { metrics, timing: { period: 2 } }, []],
  [
    'too short a settling',
    { timing: { settling: 89 } },
    [`checkout.timing.settling: ${settling}, found 1 minute 29 seconds`],
  ],
  [
    'both',
    { timing: { period: 1, settling: 1 } },
    [`checkout.timing.period: ${period}, found 1 second`, `checkout.timing.settling: ${settling}, found 1 second`],
  ],
])('%s', (_, different, expected) => {
  expect(localOnlyProblems(service(different)).map(problemText)).toEqual(expected);
});
