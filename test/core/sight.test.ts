/** What a policy can see: more with traffic, weight and time, never less at a later step, and what the comparison itself then does. */
import { expect, test } from 'vitest';
import type { ComparisonSettings } from '../../core/configuration.ts';
import { canary } from '../../core/index.ts';
import { describePlan } from '../../core/planning.ts';
import { seenBy, sightAt } from '../../core/sight.ts';
import { plan, service } from './build.ts';

const settings = service().checks.comparison as ComparisonSettings;
const sight = (requests: number, periods = 3) => ({
  steps: [5, 25, 50].map((weight) => ({ weight, periods })),
  requests,
  baseline: 0.001,
});

test('at 800 requests a minute, one in twenty is found at 25 %', () => {
  expect(seenBy(sight(800), 0.05, settings)).toEqual([0.14, 1, 1]);
});

test('it grows with every step, with traffic, with time and with the fault', () => {
  const last = (requests: number, periods: number, rate: number) =>
    seenBy(sight(requests, periods), rate, settings).at(-1) ?? 0;
  for (const rate of [0.01, 0.05]) {
    const steps = seenBy(sight(800), rate, settings);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  }
  expect(last(8000, 3, 0.01)).toBeGreaterThan(last(800, 3, 0.01));
  expect(last(800, 30, 0.01)).toBeGreaterThan(last(800, 3, 0.01));
  expect(last(800, 3, 0.05)).toBeGreaterThan(last(800, 3, 0.01));
});

test('a version that is as good as the old one is hardly ever said to be caught', () => {
  expect(seenBy(sight(5000, 60), 0.001, settings).at(-1)).toBeLessThanOrEqual(0.03);
});

test('the plan says it, where somebody knows the traffic and there is something to compare with', () => {
  const known = { traffic: { requests: 800, errors: 0.001 } };
  const { sees } = describePlan(plan(known));
  expect(sees).toHaveLength(3);
  expect(sees[1]).toBe(
    'one that fails 5 % of its requests is caught in this share of rollouts: 14 % by the end of 5 %, 100 % by the end of 25 %, 100 % by the end of 50 %',
  );
  expect(describePlan(plan()).sees).toEqual([]);
  expect(describePlan(plan(known, service({ checks: { comparison: null } }))).sees).toEqual([]);
  expect(describePlan(plan(known, service({ strategy: canary([]) }))).sees).toEqual([
    'all traffic goes over at once: there is nothing to compare with, and only limits count',
  ]);
});

test('each step says it in a few words, and the last one, which has nothing to compare with, does not', () => {
  const known = plan({ traffic: { requests: 803.4, errors: 0.001 } });
  expect(sightAt(known, 1)).toBe(
    'at 800 requests a period, one that fails 5 % of its requests is caught by the end of it in 14 % of cases, 20 % in 91 %',
  );
  expect(sightAt(known, 4)).toBeNull();
  expect(sightAt(plan(), 1)).toBeNull();
});
