/** The schema of what a team writes, with its defaults. Durations and shares come out as numbers. `npm run docs` makes docs/reference/configuration.md from it. */
import * as z from 'zod';
import { checks } from './checks-schema.ts';
import { defaults, usualGrowth, usualReadiness } from './defaults.ts';
import { fleet, rules, slots } from './fleet-schema.ts';
import { metricsSchema } from './providers/providers.ts';
import type { Service } from './service.ts';
import { imageSchema } from './sources/sources.ts';
import { choice, decimal, duration, key, list, period, strict, whole } from './values.ts';

export const servicesExpected = 'an object with at least one service, under its name';

export const serviceName = {
  pattern: /^(?=.{1,40}$)(?!(recover|continue)(-|$))[a-z0-9]+(-[a-z0-9]+)*$/,
  expected:
    'a service name of lower-case letters, digits and single hyphens between them, at most 40 characters, and neither "recover", "continue" nor one of them with "-…" behind it: the pipeline names its own executions so',
};

/** Seconds: the longest that all bakes of a strategy together may take, and the longest wait for an approval. */
export const longestWait = 14 * 86_400;

const step = strict('a step { weight, bake }', {
  weight: key(
    whole('a weight: a whole number from 1 to 100', 1, 100).meta({ unit: 'percent' }),
    'How much of the traffic the new version gets. Weights rise from step to step, and the last one is 100.',
    '25',
  ),
  bake: key(
    z
      .union([duration(), strict('a bake: { atLeast, atMost }', { atLeast: duration(), atMost: duration() })], {
        error: 'a duration like "5 minutes", or { atLeast: "2 minutes", atMost: "10 minutes" }',
      })
      .meta({ type: 'duration, or two', unit: 'whole seconds', limits: 'at least 0 s' }),
    'How long the weight lasts while the new version is judged. With `{ atLeast, atMost }` it ends early once the version is shown to be harmless. A bake that is not 0 lasts at least `timing.settling` plus two periods; all bakes together last at most 14 days.',
    "{ atLeast: '5 minutes', atMost: '30 minutes' }",
  ),
  // As persisted: reading the filled-in value again changes nothing.
  atLeast: duration().optional(),
}).transform(({ weight, bake, atLeast: kept }) => {
  const atMost = typeof bake === 'number' ? bake : bake.atMost;
  const atLeast = typeof bake === 'number' ? kept : bake.atLeast;
  return { weight, bake: atMost, ...(atLeast !== undefined && { atLeast: Math.min(atLeast, atMost) }) };
});

export const writtenService = strict('a service: { image, fleet, rules, slots }', {
  image: key(
    imageSchema(),
    'Where images come from: `ecr(repository, { tags })`, `ami({ name, owner })`, `imageBuilder(arn)` or `parameter(name)`.',
    "ecr('acme/shop', { tags: ['release-*'] })",
  ),
  fleet: key(
    fleet,
    'Where the instances come from: `instances({ … })`, which Cutover launches and numbers by itself, or `groups({ … })`, two Auto Scaling groups of yours.',
    "groups({ blue: 'shop-blue', green: 'shop-green' })",
  ),
  rules: key(
    rules,
    'Every listener rule that leads to the service, all of one Application Load Balancer. Each forwards to both target groups; Cutover changes their two weights only.',
    "['arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee']",
  ),
  slots: key(
    slots,
    'The two target groups of the service. One is live, the other takes the next release.',
    "{ blue: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-blue/6d0ecf831eec9f09', green: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-green/73e2d6bc24d8a067' }",
  ),
  strategy: key(
    strict('a strategy: canary(…), linear(…), blueGreen(…), allAtOnce() or { steps }', {
      steps: key(
        list('a list of at least one step { weight, bake }', step, 1),
        'The weights of the new version, in order, and how long each lasts.',
        "[{ weight: 10, bake: '10 minutes' }, { weight: 100, bake: '30 minutes' }]",
      ),
    }).prefault(defaults.strategy),
    'How traffic moves: `canary(weights, { bake, keepOldFor })`, `linear(step, { bake, keepOldFor })`, `blueGreen({ keepOldFor })`, `allAtOnce()`, or steps of your own. `bake` is 5 minutes unless you say otherwise; `keepOldFor` is the bake at 100 %, during which the old fleet still runs, and is 15 minutes.',
    "canary([10, 50], { bake: '10 minutes', keepOldFor: '1 hour' })",
    '`canary([5, 25, 50])`',
  ),
  checks: key(
    checks,
    'How the new version is tested, and what follows from the results.',
    "{ smoke: [http.get('/health')], alarms: ['shop-latency'] }",
  ),
  metrics: key(
    metricsSchema().prefault(defaults.metrics),
    "Where the metrics of both versions come from: `cloudwatch()`, the load balancer's own, or `prometheus({ … })`.",
    'cloudwatch()',
    '`cloudwatch()`',
  ),
  approval: key(
    strict('null, or { within: "1 day" }', {
      within: key(
        duration(1, { most: longestWait }),
        'How long the rollout waits for an answer. No answer means no.',
        "'1 day'",
      ),
    })
      .nullable()
      .default(null),
    'A person has to approve before the first request reaches the new version. `null`: nobody is asked.',
    "{ within: '1 day' }",
  ),
  growth: key(
    choice('withWeight', 'upfront').optional(),
    "When the new fleet's instances are launched: `withWeight`, as many as each weight needs, or `upfront`, the whole fleet before the first weight.",
    "'upfront'",
    '`withWeight` from ten instances on or with `maxExtra`, else `upfront`',
  ),
  maxExtra: key(
    whole('a whole number of instances from 1 to 1000, or null', 1, 1000).nullable().default(null),
    'How many instances may run in addition to the usual number. If a step needs more, the old fleet shrinks first. `null`: no limit.',
    '4',
  ),
  mode: key(
    choice('automatic', 'observe').default(defaults.mode),
    '`observe`: a publication makes a plan and a notice, and changes nothing.',
    "'observe'",
  ),
  prices: key(
    z
      .record(z.string(), decimal('a price of an instance hour like 0.0816', 0), {
        error: 'prices of an instance hour by instance type: { "m7g.large": 0.0816 }',
      })
      .default({})
      .meta({ type: 'numbers by instance type', unit: 'your currency, an instance hour', limits: 'at least 0' }),
    'What an instance hour costs, so that a plan can say what the extra instances cost.',
    "{ 'm7g.large': 0.0816 }",
  ),
  timing: key(
    strict('timing: { period, settling }', {
      period: key(
        period().prefault(defaults.timing.period),
        'The period of the metrics. It is also the time between two judgements, except in very long bakes.',
        "'2 minutes'",
      ),
      settling: key(
        duration(1).prefault(defaults.timing.settling),
        'How long a change of weights takes to reach every load-balancer node. Functions that started before it have ended by then, too. On AWS it has to be longer than the longest function timeout.',
        "'3 minutes'",
      ),
    }).prefault({}),
    'The times on which all waiting and judging is based.',
    "{ period: '60 seconds', settling: '2 minutes' }",
  ),
});

/** A checked service as it is persisted: with its name, and with defaults that depend on other values. */
export const withDefaults = (name: string, checked: z.output<typeof writtenService>): Service => ({
  name,
  ...checked,
  checks: { ...checked.checks, readyWithin: checked.checks.readyWithin ?? usualReadiness(checked.timing.period) },
  growth: checked.growth ?? usualGrowth(checked.fleet, checked.maxExtra),
});
