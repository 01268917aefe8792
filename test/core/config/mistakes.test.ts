/** Mistakes in configurations: all at once, each where it is, and nothing thrown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseServices } from '../../../core/config/parse.ts';
import { formatValue, pathText, problemsOfIssues, problemText, valueAt } from '../../../core/config/problems.ts';
import { canary, defineServices, ecr, http, imageBuilder, linear } from '../../../core/index.ts';
import { groupArn, ruleArn, written } from '../build.ts';

/** `path: expected …, found …` of everything wrong with one service called checkout. */
const mistakesIn = (different: Record<string, unknown>): string[] => {
  const parsed = parseServices({ checkout: { ...written(), ...different } });
  return parsed.ok ? [] : parsed.problems.map(problemText);
};

describe('mistakes', () => {
  test('are reported all at once: ten mistakes are ten problems', () => {
    const parsed = parseServices({
      Checkout: {
        ...written('checkout'),
        fleet: { kind: 'instances', launchTemplate: '$Latest', subnets: [], count: 0 },
      },
      shop: {
        ...written('shop'),
        rules: [ruleArn('checkout-443')],
        slots: { blue: groupArn('shop'), green: groupArn('shop') },
        strategy: canary([25, 5]),
        checks: { errorRate: { atMost: '200%' }, alarm: ['shop-5xx'] },
        timing: { settling: 'soon' },
      },
    });
    if (parsed.ok) throw new Error('it is valid');
    expect(parsed.problems.map(problemText)).toEqual([
      expect.stringMatching(/^Checkout: expected a service name of lower-case .*, found "Checkout"$/),
      'Checkout.fleet.launchTemplate: expected the name or id of a launch template, without a version: its default one is pinned at each admission, found "$Latest"',
      'Checkout.fleet.subnets: expected a list of at least one subnet, found []',
      expect.stringMatching(/^Checkout\.fleet\.count: expected a whole number of instances from 1 to 1000.*, found 0$/),
      'shop.checks.errorRate.atMost: expected a share like "1%", or a number from 0 to 1, found "200%"',
      expect.stringMatching(/^shop\.timing\.settling: expected a duration of whole seconds .*, found "soon"$/),
      expect.stringMatching(
        /^shop\.checks\.alarm: expected one of the keys .*; did you mean alarms\?, found the key "alarm"$/,
      ),
      'shop.strategy.steps: expected weights that rise from step to step and end at 100, found 25, 5, 100',
      expect.stringMatching(/^shop\.rules\[0\]: expected a rule of its own, found .*, which is Checkout\.rules\[0\]$/),
      expect.stringMatching(
        /^shop\.slots\.green: expected a target group of its own, found .*, which is shop\.slots\.blue$/,
      ),
    ]);
  });

  test.each([
    ['a missing key', { image: undefined }, /^checkout\.image: expected an image source: .*, found nothing$/],
    [
      'an unknown image source',
      { image: { kind: 'docker' } },
      /^checkout\.image\.kind: expected an image source: .*, found "docker"$/,
    ],
    [
      'an ECR registry in the name',
      { image: ecr('123456789012.dkr.ecr.eu-west-1.amazonaws.com/Acme') },
      /^checkout\.image\.repository: expected the name/,
    ],
    [
      'no tag pattern',
      { image: ecr('acme/checkout', { tags: [] }) },
      /^checkout\.image\.tags: expected a list of at least one/,
    ],
    [
      'a pipeline for an image',
      { image: imageBuilder('arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/x') },
      /^checkout\.image\.arn: /,
    ],
    [
      'an unknown fleet',
      { fleet: { kind: 'lambda' } },
      /^checkout\.fleet\.kind: expected a fleet: groups\(\{ blue, green \}\) or instances/,
    ],
    ['half an instance', { fleet: { ...written().fleet, count: 2.5 } }, /^checkout\.fleet\.count: .*, found 2\.5$/],
    ['no rule', { rules: [] }, /^checkout\.rules: expected a list of at least one listener rule's ARN, found \[\]$/],
    [
      'a network load balancer',
      { rules: [ruleArn('x').replace('/app/', '/net/')] },
      /^checkout\.rules\[0\]: expected the ARN of an Application/,
    ],
    [
      'a listener for a rule',
      { rules: [ruleArn('x').replace('listener-rule', 'listener')] },
      /^checkout\.rules\[0\]: /,
    ],
    ['a rule twice', { rules: [ruleArn('x'), ruleArn('x')] }, /^checkout\.rules\[1\]: expected a rule of its own/],
    [
      'a name for a target group',
      { slots: { blue: 'blue', green: groupArn('green') } },
      /^checkout\.slots\.blue: .*, found "blue"$/,
    ],
    [
      'a third slot',
      { slots: { ...written().slots, red: groupArn('red') } },
      /^checkout\.slots\.red: expected one of the keys blue, green, found/,
    ],
    ['a strategy by name', { strategy: 'canary' }, /^checkout\.strategy: expected a strategy: canary/],
    ['no steps', { strategy: { steps: [] } }, /^checkout\.strategy\.steps: expected a list of at least one step/],
    [
      'steps that end early',
      { strategy: { steps: [{ weight: 50, bake: 60 }] } },
      /^checkout\.strategy\.steps: expected weights that rise/,
    ],
    [
      'a weight over 100',
      { strategy: canary([150]) },
      /^checkout\.strategy\.steps\[0\]\.weight: expected a weight: .*, found 150$/,
    ],
    ['a linear step of nothing', { strategy: linear(0) }, /^checkout\.strategy\.steps\[0\]\.weight: .*, found 0$/],
    ['a linear step over 100', { strategy: linear(150) }, /^checkout\.strategy\.steps\[0\]\.weight: .*, found 150$/],
    [
      'a bake in fortnights',
      { strategy: canary([5], { bake: '1 fortnight' }) },
      /^checkout\.strategy\.steps\[0\]\.bake: .*, found "1 fortnight"$/,
    ],
    [
      'a probe without a slash',
      { checks: { smoke: [http.get('health')] } },
      /^checkout\.checks\.smoke\[0\]\.path: .*, found "health"$/,
    ],
    [
      'a percentage as a number',
      { checks: { errorRate: { atMost: 5 } } },
      /^checkout\.checks\.errorRate\.atMost: .*, found 5$/,
    ],
    [
      'a period of a minute and a half',
      { timing: { period: '90 seconds' } },
      /^checkout\.timing\.period: expected a period of whole minutes like .* below 60, .*, found "90 seconds"$/,
    ],
    ['a period of nothing', { timing: { period: 0 } }, /^checkout\.timing\.period: .*, found 0$/],
    [
      'a range of statuses upside down',
      { checks: { smoke: [http.get('/health', { from: 301 })] } },
      /^checkout\.checks\.smoke\[0\]: expected a `from` that is not above `to` \(defaults: 200 and 299\), found from 301 to 299$/,
    ],
    [
      'a probe that outlasts its function',
      { checks: { smoke: [http.get('/health', { within: '21 seconds' })] } },
      /^checkout\.checks\.smoke\[0\]\.within: .* like "5 seconds" or 5, at least 1 s, at most 20 seconds, found "21 seconds"$/,
    ],
    [
      'more than two weeks of bakes',
      { strategy: canary([5, 50], { bake: '5 days', keepOldFor: '5 days' }) },
      /^checkout\.strategy\.steps: expected bakes of at most 14 days together, found 15 days$/,
    ],
    [
      'more than two weeks for an approval',
      { approval: { within: '15 days' } },
      /^checkout\.approval\.within: .* at most 14 days, found "15 days"$/,
    ],
    [
      'more than two hours to become ready',
      { checks: { readyWithin: '3 hours' } },
      /^checkout\.checks\.readyWithin: .* at most 2 hours, found "3 hours"$/,
    ],
    [
      'a warm-up as long as the time to become ready',
      { checks: { readyWithin: '5 minutes', warmUp: 300 } },
      /^checkout\.checks\.warmUp: expected a duration below checks\.readyWithin, which is 5 minutes, found 300$/,
    ],
    [
      'a warm-up longer than the default for that',
      { checks: { warmUp: '1 hour' }, timing: { period: '2 minutes' } },
      /^checkout\.checks\.warmUp: .* which is 20 minutes, found "1 hour"$/,
    ],
    [
      'a rule of another load balancer',
      { rules: [ruleArn('x'), ruleArn('x').replace('/main/', '/other/')] },
      /^checkout\.rules\[1\]: expected a rule of the load balancer of checkout\.rules\[0\], app\/main\/50dc6c495c0c9188: a target group belongs to one only, found app\/other\/50dc6c495c0c9188$/,
    ],
    [
      'a rule in another region',
      { rules: [ruleArn('x'), ruleArn('x').replace('eu-west-1', 'eu-west-2')] },
      /^checkout\.rules\[1\]: .* begins like checkout\.rules\[0\], with .*:eu-west-1:123456789012, found .*:eu-west-2:123456789012$/,
    ],
    [
      'a slot in another account',
      { slots: { ...written().slots, green: groupArn('green').replace('123456789012', '210987654321') } },
      /^checkout\.slots\.green: .* begins like checkout\.rules\[0\], .*, found .*:210987654321$/,
    ],
    [
      'a slot in another partition',
      { slots: { ...written().slots, blue: groupArn('blue').replace('arn:aws:', 'arn:aws-cn:') } },
      /^checkout\.slots\.blue: .*, found arn:aws-cn:elasticloadbalancing:eu-west-1:123456789012$/,
    ],
    ['no settling at all', { timing: { settling: 0 } }, /^checkout\.timing\.settling: .* at least 1 s, found 0$/],
    ['an approval without a deadline', { approval: {} }, /^checkout\.approval\.within: .*, found nothing$/],
    [
      'growth of another kind',
      { growth: 'slow' },
      /^checkout\.growth: expected one of "withWeight", "upfront", found "slow"$/,
    ],
  ])('%s is one problem, where it is', (_, different, expected) => {
    expect(mistakesIn(different)).toEqual([expect.stringMatching(expected)]);
  });

  test.each(['recover', 'recover-shop', 'continue', 'continue-shop'])(
    '%s is the name of an execution, not of a service',
    (name) => {
      const parsed = parseServices({ [name]: written() });
      expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
        expect.stringMatching(
          /: .* and neither "recover", "continue" nor one of them with "-…" behind it: the pipeline names its own executions so, found "(recover|continue)/,
        ),
      ]);
    },
  );

  test('between fields are told whatever else is wrong', () => {
    const smoke = [{ path: 'health', from: 300 }];
    expect(mistakesIn({ checks: { smoke, warmUp: '1 hour', passes: 0 }, image: undefined })).toHaveLength(5);
  });

  test('a mistyped key is one problem with the key that was meant', () => {
    const { image, ...rest } = written();
    const parsed = parseServices({ checkout: { ...rest, imgae: image } });
    expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
      'checkout.imgae: expected one of the keys image, fleet, rules, slots, strategy, checks, metrics, approval, growth, maxExtra, mode, prices, timing; did you mean image?, found the key "imgae"',
    ]);
  });

  test.each([[null], [undefined], ['checkout'], [[]], [{}]])('%j is no configuration', (value) => {
    const parsed = parseServices(value);
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([
      { path: '', expected: 'an object with at least one service, under its name' },
    ]);
  });

  test('two services with a slot in common are told so', () => {
    const parsed = parseServices(
      defineServices({ shop: written('shop'), cart: { ...written('cart'), slots: written('shop').slots } }),
    );
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual(['cart.slots.blue', 'cart.slots.green']);
  });

  test('never throw, whatever is parsed, and say at least one thing about what is no configuration', () => {
    const keys = fc.constantFrom(
      'image',
      'fleet',
      'slots',
      'rules',
      'strategy',
      'steps',
      'kind',
      'checks',
      '__proto__',
      'toString',
    );
    const almost = fc.dictionary(keys, fc.dictionary(keys, fc.jsonValue()));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything(), fc.dictionary(fc.string(), almost)), (value) => {
        const parsed = parseServices(value);
        expect(parsed.ok ? 0 : parsed.problems.length).toBeGreaterThan(0);
      }),
    );
  });

  test('one thing put wrong anywhere in a valid configuration is reported under its place', () => {
    const places = ['image.repository', 'fleet.count', 'rules[0]', 'slots.green', 'checks.passes', 'timing.period'];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom<unknown>(null, {}, [], -1, '', true), (place, wrong) => {
        const value = JSON.parse(JSON.stringify({ ...written(), checks: { passes: 2 }, timing: { period: 60 } }));
        const keys = place.replace('[0]', '.0').split('.');
        const last = keys.pop() as string;
        keys.reduce((inside, key) => inside[key], value)[last] = wrong;
        const parsed = parseServices({ checkout: value });
        expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([`checkout.${place}`]);
      }),
    );
  });
});

describe('what is said of a mistake', () => {
  const round: Record<string, unknown> = {};
  round.itself = round;

  test.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', '""'],
    [() => 7, 'a function'],
    [7n, 'a value that is no JSON (bigint)'],
    [round, 'a value that is no JSON (object)'],
    [Symbol('odd'), 'Symbol(odd)'],
    [Number.NaN, 'null'],
    ['x'.repeat(78), `"${'x'.repeat(78)}"`],
    ['x'.repeat(79), `"${'x'.repeat(76)}...`],
  ])('%s is found as one short line', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  test('names its place, or none where it is the whole', () => {
    expect(problemText({ path: '', expected: 'a', found: 'b' })).toBe('expected a, found b');
    expect(problemText({ path: 'x.y', expected: 'a', found: 'b' })).toBe('x.y: expected a, found b');
    expect([pathText(['a', 'b', 0, 'c']), pathText([0, 'a']), pathText([])]).toEqual(['a.b[0].c', '[0].a', '']);
  });

  test('looks at what stands at a place, and at nothing that is inherited', () => {
    expect(valueAt({ a: [{ b: 7 }] }, ['a', 0, 'b'])).toBe(7);
    expect(valueAt(7, [])).toBe(7);
    for (const [value, key] of [
      [{ a: 7 }, 'toString'],
      [[1], 'map'],
      [null, 'a'],
      ['text', 'length'],
      [undefined, 'a'],
    ])
      expect(valueAt(value, [String(key)])).toBeUndefined();
  });

  test('suggests the key that was probably meant, and nothing for a key like no other', () => {
    const issues = [
      {
        code: 'unrecognized_keys',
        keys: ['alarm', 'unheardOf'],
        path: ['checks'],
        message: 'alarms, smoke',
        input: {},
      },
      { code: 'custom', path: ['checks', 'alarms'], message: 'a list', input: undefined },
      { code: 'custom', path: ['checks', 'smoke'], message: 'another list', input: undefined },
    ] as const;
    expect(problemsOfIssues('shop', {}, issues as never)).toEqual([
      { path: 'shop.checks.smoke', expected: 'another list', found: 'nothing' },
      {
        path: 'shop.checks.alarm',
        expected: 'one of the keys alarms, smoke; did you mean alarms?',
        found: 'the key "alarm"',
      },
      { path: 'shop.checks.unheardOf', expected: 'one of the keys alarms, smoke', found: 'the key "unheardOf"' },
    ]);
    // One that is there, and wrong, is a mistake of its own.
    expect(problemsOfIssues('shop', { checks: { alarms: 7 } }, issues as never)[0]).toEqual({
      path: 'shop.checks.alarms',
      expected: 'a list',
      found: '7',
    });
  });
});

describe('between fields', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    [
      'equal weights',
      { strategy: canary([50, 50]) },
      ['checkout.strategy.steps: expected weights that rise from step to step and end at 100, found 50, 50, 100'],
    ],
    [
      'a weight that is none, and that alone',
      { strategy: canary([0]) },
      ['checkout.strategy.steps[0].weight: expected a weight: a whole number from 1 to 100, found 0'],
    ],
    [
      'a weight of a half, and that alone',
      { strategy: canary([50.5]) },
      ['checkout.strategy.steps[0].weight: expected a weight: a whole number from 1 to 100, found 50.5'],
    ],
    [
      'bakes that may be too long together',
      { strategy: canary([50], { bake: { atLeast: 60, atMost: '14 days' }, keepOldFor: 1 }) },
      ['checkout.strategy.steps: expected bakes of at most 14 days together, found 14 days 1 second'],
    ],
    [
      'bakes that may just be',
      { strategy: canary([50], { bake: { atLeast: 60, atMost: '13 days' }, keepOldFor: '1 day' }) },
      [],
    ],
    [
      'a warm-up as long as ten periods of the usual length',
      { checks: { warmUp: 600 } },
      ['checkout.checks.warmUp: expected a duration below checks.readyWithin, which is 10 minutes, found 600'],
    ],
    ['a warm-up just below that', { checks: { warmUp: 599 } }, []],
    ['a range of one status', { checks: { smoke: [{ path: '/', from: 299 }] } }, []],
    [
      'a range that ends before it usually begins',
      { checks: { smoke: [{ path: '/' }, { path: '/', to: 199 }] } },
      [
        'checkout.checks.smoke[1]: expected a `from` that is not above `to` (defaults: 200 and 299), found from 200 to 199',
      ],
    ],
  ])('%s', (_, different, expected) => {
    expect(mistakesIn(different)).toEqual(expected);
  });

  test('two services may not share what is one’s own, and are told whose it is', () => {
    const parsed = parseServices({ shop: written('shop'), cart: { ...written('cart'), rules: written('shop').rules } });
    expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
      expect.stringMatching(/^cart\.rules\[0\]: expected a rule of its own, found "arn:.*, which is shop\.rules\[0\]$/),
    ]);
    // What is no ARN at all is told as that alone.
    const same = { ...written('shop'), rules: ['x', 'x'] };
    const twice = parseServices({ shop: same });
    expect(twice.ok ? [] : twice.problems.map(({ path }) => path)).toEqual(['shop.rules[0]', 'shop.rules[1]']);
  });
});
