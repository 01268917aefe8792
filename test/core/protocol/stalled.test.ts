/** When an execution has stood still, and how what would go wrong is said. */
import { describe, expect, test } from 'vitest';
import { findingText } from '../../../core/basics/finding.ts';
import { canary } from '../../../core/index.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { historyStall, phaseStall } from '../../../core/protocol/stalled.ts';
import { plan, publication, row, service, start } from '../build.ts';

const hour = 3600;
/** Settles in 2 minutes, is ready in 10 and warm after one more, bakes for an hour, then for three. */
const configured = {
  strategy: canary([50], { bake: '1 hour', keepOldFor: '3 hours' }),
  checks: { readyWithin: '10 minutes', warmUp: '1 minute' },
  timing: { settling: '2 minutes' },
};
const held = (different: Partial<Row> = {}, approval: { within: number } | null = null): Row =>
  row({
    lock: { state: 'held', publication: publication('b'), execution: 'checkout-b-1' },
    phase: 'preparing',
    plan: plan({}, service({ ...configured, approval })),
    ...different,
  });
const toldAfter = (of: Row, seconds: number, paused = false): string | null =>
  phaseStall(of, paused, start + seconds * 1000);

describe('an execution has stood still', () => {
  test.each<[string, Row, number]>([
    ['while it prepares, after twice the time that it may take to be ready', held(), 120 + 2 * 660 + 2 * hour],
    [
      'while a person is asked, after that person’s time as well',
      held({}, { within: 500 }),
      120 + 2 * 660 + 500 + 2 * hour,
    ],
    ['while it bakes, after that bake', held({ phase: 'shifting', step: 1 }), hour + 660 + 2 * hour],
    ['while it bakes for the last time, after that', held({ phase: 'settling', step: 2 }), 3 * hour + 660 + 2 * hour],
    ['at a weight that the plan does not have, at once', held({ phase: 'settling', step: 9 }), 660 + 2 * hour],
    ['after its commit', held({ phase: 'committed' }), 120 + 2 * hour],
    ['while it goes back', held({ phase: 'rollingBack' }), 120 + 2 * hour],
  ])('%s', (_, given, allowed) => {
    expect([toldAfter(given, allowed), toldAfter(given, allowed + 1) === null]).toEqual([null, false]);
  });

  test('counted from its last decision, or from its admission where that came later', () => {
    const decided = held({ phase: 'committed', wanted: { ...row().wanted, since: start + hour * 1000 } });
    expect([toldAfter(decided, 3 * hour + 120), toldAfter(decided, 3 * hour + 121) === null]).toEqual([null, false]);
    const before = held({ phase: 'committed', wanted: { ...row().wanted, since: start - hour * 1000 } });
    expect([toldAfter(before, 2 * hour + 120), toldAfter(before, 2 * hour + 121) === null]).toEqual([null, false]);
  });

  test('and is told by its name, with the time that it took and the time that it had', () => {
    expect(toldAfter(held({ phase: 'rollingBack' }), 3 * hour + 59)).toBe(
      'checkout-b-1 has been rollingBack for 3 hours, 2 hours 2 minutes were allowed',
    );
  });

  test('never while a person decides, nor where none runs', () => {
    const year = 365 * 24 * hour;
    for (const phase of ['shifting', 'settling'] as const)
      expect(toldAfter(held({ phase, step: 1 }), year, true)).toBeNull();
    expect(toldAfter(held({ phase: 'committed' }), year, true)).not.toBeNull();
    expect(toldAfter(row(), year)).toBeNull();
    expect(toldAfter(held({ phase: 'free' }), year)).toBeNull();
    expect(toldAfter(held({ plan: null }), year)).toBeNull();
    expect(toldAfter(held({ lock: { state: 'reserved', publication: publication('b') } }), year)).toBeNull();
  });
});

describe('an execution with nothing left to abort has stood still', () => {
  const standing = (of: Row, seconds: number): string | null => historyStall(of, start, start + seconds * 1000);

  test.each(['committed', 'rollingBack'] as const)(
    'when its history has not grown for as long as %s may take',
    (phase) => {
      const of = held({ phase, wanted: { ...row().wanted, since: start - 24 * hour * 1000 } });
      expect(standing(of, 2 * hour + 120)).toBeNull();
      expect(standing(of, 2 * hour + 121)).toBe(
        `checkout-b-1 has stalled while ${phase} for 2 hours 2 minutes, 2 hours 2 minutes were allowed`,
      );
    },
  );

  test('never where none runs', () => {
    const year = 365 * 24 * hour;
    expect(standing(row(), year)).toBeNull();
    expect(standing(held({ plan: null, phase: 'committed' }), year)).toBeNull();
    expect(standing(held({ phase: 'committed', lock: { state: 'free' } }), year)).toBeNull();
  });
});

test('a finding reads as one sentence, with what to do about it where somebody knows', () => {
  expect(findingText({ problem: 'it is not there', remedy: 'make it' })).toBe('it is not there: make it');
  expect(findingText({ problem: 'it is not there', remedy: '' })).toBe('it is not there');
});
