/** What `cutover apply --stage` refuses: names that lead nowhere and timings of the local cloud, all at once, each with its path. */
import { expect, test } from 'vitest';
import { localOnlyProblems } from '../../core/config/local-only.ts';
import { parseServices } from '../../core/config/parse.ts';
import { problemText } from '../../core/config/problems.ts';
import type { Service } from '../../core/config/service.ts';
import { unresolvedNames } from '../../pipeline/operations/references.ts';
import { createStory, serviceOf, written } from '../build.ts';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const hex = (index: number): string => index.toString(16).padStart(16, '0');

/** Each with its own rule and target groups, an alarm, and a fleet of either kind. */
const writtenNamed = (index: number): Record<string, unknown> =>
  written({
    fleet:
      index % 2 === 0
        ? { kind: 'groups', blue: `s${index}-blue`, green: `s${index}-green`, count: 2 }
        : { kind: 'instances', launchTemplate: `service-${index}`, subnets: ['subnet-a', 'subnet-b'], count: 2 },
    rules: [`${arn}:listener-rule/app/shared/${hex(1)}/${hex(2)}/${hex(index)}`],
    slots: {
      blue: `${arn}:targetgroup/s${index}-blue/${hex(index)}`,
      green: `${arn}:targetgroup/s${index}-green/${hex(index)}`,
    },
    checks: { alarms: [`s${index}-5xx`] },
  });

const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`s${index}`, writtenNamed(index)]));

test('300 services with 40 mistakes in what is written: 40 lines, each with its path', () => {
  const broken = structuredClone(many) as Record<
    string,
    { rules: string[]; slots: Record<string, string>; image: object }
  >;
  const paths: string[] = [];
  for (let index = 0; index < 40; index++) {
    const name = `s${index * 7}`;
    const service = broken[name];
    if (service === undefined) throw new Error(`there is no ${name}`);
    if (index % 4 === 0) [service.rules, paths[index]] = [[], `${name}.rules`];
    if (index % 4 === 1) [service.slots.green, paths[index]] = ['green', `${name}.slots.green`];
    if (index % 4 === 2) [service.image, paths[index]] = [{ kind: 'docker' }, `${name}.image`];
    // Somebody else's target group: which of both is wrong nobody knows, the later one says so.
    if (index % 4 === 3) [service.slots.blue, paths[index]] = [broken.s1?.slots.blue ?? '', `${name}.slots.blue`];
  }
  const parsed = parseServices(broken);
  expect(parsed.ok).toBe(false);
  const found = parsed.ok ? [] : parsed.problems.map(({ path }) => path.replace(/^(s\d+\.image).*/, '$1'));
  expect(found.toSorted()).toEqual(paths.toSorted());
});

test('each of 40 missing things in 300 services is one line with its path', async () => {
  const parsed = parseServices(many);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const story = await createStory();
  const { world } = story.cloud;
  for (const service of parsed.services) story.cloud.setUp(service);
  const lacking: string[] = [];
  const lose = (service: Service, index: number): void => {
    const { name, rules, slots, fleet } = service;
    const ways: [string, () => void][] = [
      [`${name}.rules[0]`, () => world.rules.delete(rules[0] ?? '')],
      [`${name}.slots.blue`, () => world.targetGroups.delete(slots.blue)],
      [`${name}.checks.alarms[0]`, () => world.alarms.delete(`${name}-5xx`)],
      fleet.kind === 'groups'
        ? [`${name}.fleet.green`, () => world.autoScalingGroups.delete(fleet.green)]
        : [`${name}.fleet.launchTemplate`, () => world.templates.delete(fleet.launchTemplate)],
    ];
    const [path, remove] = ways[index % ways.length] as [string, () => void];
    lacking.push(path);
    remove();
  };
  parsed.services
    .filter((_, index) => index % 7 === 0)
    .slice(0, 40)
    .forEach(lose);
  let looked = 0;
  const problems = await story.during(unresolvedNames(story.ports(), parsed.services, () => looked++));
  expect(looked).toBe(300);
  expect(problems.map(({ path }) => path)).toEqual(lacking);
  expect(problemText(problems[1] ?? { path: '', expected: '', found: '' })).toMatch(
    /^s7\.slots\.blue: expected a target group that exists, found "arn:aws:.*s7-blue/,
  );
});

test.each<[string, object, string[]]>([
  ['the defaults', {}, []],
  ['five minutes', { period: '5 minutes' }, []],
  ['seconds', { period: '5 seconds', settling: '2 seconds' }, ['shop.timing.period', 'shop.timing.settling']],
  ['settling below the longest function', { settling: '60 seconds' }, ['shop.timing.settling']],
])('timing of %s', (_, timing, paths) => {
  expect(localOnlyProblems(serviceOf({ timing })).map(({ path }) => path)).toEqual(paths);
});

test('a period of seconds is right where Prometheus counts', () => {
  const metrics = {
    kind: 'prometheus',
    url: 'http://prometheus:9090',
    requests: 'sum(increase(requests{slot="$slot"}[$period]))',
    errors: 'sum(increase(errors{slot="$slot"}[$period]))',
  };
  expect(localOnlyProblems(serviceOf({ timing: { period: '15 seconds' }, metrics }))).toEqual([]);
});
