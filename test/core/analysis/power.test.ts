/** What a policy can see: more with traffic, weight and time, never less at a later step, and what the comparison itself then does. */
import { expect, test } from 'vitest';
import { detectedBy, powerAt, powerOf } from '../../../core/analysis/power.ts';
import type { ComparisonSettings } from '../../../core/config/service.ts';
import { canary } from '../../../core/index.ts';
import { plan, service } from '../build.ts';

const settings = service().checks.comparison as ComparisonSettings;
const sight = (requests: number, periods = 3) => ({
  steps: [5, 25, 50].map((weight) => ({ weight, periods })),
  requests,
  baseline: 0.001,
});

test('at 800 requests a minute, one in twenty is found at 25 %', () => {
  expect(detectedBy(sight(800), 0.05, settings)).toEqual([0.14, 1, 1]);
});

test('it grows with every step, with traffic, with time and with the fault', () => {
  const last = (requests: number, periods: number, rate: number) =>
    detectedBy(sight(requests, periods), rate, settings).at(-1) ?? 0;
  for (const rate of [0.01, 0.05]) {
    const steps = detectedBy(sight(800), rate, settings);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  }
  expect(last(8000, 3, 0.01)).toBeGreaterThan(last(800, 3, 0.01));
  expect(last(800, 30, 0.01)).toBeGreaterThan(last(800, 3, 0.01));
  expect(last(800, 3, 0.05)).toBeGreaterThan(last(800, 3, 0.01));
});

test('a version that is as good as the old one is hardly ever said to be caught', () => {
  expect(detectedBy(sight(5000, 60), 0.001, settings).at(-1)).toBeLessThanOrEqual(0.03);
});

test('the plan says it, where somebody knows the traffic and there is something to compare with', () => {
  const known = { traffic: { requests: 800, errors: 0.001 } };
  const { rows, note } = powerOf(plan(known));
  expect(note).toBeNull();
  expect(rows.map(({ errorRate }) => errorRate)).toEqual([0.01, 0.05, 0.2]);
  expect(rows[1]?.detected.map(({ weight, share }) => [weight, Math.round(share * 100)])).toEqual([
    [5, 14],
    [25, 100],
    [50, 100],
  ]);
  expect(powerOf(plan())).toEqual({ rows: [], note: null });
  expect(powerOf(plan(known, service({ checks: { comparison: null } })))).toEqual({
    rows: [],
    note: 'versions are not compared: only the absolute limits and alarms count',
  });
  expect(powerOf(plan(known, service({ strategy: canary([]) })))).toEqual({
    rows: [],
    note: 'all traffic moves at once: there is no old version to compare with, so only the absolute limits count',
  });
});

test('each step but the last, which has nothing to compare with, says it in a few words', () => {
  const known = plan({ traffic: { requests: 803.4, errors: 0.001 } });
  expect(powerAt(known, 1)).toBe(
    'at 800 requests a minute this step detects a 5 % error rate in 14 % of rollouts, a 20 % error rate in 91 %',
  );
  expect(powerAt(known, 4)).toBeNull();
  expect(powerAt(plan(), 1)).toBeNull();
});

test('the last step with a comparison says it; an index without a step says nothing', () => {
  const known = plan({ traffic: { requests: 800, errors: 0.001 } });
  expect(powerAt(known, 3)).toBe(
    'at 800 requests a minute this step detects a 5 % error rate in 100 % of rollouts, a 20 % error rate in 100 %',
  );
  expect([powerAt(known, 0), powerAt(known, 9)]).toEqual([null, null]);
});

test('only error rates above the allowed margin are named', () => {
  const erring = (errors: number) => plan({ traffic: { requests: 800, errors } });
  const faults = (errors: number) => powerOf(erring(errors)).rows.map(({ errorRate }) => errorRate);
  expect(faults(0.001)).toEqual([0.01, 0.05, 0.2]);
  expect(faults(0.0399)).toEqual([0.2]);
  expect(faults(0.2)).toEqual([]);
  expect(powerAt(erring(0.0399), 1)).toMatch(/this step detects a 20 % error rate in .* of rollouts$/);
  expect(powerAt(erring(0.2), 1)).toBeNull();
});

test('a first version is compared with nothing', () => {
  const first = { slot: 'blue', kind: 'none', release: null, count: 0 } as const;
  expect(powerOf(plan({ traffic: { requests: 800, errors: 0.001 }, old: first })).rows).toEqual([]);
});

test('nothing is seen where nobody asks, or no whole period is judged', () => {
  expect(detectedBy(sight(0), 0.2, settings)).toEqual([0, 0, 0]);
  expect(detectedBy(sight(800, 0), 0.2, settings)).toEqual([0, 0, 0]);
});
