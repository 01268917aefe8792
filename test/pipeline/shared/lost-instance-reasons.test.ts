/** Why a fleet lacks healthy instances. */
import { expect, test } from 'vitest';
import { lossesOf } from '../../../pipeline/shared/lost-instance-reasons.ts';

test('each different reason is told once, three at most', () => {
  expect(lossesOf([], [])).toEqual([]);
  const ended = ['exited with code 3', 'exited with code 3', undefined].map((reason) => ({ reason: reason ?? null }));
  const targets = [
    { state: 'healthy' as const, reason: null },
    { state: 'unhealthy' as const, reason: 'Health checks failed with these codes: [500]' },
    { state: 'initial' as const, reason: null },
  ];
  expect(lossesOf(ended, targets)).toEqual([
    '3 instances ended without being asked to: exited with code 3, no reason given',
    'not healthy: Health checks failed with these codes: [500], initial',
  ]);
});

test('a fourth reason is left out', () => {
  const ended = ['one', 'two', 'three', 'four'].map((reason) => ({ reason }));
  expect(lossesOf(ended, [])).toEqual(['4 instances ended without being asked to: one, two, three']);
});
