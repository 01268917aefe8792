/** Rehearsals: what is asked for, what comes of it, and that the same seed gives the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseBehaviour, parseTraffic } from '../../cli/rehearsal/behaviour.ts';
import { caughtChart, caughtLine } from '../../cli/rehearsal/picture.ts';
import { rehearse } from '../../cli/rehearsal/rehearse.ts';
import { spreadOf, summaryOf } from '../../cli/rehearsal/summary.ts';
import { allAtOnce, canary } from '../../core/index.ts';
import { serviceOf } from '../build.ts';
import { cutover, folderWith } from './command-line.ts';

const quick = serviceOf({ strategy: canary([25], { bake: '5 minutes', keepOldFor: '2 minutes' }) });
const played = (image: object, seed = 1, service = quick) =>
  rehearse({ service, baseline: { errorRate: 0.001 }, image, traffic: 1000, seed });

describe('a rehearsal', () => {
  test('of a bad image says when it was caught and what that cost', async () => {
    const bad = await played({ errorRate: 0.2 });
    expect(bad).toMatchObject({ live: false, reason: expect.stringContaining('the new one') });
    expect(bad.caughtAfter).toBeGreaterThan(60);
    expect(bad.caughtAfter).toBeLessThan(10 * 60);
    expect(bad.failed).toBeGreaterThan(10);
  });

  test('of a good one says how long it takes, and what runs besides', async () => {
    const good = await played({ errorRate: 0.001 });
    expect(good).toMatchObject({ live: true, caughtAfter: null });
    expect(good.took).toBeGreaterThan(7 * 60);
    expect(good.extraHours).toBeGreaterThan((4 * 7) / 60);
    expect(good.extraHours).toBeLessThan(4);
  });

  test('of one that never starts has no traffic to take back', async () => {
    expect(await played({ neverHealthy: true })).toMatchObject({ live: false, caughtAfter: null, failed: 0 });
  });

  test('is the same again from the same seed, and another from another', async () => {
    const [once, again, other] = [
      await played({ errorRate: 0.1 }),
      await played({ errorRate: 0.1 }),
      await played({ errorRate: 0.1 }, 2),
    ];
    expect(again).toEqual(once);
    expect(other.failed).not.toBe(once.failed);
  });

  test('follows the policy: without a bake nothing is caught', async () => {
    expect((await played({ errorRate: 0.2 }, 1, serviceOf({ strategy: allAtOnce() }))).live).toBe(true);
  });
});

describe('what an image may be', () => {
  test('is a list of properties', () => {
    expect(parseBehaviour('errors=2%, boot=90s', '--image')).toEqual({ errorRate: 0.02, boot: 90_000 });
    expect(parseBehaviour('healthy=no,dies=20m', '--image')).toEqual({ neverHealthy: true, diesAfter: 1_200_000 });
    expect(parseBehaviour('latency=+30%', '--image')).toEqual({ latency: 130 });
    expect(parseBehaviour('', '--image')).toEqual({});
  });

  test.each([
    ['erors=2%', 'did you mean errors?'],
    ['errors=200%', 'expected errors=2%'],
    ['errors', 'expected errors=2%'],
    ['boot=soon', 'expected boot=90s'],
    ['healthy=maybe', 'expected healthy=no'],
    ['latency=slow', 'expected latency=+30%'],
    ['latency=-100%', 'expected latency=+30%'],
  ])('%s is refused with what was expected', (written, words) => {
    expect(() => parseBehaviour(written, '--image')).toThrow(words);
  });

  test('traffic has a unit', () => {
    expect([parseTraffic('800rpm'), parseTraffic('13 rps')]).toEqual([800, 780]);
    for (const written of ['800', '0rpm', 'many']) expect(() => parseTraffic(written)).toThrow('800rpm or 13rps');
  });
});

describe('a summary', () => {
  const run = (live: boolean, caughtAfter: number | null, failed: number) => ({
    live,
    reason: live ? '' : `failed ${failed} requests`,
    caughtAfter,
    took: 600,
    failed,
    extraHours: 2,
  });

  test('has shares, medians and nearest-rank percentiles', () => {
    const bad = [run(false, 60, 10), run(false, 120, 30), run(true, null, 500), run(false, 180, 20)];
    const good = [run(true, null, 0), run(false, 60, 1)];
    expect(summaryOf('own', { bad, good }, 0.1)).toEqual({
      policy: 'own',
      runs: 4,
      caught: 0.75,
      falseRollbacks: 0.5,
      caughtAfter: { median: 120, p95: 180 },
      failed: { median: 20, p95: 500 },
      goodTakes: { median: 600, p95: 600 },
      extraHours: 2,
      extraCost: 0.2,
      reason: 'failed 10 requests',
      falseReason: 'failed 1 requests',
    });
  });

  test('of nothing is nothing', () => {
    expect(spreadOf([])).toBeNull();
    expect(summaryOf('own', { bad: [], good: [] }, null)).toMatchObject({
      caught: 0,
      caughtAfter: null,
      extraCost: null,
    });
  });
});

const config = `
import { canary, defineServices, ecr, instances } from 'cutover';
const arn = 'arn:aws:elasticloadbalancing:us-east-1:999988887777';
export default defineServices({
  shop: {
    image: ecr('acme/shop'),
    fleet: instances({ launchTemplate: 'shop', subnets: ['subnet-0a'], count: 2 }),
    rules: [arn + ':listener-rule/app/shop/0123456789abcdef/0123456789abcdef/0123456789abcdef'],
    slots: { blue: arn + ':targetgroup/blue/0123456789abcdef', green: arn + ':targetgroup/green/0123456789abcdef' },
    strategy: canary([50], { bake: '5 minutes', keepOldFor: 0 }),
  },
});`;

test('on the command line it is a table, with limits an exit code, and JSON for programs', async () => {
  const cwd = folderWith({ 'cutover.config.ts': config });
  const asked = ['simulate', 'shop', '--runs', '2', '--image', 'errors=20%', '--traffic', '600rpm'];
  const table = await cutover(cwd, ...asked, '--compare', '--svg', 'policies.svg');
  expect(table).toMatchObject({ code: 0, errors: '' });
  expect(table.output).toMatch(/^shop's own +100 %/m);
  expect(table.output).toMatch(/^allAtOnce\(\) +0 % +never/m);
  const drawn = readFileSync(join(cwd, 'policies.svg'), 'utf8');
  for (const name of ["shop's own", 'allAtOnce()']) expect(drawn).toContain(`>${name}</text>`);
  const limited = await cutover(cwd, ...asked, '--max-failed-requests', '1');
  expect(limited.code).toBe(1);
  expect(limited.errors).toMatch(/requests fail, at most 1 may/);
  const { policies } = JSON.parse((await cutover(cwd, ...asked, '--json')).output);
  expect(policies).toMatchObject([{ policy: "shop's own", caught: 1, falseRollbacks: 0 }]);
}, 60_000);

test('rehearsals are drawn as how many had been caught by when', () => {
  const run = (live: boolean, caughtAfter: number | null) =>
    ({ live, reason: '', caughtAfter, took: 1, failed: 0, extraHours: 0 }) as const;
  const line = caughtLine('own', [run(false, 120), run(true, null), run(false, null), run(false, 1200)]);
  expect(line).toEqual({
    name: 'own',
    points: [
      [0, 0],
      [0, 0.25],
      [2, 0.5],
      [20, 0.75],
    ],
    steps: true,
  });
  const { x, lines } = caughtChart('shop', [line]);
  expect([x.to, lines[0]?.points.at(-1)]).toEqual([20, [20, 0.75]]);
});

const local = config
  .replace('keepOldFor: 0 })', "keepOldFor: 0 }), timing: { period: '1 second', settling: '2 seconds' }")
  .replace('5 minutes', '10 seconds');

test('timing in seconds is rehearsed as on this machine, where nothing takes minutes to boot', async () => {
  const cwd = folderWith({ 'cutover.config.ts': local });
  const { code, output } = await cutover(cwd, 'simulate', 'shop', '--runs', '1', '--image', 'errors=50%', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(output).policies).toMatchObject([{ caught: 1, falseRollbacks: 0, goodTakes: expect.any(Object) }]);
}, 60_000);

test('a rehearsal in which good images get no traffic is refused with the key to set', async () => {
  const cwd = folderWith({ 'cutover.config.ts': local });
  const slow = ['--baseline', 'boot=90s', '--image', 'errors=5%, boot=90s'];
  const { code, errors } = await cutover(cwd, 'simulate', 'shop', '--runs', '5', ...slow);
  expect(code).toBe(2);
  expect(errors).toMatch(
    /this rehearsal says nothing: 3 rollouts of a good image got no traffic .*set checks\.readyWithin/,
  );
}, 60_000);
