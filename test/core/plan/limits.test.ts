/** The limits of a rollout, out of its plan. */
import { expect, test } from 'vitest';
import { describePlan } from '../../../core/plan/describe.ts';
import { limitsOfPlan } from '../../../core/plan/limits.ts';
import { plan, service } from '../build.ts';

test('the limits of a rollout are those of its own plan, in numbers and in words', () => {
  const own = plan({}, service({ checks: { errorRate: { atMost: '2%' } }, approval: { within: '1 hour' } }));
  const { aborts, asks } = describePlan(own);
  expect(limitsOfPlan(own)).toEqual({
    errorRate: 0.02,
    worse: { ratio: 1.25, plus: 0.0005 },
    evidence: 100,
    rollsBack: aborts,
    asks,
  });
  expect(asks).toContain('every rollout, before the first weight');
});

test('nothing is compared in a first rollout, nor where the comparison is off', () => {
  const { old, ...others } = plan();
  const off = service({ checks: { comparison: null } });
  for (const one of [{ ...others, old: { ...old, kind: 'none' as const } }, plan({}, off)])
    expect(limitsOfPlan(one)).toMatchObject({ worse: null, evidence: null });
});
