/** When a fleet counts as ready, when it never will be, and what is said meanwhile. */
import { describe, expect, test } from 'vitest';
import { keepDying, type ReadinessFacts, readiness } from '../../../core/fleet/readiness.ts';

/** Four of four are healthy in both zones, seen for the second time in a row, which is enough. */
const facts = (different: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  needed: 4,
  died: 0,
  deathReason: '',
  healthyZones: ['a', 'b'],
  healthy: 4,
  unhealthyReasons: [],
  oldZones: ['a', 'b'],
  short: null,
  passed: 1,
  passes: 2,
  waited: 30,
  within: 600,
  warmUp: 0,
  poll: 15,
  ...different,
});

describe('a fleet is ready', () => {
  test('once enough are healthy in every zone, several checks in a row', () => {
    expect(readiness(facts({ passed: 0 }))).toEqual({
      state: 'pending',
      passed: 1,
      seconds: 15,
      why: '4 of 4 instances are healthy, check 1 of 2',
    });
    expect(readiness(facts())).toEqual({ state: 'ready', why: '4 of 4 instances are healthy', lacking: [] });
  });

  test('after its warm-up, counted in checks from the first that found it ready', () => {
    const checks = (passed: number) => readiness(facts({ passed, warmUp: 40 })).state;
    expect([checks(2), checks(3)]).toEqual(['pending', 'ready']);
    expect(readiness(facts({ warmUp: 40 }))).toMatchObject({ why: expect.stringContaining('check 2 of 4') });
  });

  test('with more healthy than it needs', () => {
    expect(readiness(facts({ healthy: 6 })).state).toBe('ready');
  });

  test('without a zone that has no capacity, and says so', () => {
    expect(readiness(facts({ healthyZones: ['a'], short: 'no m7g.large in b' }))).toEqual({
      state: 'ready',
      why: '4 of 4 instances are healthy, none in b: no m7g.large in b',
      lacking: ['b'],
    });
  });

  test('without a zone of which nobody says anything, after half the time', () => {
    const given = { healthyZones: ['a'], oldZones: ['a', 'b', 'c'] };
    expect(readiness(facts({ ...given, waited: 299 }))).toEqual({
      state: 'pending',
      passed: 0,
      seconds: 15,
      why: '4 of 4 instances are healthy after 299 s, none in b, c',
    });
    expect(readiness(facts({ ...given, waited: 300 }))).toEqual({
      state: 'ready',
      why: '4 of 4 instances are healthy, none in b, c',
      lacking: ['b', 'c'],
    });
  });
});

describe('a fleet is waited for', () => {
  test('start again after a check that finds too few, and name at most three reasons, each once', () => {
    const unhealthyReasons = ['refused', 'refused', 'timed out', 'answered 503', 'answered 500'];
    expect(readiness(facts({ healthy: 3, waited: 44.6, unhealthyReasons }))).toEqual({
      state: 'pending',
      passed: 0,
      seconds: 15,
      why: '3 of 4 instances are healthy after 45 s (refused; timed out; answered 503)',
    });
  });

  test('without reasons where there are none', () => {
    expect(readiness(facts({ healthy: 3 }))).toMatchObject({ why: '3 of 4 instances are healthy after 30 s' });
  });

  test('though its time is over, while it passes its checks', () => {
    expect(readiness(facts({ passed: 0, waited: 600 })).state).toBe('pending');
  });
});

describe('a fleet has failed', () => {
  test('when its time is over, with all that is known', () => {
    const given = { healthy: 1, healthyZones: ['a'], waited: 600, unhealthyReasons: ['answered 503'] };
    expect(readiness(facts({ ...given, waited: 599 })).state).toBe('pending');
    expect(readiness(facts(given))).toEqual({
      state: 'failed',
      why: '1 of 4 instances are healthy after 600 s, 600 s were allowed (checks.readyWithin); answered 503',
    });
    expect(readiness(facts({ ...given, short: 'no capacity', died: 2, deathReason: 'out of memory' }))).toEqual({
      state: 'failed',
      why: '1 of 4 instances are healthy after 600 s, 600 s were allowed (checks.readyWithin); no capacity; answered 503; 2 died: out of memory',
    });
    expect(readiness(facts({ ...given, unhealthyReasons: [] }))).toEqual({
      state: 'failed',
      why: '1 of 4 instances are healthy after 600 s, 600 s were allowed (checks.readyWithin)',
    });
  });

  test('at once when as many as it needs have died and none is healthy', () => {
    expect(readiness(facts({ healthy: 0, died: 4, deathReason: 'out of memory' }))).toEqual({
      state: 'failed',
      why: '4 instances ended by themselves before one was healthy: out of memory',
    });
  });

  test.each([
    [2, 1, 0, false],
    [3, 1, 0, true],
    [3, 4, 0, false],
    [4, 4, 0, true],
    [9, 4, 1, false],
  ])('%i deaths of %i needed with %i healthy: no more of the same? %s', (died, needed, healthy, expected) => {
    expect(keepDying({ died, needed, healthy })).toBe(expected);
  });
});
