/** Place by place, what may be written in a configuration: to the limits, one beyond them, and the words that a person reads then. */
import { describe, expect, test } from 'vitest';
import { describeDefaults } from '../../../core/config/describe.ts';
import { parseServices } from '../../../core/config/parse.ts';
import { formatValue, pathText, problemText } from '../../../core/config/problems.ts';
import {
  ami,
  cloudwatch,
  ecr,
  groups,
  http,
  imageBuilder,
  instances,
  linear,
  parameter,
  prometheus,
  type WrittenService,
} from '../../../core/index.ts';
import { groupArn, ruleArn, service, withAt, writtenInFull } from '../build.ts';

/** What is said of one service; nothing: it is taken. */
const said = (written: unknown): string[] => {
  const parsed = parseServices({ checkout: written });
  return parsed.ok ? [] : parsed.problems.map(problemText);
};

const keysOf = (place: string): PropertyKey[] =>
  place
    .replaceAll('[', '.')
    .replaceAll(']', '')
    .split('.')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));

const share = 'a share like "1%", or a number from 0 to 1';
const duration = 'a duration of whole seconds like "90 seconds", "5 minutes" or 90';
const instancesUpTo = 'a whole number of instances from 1 to 1000';
const status = 'an HTTP status from 100 to 599';
const tag = 'a tag pattern like "release-*"';
const promql =
  'PromQL with $period and $slot (or $targetGroup) in it, like sum(increase(http_requests_total{slot="$slot"';
const aws = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const builder = 'arn:aws:imagebuilder:eu-west-1:123456789012:image';

const ofImages = (image: WrittenService['image']): WrittenService => ({ ...writtenInFull, image });
const ofGroups: WrittenService = {
  ...writtenInFull,
  fleet: groups({ blue: 'web', green: 'web-2', count: 3 }),
};

/** Where, within what, the words, what is taken there, and what is not. */
type Place = [place: string, within: WrittenService, expected: string, taken: unknown[], refused: unknown[]];

const places: Place[] = [
  [
    'image.repository',
    writtenInFull,
    'the name of an ECR repository like "acme/checkout", without its registry',
    ['a', 'acme', 'acme/check-out_2.x', 'a__b'],
    ['', 'Acme', '/acme', 'acme/', 'acme//-', 'acme checkout', 7],
  ],
  ['image.tags[0]', writtenInFull, tag, ['v', '*', 'release 7', 'v?'], ['', ' v', 'v ', null]],
  ['image.tags', writtenInFull, 'a list of at least one tag pattern like "release-*"', [['*']], [[], 'v', null]],
  [
    'image.name',
    ofImages(ami({ name: 'web-*' })),
    'an AMI name or a pattern for it like "checkout-*"',
    ['x', 'web *'],
    ['', ' web', 'web ', 1],
  ],
  [
    'image.owner',
    ofImages(ami({ name: 'web-*', owner: 'self' })),
    'an account number, "self", "amazon" or "aws-marketplace"',
    ['123456789012', 'self', 'amazon', 'aws-marketplace'],
    ['12345678901', '1234567890123', 'me', 'selfish', ''],
  ],
  [
    'image.arn',
    ofImages(imageBuilder(`${builder}/x`)),
    'the ARN of an Image Builder image like "arn:aws:imagebuilder:eu-west-1:123456789012:image/checkout"',
    [`${builder}/check-out2`, `${builder}/x/1.20.3`, `${builder}/x`.replace('aws', 'aws-cn')],
    [
      `${builder}/x/1.2`,
      `${builder}/x/1.2.3/4`,
      `${builder}/X`,
      `x${builder}/x`,
      `${builder}/x`.replace('12:', '1:'),
      '',
    ],
  ],
  [
    'image.name',
    ofImages(parameter('/checkout/ami')),
    'the name of a Systems Manager parameter like "/checkout/ami"',
    ['ami', '/ami', '/a/b.c/d-e_f'],
    ['', '/', 'a/b', '/a/', '/a b', '//a'],
  ],
  [
    'fleet.launchTemplate',
    writtenInFull,
    'the name or id of a launch template, without a version: its default one is pinned at each admission',
    ['web', 'lt-0123', 'a(b)./-_', 'x'.repeat(128)],
    ['', 'we', 'x'.repeat(129), 'web:7', '$Latest'],
  ],
  ['fleet.subnets', writtenInFull, 'a list of at least one subnet', [['subnet-a']], [[], 'subnet-a']],
  [
    'fleet.subnets[0]',
    writtenInFull,
    'a subnet id like "subnet-0a1b2c3d"',
    ['subnet-0a1B'],
    ['subnet-', 'subnet', 'a-subnet-1', 'subnet-a b', ''],
  ],
  ['fleet.count', writtenInFull, `${instancesUpTo}, a target group's limit`, [1, 2, 1000], [0, 1001, 1.5, '4', null]],
  [
    'fleet.blue',
    ofGroups,
    'the name of an Auto Scaling group',
    ['a', 'my group', 'x'.repeat(255)],
    ['', ' a', 'a ', 'a:b', 'a/b', '/', 'x'.repeat(256)],
  ],
  ['fleet.count', ofGroups, `${instancesUpTo}, a target group's limit`, [1, 1000], [0, 1001]],
  [
    'rules[0]',
    writtenInFull,
    'the ARN of an Application Load Balancer\'s listener rule, "arn:aws:elasticloadbalancing:…:listener-rule/app/…"',
    [ruleArn('b7')],
    [`${ruleArn('b')}/c`, ruleArn(''), `x${ruleArn('b')}`, ruleArn('b').replace('/app/', '/net/'), 7],
  ],
  [
    'slots.blue',
    writtenInFull,
    'a target group\'s ARN like "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/checkout-blue/0123456789abcdef"',
    [groupArn('b-7')],
    [`${aws}:targetgroup/b`, `${groupArn('b')}/c`, 'blue', ''],
  ],
  [
    'strategy',
    writtenInFull,
    'a strategy: canary(…), linear(…), blueGreen(…), allAtOnce() or { steps }',
    [{ steps: [{ weight: 100, bake: 0 }] }],
    ['canary', 7, [], null],
  ],
  [
    'strategy.steps[0].weight',
    writtenInFull,
    'a weight: a whole number from 1 to 100',
    [1, 49],
    [0, 101, 2.5, '5', null],
  ],
  ['strategy.steps[0]', writtenInFull, 'a step { weight, bake }', [{ weight: 1, bake: 0 }], [5, 'x', null]],
  [
    'strategy.steps',
    writtenInFull,
    'a list of at least one step { weight, bake }',
    [[{ weight: 100, bake: 0 }]],
    [[], 'x'],
  ],
  [
    'strategy.steps[0].bake',
    writtenInFull,
    'a duration like "5 minutes", or { atLeast: "2 minutes", atMost: "10 minutes" }',
    [0, '5 minutes', { atLeast: 0, atMost: 60 }],
    ['soon', -1, null],
  ],
  ['strategy.steps[0].atLeast', writtenInFull, duration, [0, '5 minutes'], ['soon', -1, null]],
  ['checks.smoke', writtenInFull, 'a list of probes: [http.get("/health")]', [[]], [{}, '/health']],
  ['checks.smoke[0]', writtenInFull, 'a probe: http.get("/health")', [http.get('/')], ['/health', null]],
  [
    'checks.smoke[0].path',
    writtenInFull,
    'a path that begins with a slash, like "/health"',
    ['/', '/a?b=c'],
    ['', 'a', '/a b', '/a ', null],
  ],
  ['checks.smoke[0].from', writtenInFull, status, [100, 299], [99, 200.5, '200']],
  ['checks.smoke[0].to', writtenInFull, status, [200, 599], [600, null]],
  [
    'checks.smoke[0].within',
    writtenInFull,
    'a duration of whole seconds like "5 seconds" or 5, at least 1 s, at most 20 seconds',
    [1, 20, '7 s'],
    [0, 21, 1.5, 'soon'],
  ],
  ['checks.alarms', writtenInFull, 'a list of alarm names', [[]], ['a', {}]],
  [
    'checks.alarms[0]',
    writtenInFull,
    'the name of a CloudWatch alarm',
    ['a', 'my alarm', 'x'.repeat(255)],
    ['', ' a', 'x'.repeat(256), 7],
  ],
  ['checks.errorRate', writtenInFull, 'an error rate: { atMost: "1%" }', [{ atMost: 0 }], ['1%', 0.01, null]],
  [
    'checks.errorRate.atMost',
    writtenInFull,
    share,
    [0, 1, 0.5, '0%', '100%', ' 1.25 % '],
    [-0.1, 1.1, '101%', '1', '%', '1.%', 'x1%', '1%x', '1 2%', null],
  ],
  ['checks.comparison', writtenInFull, 'null, or what is compared: { falseAlarms, worse, … }', [null, {}], ['yes', 7]],
  ['checks.comparison.falseAlarms', writtenInFull, share, ['1%', 0.5], ['much', 2]],
  ['checks.comparison.falsePasses', writtenInFull, share, ['1%', 0.5], ['much', 2]],
  ['checks.comparison.worse', writtenInFull, 'a margin: { ratio, plus }', [{}], [2, null]],
  ['checks.comparison.worse.ratio', writtenInFull, 'a ratio from 1 on, like 1.25', [1, 7.5], [0.99, '2', null]],
  ['checks.comparison.worse.plus', writtenInFull, share, ['1%', 0], ['much']],
  ['checks.comparison.slower', writtenInFull, 'null, or how much slower: { ratio, plus }', [null, {}], ['much', 2]],
  ['checks.comparison.slower.ratio', writtenInFull, 'a ratio from 1 on, like 1.1', [1, 7.5], [0.99, '2', null]],
  ['checks.comparison.slower.plus', writtenInFull, 'a number of seconds from 0 to 60, like 0.01', [0, 60], ['1', null]],
  ['checks.comparison.burst', writtenInFull, 'a burst from 1 to 100, or null', [1, 100, null], ['5']],
  [
    'checks.decisions',
    writtenInFull,
    'what follows: { worse, notSeenWorse, noTraffic, noMetrics }',
    [{}],
    ['pause', null],
  ],
  ['checks.decisions.worse', writtenInFull, 'one of "rollback", "pause"', ['rollback', 'pause'], ['advance', '', null]],
  ...['notSeenWorse', 'noTraffic', 'noMetrics'].map(
    (key): Place => [
      `checks.decisions.${key}`,
      writtenInFull,
      key === 'notSeenWorse' ? 'one of "advance", "pause", "rollback"' : 'one of "pause", "advance", "rollback"',
      ['rollback', 'pause', 'advance'],
      ['wait', '', null],
    ],
  ),
  ['checks.passes', writtenInFull, 'a whole number of health checks from 1 to 10', [1, 10], [0, 11, 1.5, '2']],
  ['checks.warmUp', writtenInFull, duration, [0, '1 minute'], [-1, 'soon', 0.5]],
  ['checks.readyWithin', writtenInFull, `${duration}, at least 1 s, at most 2 hours`, [31, 7200], [7201, 'soon']],
  ['checks', writtenInFull, 'checks: { smoke, alarms, errorRate, … }', [{}], [7, null]],
  [
    'metrics.url',
    writtenInFull,
    'the address of a Prometheus like "http://prometheus.internal:9090", without credentials',
    ['http://p', 'https://p:9090/prom/x'],
    ['p:9090', 'http://', 'http://u:p@p', 'http://p/?x', 'http://p/#x', 'http://p /', 'ftp://p', 'xhttp://p', ''],
  ],
  ...['requests', 'errors', 'durations'].map(
    (key): Place => [
      `metrics.${key}`,
      writtenInFull,
      expect.stringContaining(key === 'durations' ? promql.slice(0, 60) : promql),
      ['x[$period]{$slot}', '$targetGroup\n$period'],
      ['x', 'x[$period]', 'x{$slot}', '$periods $slot', '$period $slots', 7],
    ],
  ),
  [
    'metrics.durations',
    writtenInFull,
    expect.stringMatching(/^PromQL .*\(http_request_duration_seconds_bucket\{/),
    [null],
    [''],
  ],
  ['metrics.errors', writtenInFull, expect.stringMatching(/code=~"5\.\."/), [], ['']],
  ['approval', writtenInFull, 'null, or { within: "1 day" }', [null, { within: 1 }], ['1 day', 60]],
  ['approval.within', writtenInFull, `${duration}, at least 1 s, at most 14 days`, [1, '14 days'], [0, '15 days']],
  ['growth', writtenInFull, 'one of "withWeight", "upfront"', ['withWeight', 'upfront'], ['', null]],
  ['maxExtra', writtenInFull, `${instancesUpTo}, or null`, [1, 1000, null], [0, 1001, 1.5, '1']],
  ['mode', writtenInFull, 'one of "automatic", "observe"', ['automatic', 'observe'], ['', null]],
  [
    'prices',
    writtenInFull,
    'prices of an instance hour by instance type: { "m7g.large": 0.0816 }',
    [{}],
    ['cheap', 7, null],
  ],
  ['timing', writtenInFull, 'timing: { period, settling }', [{}], [60, null]],
  [
    'timing.period',
    writtenInFull,
    'a period of whole minutes like "60 seconds" or "5 minutes", or of whole seconds below 60, for which only the local cloud has metrics',
    [1, 59, 60, 120, '1 hour'],
    [0, 61, 90, 'soon'],
  ],
  ['timing.settling', writtenInFull, `${duration}, at least 1 s`, [1, '1 hour'], [0, 'soon']],
];

describe.each(places)('%s', (place, within, expected, taken, refused) => {
  test.each(taken.map((value) => [value]))('may be %j', (value) => {
    expect(said(withAt(within, keysOf(place), value))).toEqual([]);
  });

  test.each(refused.map((value) => [value]))('may not be %j', (value) => {
    const keys = keysOf(place);
    const parsed = parseServices({ checkout: withAt(within, keys, value) });
    expect(parsed.ok ? [] : parsed.problems).toContainEqual({
      path: pathText(['checkout', ...keys]),
      expected,
      found: formatValue(value),
    });
  });
});

test('numbers have their limits, too, where nothing more is said of them', () => {
  const wrong: [string, unknown][] = [
    ['checks.comparison.slower.plus', -0.1],
    ['checks.comparison.slower.plus', 60.1],
    ['checks.comparison.burst', 0.9],
    ['checks.comparison.burst', 101],
    ['prices.large', -1],
    ['prices.large', '1'],
  ];
  for (const [place, value] of wrong)
    expect(said(withAt(writtenInFull, keysOf(place), value))).toEqual([
      expect.stringMatching(new RegExp(`^checkout\\.${place}: expected .+, found `)),
    ]);
});

test.each([
  ['image', { kind: 'docker' }, 'image.kind', 'an image source: ecr(…), ami(…), imageBuilder(…) or parameter(…)'],
  ['fleet', {}, 'fleet.kind', 'a fleet: groups({ blue, green }) or instances({ launchTemplate, subnets, count })'],
  ['metrics', { kind: 'x' }, 'metrics.kind', 'a metrics provider: cloudwatch() or prometheus(…)'],
])('an %s of another kind is told which there are', (key, value, path, expected) => {
  const parsed = parseServices({ checkout: withAt(writtenInFull, [key], value) });
  expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ path: `checkout.${path}`, expected }]);
});

test.each([
  ['a service that is none', 'checkout', 'a service: { image, fleet, rules, slots }'],
  ['slots that are none', withAt(writtenInFull, ['slots'], 7), 'the ARNs of two target groups: { blue, green }'],
  ['rules that are none', withAt(writtenInFull, ['rules'], []), "a list of at least one listener rule's ARN"],
])('%s', (_, written, expected) => {
  expect(said(written).join('\n')).toContain(`expected ${expected}`);
});

describe('a service’s name', () => {
  test.each(['a', '7', 'checkout', 'check-out-2', 'x'.repeat(40), 'recovery'])('may be %s', (name) => {
    expect(parseServices({ [name]: writtenInFull }).ok).toBe(true);
  });

  test.each(['', 'Checkout', '-a', 'a-', 'a--b', 'a_b', 'a b', 'x'.repeat(41), 'recover', 'recover-a'])(
    'may not be %j',
    (name) => {
      const parsed = parseServices({ [name]: writtenInFull });
      expect(parsed.ok ? [] : parsed.problems).toEqual([
        {
          path: name,
          expected:
            'a service name of lower-case letters, digits and single hyphens between them, at most 40 characters, and neither "recover", "continue" nor one of them with "-…" behind it: the pipeline names its own executions so',
          found: formatValue(name),
        },
      ]);
    },
  );
});

describe('the spellings', () => {
  test('of sources and fleets are plain values', () => {
    expect([ecr('acme/x'), ecr('acme/x', { tags: ['v*'] }), ami({ name: 'x', owner: 'amazon' })]).toEqual([
      { kind: 'ecr', repository: 'acme/x' },
      { kind: 'ecr', repository: 'acme/x', tags: ['v*'] },
      { kind: 'ami', name: 'x', owner: 'amazon' },
    ]);
    expect([imageBuilder('arn'), parameter('/x'), cloudwatch()]).toEqual([
      { kind: 'imageBuilder', arn: 'arn' },
      { kind: 'parameter', name: '/x' },
      { kind: 'cloudwatch' },
    ]);
    expect([groups({ blue: 'a', green: 'b' }), instances({ launchTemplate: 'x', subnets: [], count: 1 })]).toEqual([
      { kind: 'groups', blue: 'a', green: 'b' },
      { kind: 'instances', launchTemplate: 'x', subnets: [], count: 1 },
    ]);
    expect(prometheus({ url: 'u', requests: 'r', errors: 'e' })).toEqual({
      kind: 'prometheus',
      url: 'u',
      requests: 'r',
      errors: 'e',
    });
    expect([http.get('/x'), http.get('/x', { to: 204 })]).toEqual([{ path: '/x' }, { path: '/x', to: 204 }]);
  });

  test('of a bake that may end early keep the shorter of the two', () => {
    const of = (bake: unknown, atLeast?: unknown) => {
      const parsed = parseServices({
        checkout: { ...writtenInFull, strategy: { steps: [{ weight: 100, bake, atLeast }] } },
      });
      return parsed.ok ? parsed.services[0]?.strategy.steps : undefined;
    };
    expect(of({ atLeast: '2 minutes', atMost: '10 minutes' })).toEqual([{ weight: 100, bake: 600, atLeast: 120 }]);
    expect(of({ atLeast: '20 minutes', atMost: '10 minutes' })).toEqual([{ weight: 100, bake: 600, atLeast: 600 }]);
    expect(of(600, 60)).toEqual([{ weight: 100, bake: 600, atLeast: 60 }]);
    expect(of(600)).toEqual([{ weight: 100, bake: 600 }]);
  });
});

test.each([
  [1, 100, 1],
  [100, 1, 100],
  [0, 2, 0],
  [150, 2, 150],
  [0.5, 2, 0.5],
])('linear by %d is %i steps, the first of %d: what is no percentage is kept, to be refused', (by, many, first) => {
  const { steps } = linear(by);
  expect([steps.length, steps[0]?.weight, steps.at(-1)?.weight]).toEqual([many, first, 100]);
});

describe('a fleet of groups', () => {
  test('begins with two unless told, and its own number says how it grows', () => {
    const fleet = groups({ blue: 'web', green: 'web-2' });
    expect(service({ fleet })).toMatchObject({ fleet: { count: 2 }, growth: null });
    expect(service({ fleet, growth: 'upfront' }).growth).toBe('upfront');
  });

  test('of instances with a cap on those beside it has its growth decided at admission', () => {
    expect(service({ maxExtra: 4 }).growth).toBeNull();
    expect(service({ maxExtra: 4, growth: 'upfront' }).growth).toBe('upfront');
  });
});

test('a service is described with everything that is in it, as a person would write it', () => {
  const { growth: _, maxExtra: __, ...written } = { ...writtenInFull, fleet: groups({ blue: 'web', green: 'web-2' }) };
  const described = describeDefaults(written, service(written));
  expect(described.map(({ path, value, isDefault }) => `${path} = ${value}${isDefault ? ' (default)' : ''}`)).toEqual([
    'image.kind = ecr',
    'image.repository = acme/checkout',
    'image.tags = release-*',
    'fleet.kind = groups',
    'fleet.blue = web',
    'fleet.green = web-2',
    'fleet.count = 2 (default)',
    `rules = ${ruleArn('checkout-443')}`,
    `slots.blue = ${groupArn('checkout-blue')}`,
    `slots.green = ${groupArn('checkout-green')}`,
    'strategy = 5 % for 2 minutes to 10 minutes, 50 % for 2 minutes to 10 minutes, 100 % for 1 hour',
    'checks.smoke[0].path = /health',
    'checks.smoke[0].from = 200 (default)',
    'checks.smoke[0].to = 299 (default)',
    'checks.smoke[0].within = 5 seconds (default)',
    'checks.smoke[1].path = /old',
    'checks.smoke[1].from = 301',
    'checks.smoke[1].to = 308',
    'checks.smoke[1].within = 2 seconds',
    'checks.alarms = checkout-5xx',
    'checks.errorRate.atMost = 2 %',
    'checks.comparison.falseAlarms = 1 %',
    'checks.comparison.falsePasses = 5 %',
    'checks.comparison.worse.ratio = 1.5',
    'checks.comparison.worse.plus = 0.1 %',
    'checks.comparison.harmful.ratio = 3',
    'checks.comparison.harmful.plus = 1 %',
    'checks.comparison.slower.ratio = 1.2',
    'checks.comparison.slower.plus = 20 ms',
    'checks.comparison.burst = 4',
    'checks.decisions.worse = pause',
    'checks.decisions.notSeenWorse = pause',
    'checks.decisions.noTraffic = advance',
    'checks.decisions.noMetrics = rollback',
    'checks.passes = 3',
    'checks.warmUp = 30 seconds',
    'checks.readyWithin = 20 minutes',
    'metrics.kind = prometheus',
    'metrics.url = http://prometheus:9090',
    'metrics.requests = sum(increase(requests{slot="$slot"}[$period]))',
    'metrics.errors = sum(increase(errors{slot="$slot"}[$period]))',
    'metrics.durations = sum by (le) (increase(seconds_bucket{slot="$slot"}[$period]))',
    'approval.within = 1 day',
    'maxExtra = none (default)',
    'mode = observe',
    'prices.m7g.large = 0.0816',
    'timing.period = 1 minute',
    'timing.settling = 2 minutes',
    'growth = withWeight from ten instances on, else upfront (default)',
  ]);
});

test('what is left out on purpose is described as that', () => {
  const metrics = prometheus({ url: 'http://p', requests: '$slot $period', errors: '$slot $period' });
  const of = (different: Partial<WrittenService>, place: string) =>
    describeDefaults({}, service(different)).find(({ path }) => path === place)?.value;
  expect(of({ metrics }, 'metrics.durations')).toBe('answer times are not compared');
  expect(of({ checks: { comparison: null } }, 'checks.comparison')).toBe('none');
  expect(of({ checks: { comparison: { slower: null } } }, 'checks.comparison.slower')).toBe('none');
  expect(of({ prices: { 'm7g.large': 1 } }, 'prices.m7g.large')).toBe('1');
});
