/** The schema of `checks`: what a new version is tested for, and what follows. */
import { defaults, longestReadiness, usualDecisions } from './defaults.ts';
import { choice, decimal, duration, key, list, rate, strict, text, whole } from './values.ts';

const status = whole('an HTTP status from 100 to 599', 100, 599);

const probe = strict('a probe: http.get("/health")', {
  path: key(
    text('a path that begins with a slash, like "/health"', /^\/\S*$/),
    'The path that instances are asked for, directly and not through the load balancer.',
    "'/health'",
  ),
  from: key(status.default(defaults.probe.from), 'The lowest HTTP status that passes.', '200'),
  to: key(status.default(defaults.probe.to), 'The highest HTTP status that passes.', '399'),
  // Smoke has a time limit of 60 seconds.
  within: key(
    duration(1, { most: 20, like: '"5 seconds" or 5' }).prefault(defaults.probe.within),
    'How long the instance may take to answer.',
    "'2 seconds'",
  ),
});

const margin = ({ ratio, plus }: { ratio: number; plus: string }, [ratioMeans, plusMeans]: [string, string]) =>
  strict('a margin: { ratio, plus }', {
    ratio: key(decimal('a ratio from 1 on, like 1.25', 1).default(ratio), ratioMeans, '1.5'),
    plus: key(rate().prefault(plus), plusMeans, "'0.1%'"),
  }).prefault({});

const comparison = strict('null, or what is compared: { falseAlarms, worse, … }', {
  falseAlarms: key(
    rate().prefault(defaults.comparison.falseAlarms),
    'How many of the rollouts of a version that is not worse may be rolled back by mistake. It counts for a whole rollout, however long it bakes.',
    "'0.5%'",
  ),
  falsePasses: key(
    rate().prefault(defaults.comparison.falsePasses),
    'How many of the harmful versions may end their bake early by mistake. It matters only for a bake with `atLeast`.',
    "'1%'",
  ),
  worse: key(
    margin(defaults.comparison.worse, [
      'The new version is worse if its error rate is above this many times the old one, plus `plus`.',
      'Added to the limit, as a share of the requests, so that a few errors more than none are no reason for a rollback.',
    ]),
    'The margin above which the new version is worse, and is rolled back. It applies to the error rate, and to the share of requests that the load balancer answered itself because the version did not.',
    "{ ratio: 1.5, plus: '0.1%' }",
  ),
  harmful: key(
    margin(defaults.comparison.harmful, [
      'The new version is harmful if its error rate is above this many times the old one, plus `plus`.',
      'Added to that limit, as a share of the requests.',
    ]),
    'The margin below which the new version counts as harmless. Once that is shown, a bake with `atLeast` ends early.',
    "{ ratio: 2, plus: '0.5%' }",
  ),
  slower: key(
    strict('null, or how much slower: { ratio, plus }', {
      ratio: key(
        decimal('a ratio from 1 on, like 1.1', 1).default(defaults.comparison.slower.ratio),
        'An answer is slow if it takes more than this many times a typical slow answer of the old version.',
        '1.3',
      ),
      plus: key(
        decimal('a number of seconds from 0 to 60, like 0.01', 0, 60)
          .default(defaults.comparison.slower.plus)
          .meta({ unit: 'seconds' }),
        'An answer is slow only if it also takes so many seconds more.',
        '0.05',
      ),
    })
      .nullable()
      .prefault({}),
    'How much slower the answers may be. `null`: answer times are not compared.',
    'null',
  ),
  burst: key(
    decimal('a burst from 1 to 100, or null', 1, 100).nullable().default(null),
    'How many errors come at a time, for example because a client retries. Evidence counts a burst as one error.',
    '3',
    "learnt from the old version's errors of the last three hours",
  ),
})
  .nullable()
  .prefault({});

const decisions = strict('what follows: { worse, notSeenWorse, noTraffic, noMetrics }', {
  worse: key(
    choice('rollback', 'pause').default(usualDecisions.worse),
    'What follows if the new version is worse than the old one or exceeds its error rate.',
    "'pause'",
  ),
  notSeenWorse: key(
    choice('advance', 'pause', 'rollback').default(usualDecisions.notSeenWorse),
    'What follows at the end of a bake if the metrics show neither that the new version is worse nor that it is harmless.',
    "'pause'",
  ),
  noTraffic: key(
    choice('pause', 'advance', 'rollback').default(usualDecisions.noTraffic),
    'What follows at the end of a bake if the new version got no requests.',
    "'advance'",
  ),
  noMetrics: key(
    choice('pause', 'advance', 'rollback').default(usualDecisions.noMetrics),
    'What follows at the end of a bake if its metrics are missing, contradict each other or cannot be read, or if a configured alarm does not exist.',
    "'rollback'",
  ),
}).prefault({});

const alarmName = text('the name of a CloudWatch alarm', /^(?=.{1,255}$)\S/);

export const checks = strict('checks: { smoke, alarms, errorRate, … }', {
  smoke: key(
    list('a list of probes: [http.get("/health")]', probe).default([]),
    "Requests to up to five new instances before the first user's request. One failure rolls the rollout back. Instances that are launched for later weights are not probed.",
    "[http.get('/health'), http.get('/old', { from: 301, to: 308 })]",
  ),
  alarms: key(
    list('a list of alarm names', alarmName).default([]),
    'CloudWatch alarms that roll a rollout back as soon as they go off. One that is on at admission is muted until it has been off for a full period.',
    "['shop-latency', 'shop-orders-too-few']",
  ),
  errorRate: key(
    strict('an error rate: { atMost: "1%" }', {
      atMost: key(
        rate(),
        'The error rate of the new version above which it is rolled back. Minutes in which both versions fail are left out.',
        "'0.5%'",
      ),
    }).prefault(defaults.errorRate),
    'The absolute limit on errors.',
    "{ atMost: '0.5%' }",
  ),
  comparison: key(
    comparison,
    'How the new version is compared with the old one, minute by minute. `null`: they are not compared, and only absolute limits count.',
    'null',
  ),
  decisions: key(
    decisions,
    'What follows from a verdict. `pause` waits for a person, who answers with `cutover approve` or `cutover reject`. Unhealthy targets, alarms and a rejection always roll back.',
    "{ noTraffic: 'advance' }",
  ),
  passes: key(
    whole('a whole number of health checks from 1 to 10', 1, 10).default(defaults.passes),
    'How many checks in a row have to find the new fleet healthy before it counts as ready.',
    '3',
  ),
  warmUp: key(
    duration().prefault(defaults.warmUp),
    'How long a ready fleet waits before its first request. It has to be shorter than `readyWithin`.',
    "'2 minutes'",
  ),
  readyWithin: key(
    duration(1, { most: longestReadiness }).optional(),
    'How long the new instances of a step may take to become healthy. If they take longer, the rollout is rolled back.',
    "'20 minutes'",
    'ten times `timing.period`, at most 2 hours',
  ),
}).prefault({});
