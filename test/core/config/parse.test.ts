/** Configurations: what four keys come to, and everything else that can be written. */
import { describe, expect, test } from 'vitest';
import { describeDefaults } from '../../../core/config/describe.ts';
import { parseServices } from '../../../core/config/parse.ts';
import {
  allAtOnce,
  ami,
  blueGreen,
  canary,
  ecr,
  http,
  imageBuilder,
  instances,
  linear,
  parameter,
} from '../../../core/index.ts';
import { groupArn, ruleArn, service, written } from '../build.ts';

describe('a configuration', () => {
  test('of four keys is enough, and every default fills it up', () => {
    expect(service()).toEqual({
      name: 'checkout',
      image: { kind: 'ecr', repository: 'acme/checkout', tags: ['release-*'] },
      fleet: { kind: 'instances', launchTemplate: 'checkout', subnets: ['subnet-a', 'subnet-b'], count: 4 },
      rules: [ruleArn('checkout-443')],
      slots: { blue: groupArn('checkout-blue'), green: groupArn('checkout-green') },
      strategy: {
        steps: [
          { weight: 5, bake: 300 },
          { weight: 25, bake: 300 },
          { weight: 50, bake: 300 },
          { weight: 100, bake: 900 },
        ],
      },
      checks: {
        smoke: [],
        alarms: [],
        errorRate: { atMost: 0.01 },
        comparison: {
          falseAlarms: 0.01,
          falsePasses: 0.05,
          worse: { ratio: 1.25, plus: 0.0005 },
          harmful: { ratio: 2, plus: 0.0025 },
          slower: { ratio: 1.1, plus: 0.01 },
          burst: null,
        },
        decisions: { worse: 'rollback', notSeenWorse: 'advance', noTraffic: 'pause', noMetrics: 'pause' },
        passes: 2,
        readyWithin: 600,
        warmUp: 0,
      },
      metrics: { kind: 'cloudwatch' },
      approval: null,
      growth: 'upfront',
      maxExtra: null,
      mode: 'automatic',
      prices: {},
      timing: { period: 60, settling: 120 },
    });
  });

  test('takes everything that can be written', () => {
    const full = service({
      strategy: linear(50, { bake: '90 seconds', keepOldFor: '1.5 hours' }),
      checks: {
        smoke: [http.get('/health'), http.get('/old', { from: 301, to: 308, within: '2 s' })],
        alarms: ['checkout-5xx'],
        errorRate: { atMost: '0.5 %' },
        decisions: { worse: 'pause', noTraffic: 'rollback' },
        comparison: { falseAlarms: '0.1 %', worse: { ratio: 1.5 }, harmful: { plus: '1%' }, burst: 5 },
        passes: 3,
        readyWithin: '5 minutes',
        warmUp: 30,
      },
      approval: { within: '1 day' },
      growth: 'withWeight',
      timing: { period: '2 minutes', settling: '3 minutes' },
    });
    expect(full.strategy.steps).toEqual([
      { weight: 50, bake: 90 },
      { weight: 100, bake: 5400 },
    ]);
    expect(full.checks).toEqual({
      smoke: [
        { path: '/health', from: 200, to: 299, within: 5 },
        { path: '/old', from: 301, to: 308, within: 2 },
      ],
      alarms: ['checkout-5xx'],
      errorRate: { atMost: 0.005 },
      comparison: {
        falseAlarms: 0.001,
        falsePasses: 0.05,
        worse: { ratio: 1.5, plus: 0.0005 },
        harmful: { ratio: 2, plus: 0.01 },
        slower: { ratio: 1.1, plus: 0.01 },
        burst: 5,
      },
      decisions: { worse: 'pause', notSeenWorse: 'advance', noTraffic: 'rollback', noMetrics: 'pause' },
      passes: 3,
      readyWithin: 300,
      warmUp: 30,
    });
    expect(full).toMatchObject({
      approval: { within: 86_400 },
      growth: 'withWeight',
      timing: { period: 120, settling: 180 },
    });
  });

  test('waits ten periods for readiness, and grows with the weight from ten instances on', () => {
    expect(service({ timing: { period: 2 } }).checks.readyWithin).toBe(20);
    expect(service({ timing: { period: '20 minutes' } }).checks.readyWithin).toBe(7200);
    const of = (count: number) =>
      service({ fleet: instances({ launchTemplate: 'big', subnets: ['subnet-a'], count }) });
    expect([of(9).growth, of(10).growth]).toEqual(['upfront', 'withWeight']);
  });

  test.each([
    ['ecr', ecr('acme/checkout'), { kind: 'ecr', repository: 'acme/checkout', tags: ['*'] }],
    ['ami', ami({ name: 'checkout-*' }), { kind: 'ami', name: 'checkout-*', owner: 'self' }],
    [
      'imageBuilder',
      imageBuilder('arn:aws-us-gov:imagebuilder:us-gov-west-1:123456789012:image/checkout'),
      { kind: 'imageBuilder', arn: 'arn:aws-us-gov:imagebuilder:us-gov-west-1:123456789012:image/checkout' },
    ],
    ['parameter', parameter('/checkout/ami'), { kind: 'parameter', name: '/checkout/ami' }],
  ] as const)('takes the image source %s', (_, source, expected) => {
    expect(service({ image: source }).image).toEqual(expected);
  });

  test.each([
    ['canary', canary([5, 25], { bake: 60, keepOldFor: 90 }), [5, 25, 100], [60, 60, 90]],
    ['canary without weights', canary([], { keepOldFor: 90 }), [100], [90]],
    ['linear in quarters', linear(25, { bake: 60, keepOldFor: 90 }), [25, 50, 75, 100], [60, 60, 60, 90]],
    ['linear that does not divide 100', linear(40, { bake: 60, keepOldFor: 90 }), [40, 80, 100], [60, 60, 90]],
    ['linear by 100', linear(100), [100], [900]],
    ['blueGreen', blueGreen({ keepOldFor: '1 hour' }), [100], [3600]],
    ['allAtOnce', allAtOnce(), [100], [0]],
  ] as const)('takes the strategy %s as steps', (_, strategy, weights, bakes) => {
    const { steps } = service({ strategy }).strategy;
    expect(steps.map(({ weight }) => weight)).toEqual(weights);
    expect(steps.map(({ bake }) => bake)).toEqual(bakes);
  });

  test.each([
    ['the local period', { timing: { period: 7, settling: 1 } }],
    ['bakes of two weeks together', { strategy: canary([50], { bake: '4 days', keepOldFor: '10 days' }) }],
    ['an approval within two weeks', { approval: { within: '14 days' } }],
    ['two hours to become ready', { checks: { readyWithin: '2 hours', warmUp: 7199 } }],
    ['a probe of one status in 20 seconds', { checks: { smoke: [http.get('/', { from: 204, to: 204, within: 20 })] } }],
    ['two rules of one load balancer', { rules: [ruleArn('http'), ruleArn('https')] }],
  ])('may go to the limit: %s', (_, different) => {
    expect(() => service(different)).not.toThrow();
  });

  test('may have a service whose name only begins like a recovery', () => {
    expect(service({}, 'recovery').name).toBe('recovery');
  });

  test('is plain JSON, and filled in again is what it was', () => {
    const { name, ...rest } = service({
      approval: { within: 60 },
      checks: { smoke: [http.get('/health')] },
      strategy: canary([5], { bake: { atLeast: '2 minutes', atMost: '10 minutes' } }),
    });
    expect(rest.strategy.steps[0]).toEqual({ weight: 5, bake: 600, atLeast: 120 });
    expect(JSON.parse(JSON.stringify(rest))).toEqual(rest);
    expect(parseServices({ [name]: rest })).toEqual({ ok: true, services: [{ name, ...rest }] });
  });

  test('says which of its values are defaults', () => {
    const own: Record<string, unknown> = { ...written(), checks: { errorRate: { atMost: '2%' }, alarms: ['a', 'b'] } };
    const described = describeDefaults(own, service({ checks: { errorRate: { atMost: '2%' }, alarms: ['a', 'b'] } }));
    expect(described.filter(({ isDefault }) => isDefault).map(({ path, value }) => `${path} = ${value}`)).toEqual([
      'strategy = 5 % for 5 minutes, 25 % for 5 minutes, 50 % for 5 minutes, 100 % for 15 minutes',
      'checks.smoke = none',
      'checks.comparison.falseAlarms = 1 %',
      'checks.comparison.falsePasses = 5 %',
      'checks.comparison.worse.ratio = 1.25',
      'checks.comparison.worse.plus = 0.05 %',
      'checks.comparison.harmful.ratio = 2',
      'checks.comparison.harmful.plus = 0.25 %',
      'checks.comparison.slower.ratio = 1.1',
      'checks.comparison.slower.plus = 10 ms',
      "checks.comparison.burst = measured from the old version's last three hours",
      'checks.decisions.worse = rollback',
      'checks.decisions.notSeenWorse = advance',
      'checks.decisions.noTraffic = pause',
      'checks.decisions.noMetrics = pause',
      'checks.passes = 2',
      'checks.warmUp = 0 seconds',
      'checks.readyWithin = 10 minutes',
      'metrics.kind = cloudwatch',
      'approval = none',
      'maxExtra = none',
      'mode = automatic',
      'timing.period = 1 minute',
      'timing.settling = 2 minutes',
      'growth = upfront',
    ]);
    expect(described.filter(({ isDefault }) => !isDefault)).toContainEqual({
      path: 'checks.errorRate.atMost',
      value: '2 %',
      isDefault: false,
    });
    expect(described).toContainEqual({ path: 'checks.alarms', value: 'a, b', isDefault: false });
  });
});
