/** The schema of what a team writes, with its defaults. Every `error` is what was expected there; durations and shares come out as numbers. */
import * as z from 'zod';
import { usualDecisions } from '../analysis/verdict.ts';
import { formatDuration, parseDuration } from '../basics/duration.ts';
import type { Service } from './parse.ts';
import { canary, growthFor } from './strategies.ts';

export const servicesExpected = 'an object with at least one service by its name';

export const serviceName = {
  pattern: /^(?=.{1,40}$)(?!recover(-|$))[a-z0-9]+(-[a-z0-9]+)*$/,
  expected:
    'a service name of lower-case letters, digits and single hyphens between them, at most 40 characters, and not "recover" or "recover-…", as recoveries are named',
};

/** Seconds: what all the bakes of a strategy come to at most, and an approval. */
export const longestWait = 14 * 86_400;

const longestReadiness = 2 * 3600;

/** An object with these keys and no others. For unknown ones the message is the list of the known ones. */
const strict = <Shape extends z.core.$ZodLooseShape>(expected: string, shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : expected),
  });

const text = (expected: string, pattern: RegExp) => z.string({ error: expected }).regex(pattern, { error: expected });

const list = <Item extends z.ZodType>(expected: string, item: Item, least = 0) =>
  z.array(item, { error: expected }).min(least, { error: expected });

const whole = (expected: string, from: number, to: number) =>
  z.int({ error: expected }).min(from, { error: expected }).max(to, { error: expected });

const choice = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: `one of ${values.map((value) => `"${value}"`).join(', ')}` });

/** Text or number → a number, or the issue that it is none of these. */
const read = (expected: string, parse: (value: unknown) => number | null) =>
  z.unknown().transform((value, context): number => {
    const number = parse(value);
    if (number !== null) return number;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

const duration = (
  least = 0,
  { most = Infinity, like = '"90 seconds", "5 minutes" or 90' }: { most?: number; like?: string } = {},
) => {
  const from = least > 0 ? `, at least ${least} s` : '';
  const to = most < Infinity ? `, at most ${formatDuration(most)}` : '';
  return read(`a duration of whole seconds like ${like}${from}${to}`, (value) => {
    const seconds = parseDuration(value);
    return seconds !== null && seconds >= least && seconds <= most ? seconds : null;
  });
};

/** CloudWatch keeps what load balancers count by the minute. */
const period = read(
  'a period of whole minutes like "60 seconds" or "5 minutes", or of whole seconds below 60, for which only the local cloud has metrics',
  (value) => {
    const seconds = parseDuration(value);
    return seconds !== null && seconds > 0 && (seconds < 60 || seconds % 60 === 0) ? seconds : null;
  },
);

/** `"1%"`, `"0.5 %"` or 0.01 → 0.01; null for anything else. */
const parseRate = (value: unknown): number | null => {
  const percent = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value)?.[1] : undefined;
  const rate = percent === undefined ? value : Number(percent) / 100;
  return typeof rate === 'number' && rate >= 0 && rate <= 1 ? rate : null;
};

const arn = (service: string, resource: string) =>
  new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${resource}$`);
const id = '[A-Za-z0-9-]+';

/** ECR's tags and AMIs' names hold no blanks at the ends and are never empty; neither are patterns for them. */
const glob = (expected: string) => text(expected, /^\S(.*\S)?$/);

const image = z.discriminatedUnion(
  'kind',
  [
    strict('an image source', {
      kind: z.literal('ecr'),
      repository: text(
        'the name of an ECR repository like "acme/checkout", without its registry',
        /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/,
      ),
      tags: list(
        'a list of at least one tag pattern like "release-*"',
        glob('a tag pattern like "release-*"'),
        1,
      ).default(['*']),
    }),
    strict('an image source', {
      kind: z.literal('ami'),
      name: glob('an AMI name or a pattern for it like "checkout-*"'),
      owner: text(
        'an account number, "self", "amazon" or "aws-marketplace"',
        /^(\d{12}|self|amazon|aws-marketplace)$/,
      ).default('self'),
    }),
    strict('an image source', {
      kind: z.literal('imageBuilder'),
      arn: text(
        'the ARN of an Image Builder image like "arn:aws:imagebuilder:eu-west-1:123456789012:image/checkout"',
        arn('imagebuilder', 'image/[a-z0-9-]+(/\\d+\\.\\d+\\.\\d+)?'),
      ),
    }),
    strict('an image source', {
      kind: z.literal('parameter'),
      name: text('the name of a Systems Manager parameter like "/checkout/ami"', /^(\/[\w.-]+)+$|^[\w.-]+$/),
    }),
  ],
  { error: 'an image source: ecr(…), ami(…), imageBuilder(…) or parameter(…)' },
);

const promql = (like: string) =>
  text(
    `PromQL with $period and $slot (or $targetGroup) in it, like ${like}`,
    /(?=[\s\S]*\$period\b)(?=[\s\S]*\$(slot|targetGroup)\b)/,
  );

const metrics = z.discriminatedUnion(
  'kind',
  [
    strict('cloudwatch()', { kind: z.literal('cloudwatch') }),
    strict('prometheus({ url, requests, errors })', {
      kind: z.literal('prometheus'),
      url: text(
        'the address of a Prometheus like "http://prometheus.internal:9090", without credentials',
        /^https?:\/\/[^\s/@?#]+(\/[^\s@?#]*)?$/,
      ),
      requests: promql('sum(increase(http_requests_total{slot="$slot"}[$period]))'),
      errors: promql('sum(increase(http_requests_total{slot="$slot",code=~"5.."}[$period]))'),
      durations: promql('sum by (le) (increase(http_request_duration_seconds_bucket{slot="$slot"}[$period]))')
        .nullable()
        .default(null),
    }),
  ],
  { error: 'a source of figures: cloudwatch() or prometheus(…)' },
);

const count = whole("a whole number of instances from 1 to 1000, a target group's limit", 1, 1000);

/** Auto Scaling allows up to 255 characters, and no colon. */
const group = text('the name of an Auto Scaling group', /^(?=.{1,255}$)[^\s:/](?:[^:/]*[^\s:/])?$/);

const fleet = z.discriminatedUnion(
  'kind',
  [
    strict('a fleet', {
      kind: z.literal('instances'),
      launchTemplate: text(
        'the name or id of a launch template, without a version: its default one is pinned at each admission',
        /^[A-Za-z0-9().\-/_]{3,128}$/,
      ),
      subnets: list(
        'a list of at least one subnet',
        text('a subnet id like "subnet-0a1b2c3d"', /^subnet-[A-Za-z0-9-]+$/),
        1,
      ),
      count,
    }),
    strict('a fleet', {
      kind: z.literal('groups'),
      blue: group,
      green: group,
      count: count.default(2),
    }),
  ],
  { error: 'a fleet: groups({ blue, green }) or instances({ launchTemplate, subnets, count })' },
);

const targetGroup = text(
  'a target group\'s ARN like "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/checkout-blue/0123456789abcdef"',
  arn('elasticloadbalancing', `targetgroup/${id}/${id}`),
);

const rule = text(
  'the ARN of an Application Load Balancer\'s listener rule, "arn:aws:elasticloadbalancing:…:listener-rule/app/…"',
  arn('elasticloadbalancing', `listener-rule/app/${id}/${id}/${id}/${id}`),
);

const status = whole('an HTTP status from 100 to 599', 100, 599);

const probe = strict('a probe: http.get("/health")', {
  path: text('a path that begins with a slash, like "/health"', /^\/\S*$/),
  from: status.default(200),
  to: status.default(299),
  // The function that asks has 60 seconds.
  within: duration(1, { most: 20, like: '"5 seconds" or 5' }).prefault('5 seconds'),
});

const step = strict('a step { weight, bake }', {
  weight: whole('a weight: a whole number from 1 to 100', 1, 100),
  bake: z.union([duration(), strict('a bake: { atLeast, atMost }', { atLeast: duration(), atMost: duration() })], {
    error: 'a duration like "5 minutes", or { atLeast: "2 minutes", atMost: "10 minutes" }',
  }),
  // As it is kept: filled in again it is the same.
  atLeast: duration().optional(),
}).transform(({ weight, bake, atLeast: kept }) => {
  const atMost = typeof bake === 'number' ? bake : bake.atMost;
  const atLeast = typeof bake === 'number' ? kept : bake.atLeast;
  return { weight, bake: atMost, ...(atLeast !== undefined && { atLeast: Math.min(atLeast, atMost) }) };
});

const rate = () => read('a share like "1%", or a number from 0 to 1', parseRate);

const margin = (ratio: number, plus: string) =>
  strict('a margin: { ratio, plus }', {
    ratio: z.number({ error: 'a ratio from 1 on, like 1.25' }).min(1, 'a ratio from 1 on, like 1.25').default(ratio),
    plus: rate().prefault(plus),
  }).prefault({});

const alarmName = text('the name of a CloudWatch alarm', /^(?=.{1,255}$)\S/);

export const writtenService = strict('a service: { image, fleet, rules, slots }', {
  image,
  fleet,
  rules: list("a list of at least one listener rule's ARN", rule, 1),
  slots: strict('the ARNs of two target groups: { blue, green }', { blue: targetGroup, green: targetGroup }),
  strategy: strict('a strategy: canary(…), linear(…), blueGreen(…), allAtOnce() or { steps }', {
    steps: list('a list of at least one step { weight, bake }', step, 1),
  }).prefault(canary([5, 25, 50])),
  checks: strict('checks: { smoke, alarms, errorRate, … }', {
    smoke: list('a list of probes: [http.get("/health")]', probe).default([]),
    alarms: list('a list of alarm names', alarmName).default([]),
    errorRate: strict('an error rate: { atMost: "1%" }', {
      atMost: rate(),
    }).prefault({ atMost: '1%' }),
    comparison: strict('null, or what is compared: { falseAlarms, worse, … }', {
      falseAlarms: rate().prefault('1%'),
      falsePasses: rate().prefault('5%'),
      worse: margin(1.25, '0.05%'),
      harmful: margin(2, '0.25%'),
      slower: strict('null, or how much slower: { ratio, plus }', {
        ratio: z.number({ error: 'a ratio from 1 on, like 1.1' }).min(1, 'a ratio from 1 on, like 1.1').default(1.1),
        plus: z.number({ error: 'seconds, like 0.01' }).min(0).max(60).default(0.01),
      })
        .nullable()
        .prefault({}),
      burst: z.number({ error: 'a burst from 1 to 100, or null' }).min(1).max(100).nullable().default(null),
    })
      .nullable()
      .prefault({}),
    decisions: strict('what follows: { worse, notSeenWorse, noTraffic, noMetrics }', {
      worse: choice('rollback', 'pause').default(usualDecisions.worse),
      notSeenWorse: choice('advance', 'pause', 'rollback').default(usualDecisions.notSeenWorse),
      noTraffic: choice('pause', 'advance', 'rollback').default(usualDecisions.noTraffic),
      noMetrics: choice('pause', 'advance', 'rollback').default(usualDecisions.noMetrics),
    }).prefault({}),
    passes: whole('a whole number of health checks from 1 to 10', 1, 10).default(2),
    warmUp: duration().prefault(0),
    readyWithin: duration(1, { most: longestReadiness }).optional(),
  }).prefault({}),
  metrics: metrics.prefault({ kind: 'cloudwatch' }),
  approval: strict('null, or { within: "1 day" }', { within: duration(1, { most: longestWait }) })
    .nullable()
    .default(null),
  growth: choice('withWeight', 'upfront').optional(),
  maxExtra: whole('a whole number of instances from 1 to 1000, or null', 1, 1000).nullable().default(null),
  mode: choice('automatic', 'observe').default('automatic'),
  prices: z
    .record(z.string(), z.number({ error: 'a price of an instance hour like 0.0816' }).min(0), {
      error: 'prices of an instance hour by instance type: { "m7g.large": 0.0816 }',
    })
    .default({}),
  timing: strict('timing: { period, settling }', {
    period: period.prefault('60 seconds'),
    settling: duration(1).prefault('2 minutes'),
  }).prefault({}),
});

/** Seconds a fleet may take to become ready where nothing is written: ten periods, and the limit at most. */
export const usualReadiness = (period: number): number => Math.min(longestReadiness, 10 * period);

/** A checked service as it is kept: with its name, and those defaults that depend on other values. */
export const filled = (name: string, checked: z.output<typeof writtenService>): Service => ({
  name,
  ...checked,
  checks: { ...checked.checks, readyWithin: checked.checks.readyWithin ?? usualReadiness(checked.timing.period) },
  // A group's number is its own, and not known before it is looked at.
  growth:
    checked.growth ??
    (checked.fleet.kind === 'instances' && checked.maxExtra === null ? growthFor(checked.fleet.count) : null),
});
