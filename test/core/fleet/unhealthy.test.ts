/** Whose program has died, and when it is rather something that all of them share. */
import { describe, expect, test } from 'vitest';
import { type Member, unhealthyMembers } from '../../../core/fleet/unhealthy.ts';

const booted = 1_000;
const member = (id: string, state: string | null, launchedAt = 0): Member => ({
  id,
  launchedAt,
  health: state === null ? null : { state, reason: null },
});
const fleet = (...states: (string | null)[]): Member[] => states.map((state, index) => member(`i-${index}`, state));
const told = (members: Member[], count = members.length): string => {
  const found = unhealthyMembers(members, count, booted);
  return found.state === 'some' ? found.unhealthy.map(({ id }) => id).join(' ') : found.state;
};

describe('a program that has died', () => {
  test.each<[string, Member[], number, string]>([
    ['is none where all are healthy', fleet('healthy', 'healthy'), 2, 'none'],
    ['is one beside healthy ones', fleet('healthy', 'unhealthy', 'healthy', 'healthy'), 4, 'i-1'],
    ['is each of two where half are healthy', fleet('healthy', 'unhealthy', 'unhealthy', 'healthy'), 4, 'i-1 i-2'],
    ['is nobody’s where fewer than half are', fleet('healthy', 'unhealthy', 'unhealthy'), 3, 'most'],
    ['is nobody’s where fewer than half of the number are', fleet('healthy', 'unhealthy'), 3, 'most'],
    ['is not told of where one stands alone', fleet('unhealthy'), 1, 'most'],
    [
      'is none that is on its way in or out, or whose state nobody knows',
      fleet('healthy', 'initial', 'draining', 'unused', 'unavailable', null),
      2,
      'none',
    ],
  ])('%s', (_, members, count, expected) => {
    expect(told(members, count)).toBe(expected);
  });

  test('is none that was launched a moment ago: it may still be on its way', () => {
    const rest = fleet('healthy', 'healthy');
    expect(told([...rest, member('new', 'unhealthy', booted)])).toBe('none');
    expect(told([...rest, member('old', 'unhealthy', booted - 1)])).toBe('old');
  });

  test('is the oldest first, so that each has its turn', () => {
    const rest = fleet('healthy', 'healthy', 'healthy');
    expect(
      told([...rest, member('b', 'unhealthy', 20), member('a', 'unhealthy', 10), member('c', 'unhealthy', 30)]),
    ).toBe('a b c');
  });

  test.each<[string, Member, boolean]>([
    ['boots', member('new', 'initial', booted), true],
    ['boots and is no target yet', member('new', null, booted), true],
    ['boots and is unhealthy yet', member('new', 'unhealthy', booted), true],
    ['has been launched lately, and serves', member('new', 'healthy', booted), false],
    ['is as old as the others, and no target', member('old', null), false],
  ])('is told beside one that %s', (_, other, booting) => {
    expect(unhealthyMembers([...fleet('healthy', 'healthy', 'unhealthy'), other], 4, booted)).toMatchObject({
      state: 'some',
      booting,
    });
  });

  test('leaves as many as are healthy to be told', () => {
    expect(unhealthyMembers(fleet('healthy', 'unhealthy', 'unhealthy'), 3, booted)).toEqual({
      state: 'most',
      healthy: 1,
    });
  });
});
