/** Which instances are orphaned, and what becomes of them. */
import { describe, expect, test } from 'vitest';
import { allOn, type Slot } from '../../../core/basics/slot.ts';
import type { FleetConfiguration } from '../../../core/config/service.ts';
import {
  type AtRest,
  type Leading,
  type Own,
  orphanSweeps,
  possibleOrphans,
  slotSweep,
  slotsToEmpty,
  type Target,
} from '../../../core/fleet/orphans.ts';
import { live, service } from '../build.ts';

const numbered: FleetConfiguration = { ...service().fleet, count: 2 };
const groups: FleetConfiguration = { kind: 'groups', blue: 'g-blue', green: 'g-green', count: 2 };

/** `own('i-1 blue a 1')`: its id, slot, release and number; `-` for what it has not. */
const own = (text: string, launchedAt = 0): Own => {
  const [id = '', slot, release = '', number = '-'] = text.split(' ');
  return {
    id,
    slot: slot === 'blue' || slot === 'green' ? slot : null,
    release: release.repeat(12),
    number: number === '-' ? null : Number(number),
    launchedAt,
  };
};
const first = [own('i-1 blue a 1'), own('i-2 blue a 2')];

const nothing = { number: 0, instances: [] };
/** `a` is live in blue, of two. */
const rest = (different: Partial<AtRest> = {}): AtRest => ({
  row: { live: live('a'), wanted: { weights: allOn('blue'), seq: 0, since: 0 } },
  fleet: numbered,
  kept: { blue: nothing, green: nothing },
  own: first,
  ...different,
});
const nobodyLive = { live: null, wanted: { weights: allOn('blue'), seq: 0, since: 0 } };

const member = (id: string, state: string, release: string | null = 'a'.repeat(12)) => ({ id, state, release });
const inGroup = (...states: string[]) => ({
  number: states.length,
  instances: states.map((state, index) => member(`m-${index}`, state)),
});

const ids = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);
const healthy = (...of: string[]): Target[] => of.map((id) => ({ id, state: 'healthy' }));
const inBlue = (...targets: Target[]) => ({ blue: targets, green: [] });
const leading = (slots: Partial<Leading> = {}): Leading => ({ blue: ['the rule'], green: [], ...slots });
const told = (seen: AtRest, targets: Record<Slot, Target[]>, leads = leading()): string[] =>
  orphanSweeps(seen, targets, leads).map(
    ({ act, text }) => `${act}: ${text.replace(/ (is an|are) orphaned inst.*?: /, ': ')}`,
  );

describe('a slot that is to be empty', () => {
  test.each<[string, Partial<AtRest>, Slot[]]>([
    ['is none where both are as they should', {}, []],
    ['is the idle one with an instance', { kept: { blue: nothing, green: inGroup('stopping') } }, ['green']],
    ['is the idle one that is to have some', { kept: { blue: nothing, green: { ...nothing, number: 1 } } }, ['green']],
    ['is none with what has ended', { kept: { blue: nothing, green: { ...inGroup('gone'), number: 0 } } }, []],
    ['is not the live one', { kept: { blue: inGroup('running'), green: nothing } }, []],
    [
      'is each whose group has launched ours, while nothing is live',
      { row: nobodyLive, fleet: groups, kept: { blue: inGroup('running', 'gone'), green: inGroup('pending') } },
      ['blue', 'green'],
    ],
    [
      'is none whose group has launched somebody else’s, too',
      {
        row: nobodyLive,
        fleet: groups,
        kept: {
          blue: { number: 2, instances: [member('m', 'running'), member('n', 'running', null)] },
          green: { number: 1, instances: [member('m', 'gone')] },
        },
      },
      [],
    ],
    [
      'is none of numbered instances, while nothing is live',
      { row: nobodyLive, kept: { blue: inGroup('running'), green: nothing } },
      [],
    ],
  ])('%s', (_, seen, expected) => {
    expect(slotsToEmpty(rest(seen))).toEqual(expected);
  });

  test('is emptied where no weight is its own, and told of', () => {
    const seen = rest({ kept: { blue: inGroup('running'), green: inGroup('running', 'gone') } });
    expect(slotSweep(seen, 'green', leading())).toEqual({
      act: 'empty',
      slot: 'green',
      text: '1 instances run in green, which is idle: they are being removed',
    });
    expect(slotSweep(seen, 'green', leading({ green: ['stray', 'other'] }))).toEqual({
      act: 'nothing',
      text: '1 instances run in green, which is idle, but stray leads to it: they stay',
    });
    expect(slotSweep({ ...seen, row: nobodyLive }, 'blue', leading({ blue: [] }))).toEqual({
      act: 'nothing',
      text: '1 instances run in blue, and nothing is live, but it is about to get traffic: they stay',
    });
  });
});

describe('who may be outside', () => {
  test.each<[string, Partial<AtRest>, string[]]>([
    ['is nobody of the fleet', {}, []],
    ['is who is of another release', { own: [...first, own('x blue b 1')] }, ['x']],
    ['is who is in no slot', { own: [...first, own('x - a 1')] }, ['x']],
    ['is nobody in the idle slot, which is emptied as a whole', { own: [...first, own('x green b 1')] }, []],
    ['are all of one number', { own: [...first, own('x blue a 2')] }, ['i-2', 'x']],
    ['is who has no number, or one beyond', { own: [...first, own('x blue a -'), own('y blue a 3')] }, ['x', 'y']],
    ['is everybody beside a group', { fleet: groups }, ['i-1', 'i-2']],
    ['is everybody while nothing is live', { row: nobodyLive }, ['i-1', 'i-2']],
  ])('%s', (_, seen, expected) => {
    expect(ids(possibleOrphans(rest(seen)))).toEqual(expected);
  });
});

describe('outside a live fleet of numbered instances', () => {
  const more = (...others: Own[]) => rest({ own: [...first, ...others] });
  const whole = healthy('i-1', 'i-2');

  test('what is of another release, in no slot, or without a number ends, the oldest named first', () => {
    const seen = more(own('z blue b 1', 1), own('y - b -', 2), own('x blue a -', 3), own('w - a 1', 4));
    expect(told(seen, inBlue(...whole, ...healthy('z')))).toEqual(['evict: z, y, x and 1 more: being ended']);
    expect(orphanSweeps(seen, inBlue(...whole), leading())[0]).toMatchObject({ ids: ['z', 'y', 'x', 'w'] });
  });

  test('of two of a number the healthy one stays, then the older one, then the first by its id', () => {
    const again = more(own('i-0 blue a 2', 5));
    expect(told(again, inBlue(...healthy('i-1', 'i-0')))).toEqual(['evict: i-2: being ended']);
    expect(told(again, inBlue(...whole, ...healthy('i-0')))).toEqual(['evict: i-0: being ended']);
    expect(told(more(own('i-3 blue a 2')), inBlue(...whole, ...healthy('i-3')))).toEqual(['evict: i-3: being ended']);
  });

  test('what is beyond the count stays while it serves, one of each number', () => {
    const beyond = more(own('x blue a 3'), own('y blue a 4'));
    expect(told(beyond, inBlue(...whole, ...healthy('x')))).toEqual(['evict: y: being ended']);
    expect(told(beyond, inBlue(...whole, ...healthy('x'), { id: 'y', state: 'draining' }))).toEqual([]);
    const twice = more(own('x blue a 3'), own('y blue a 3', 1));
    expect(told(twice, inBlue(...whole, ...healthy('x', 'y')))).toEqual(['evict: y: being ended']);
  });

  test.each<[string, Target[]]>([
    ['one is not healthy', [...healthy('i-1'), { id: 'i-2', state: 'initial' }]],
    ['one is no target', healthy('i-1', 'x')],
  ])('it all stays while %s', (_, targets) => {
    expect(told(more(own('x blue b 2')), inBlue(...targets))).toEqual([
      'nothing: x: left running until the live fleet is complete',
    ]);
  });

  test('it all stays while a number has no instance', () => {
    const seen = rest({ own: [own('i-1 blue a 1'), own('x blue b 2'), own('y blue a 3')] });
    expect(told(seen, inBlue(...healthy('i-1', 'x', 'y')))).toEqual([
      'nothing: x: left running until the live fleet is complete',
    ]);
  });

  test('what stands in the idle slot’s target group stays where a stranger’s rule leads there', () => {
    const seen = more(own('x - b -'), own('y - b -'));
    const targets = { blue: whole, green: healthy('x') };
    expect(told(seen, targets, leading({ green: ['stray'] }))).toEqual([
      'nothing: x: left running, because they are in a slot with weight',
      'evict: y: being ended',
    ]);
    expect(told(seen, targets)).toEqual(['evict: x, y: being ended']);
  });
});

describe('beside groups', () => {
  const seen = (...states: string[]) =>
    rest({ fleet: groups, kept: { blue: inGroup(...states), green: nothing }, own: [own('x blue b -')] });
  const members = healthy('m-0', 'm-1');

  test('what serves another release leaves the traffic once the group has all it is kept at', () => {
    const targets = inBlue(...members, ...healthy('x'));
    expect(told(seen('running', 'running'), targets)).toEqual(['evict: x: taken out of traffic']);
    const waits = ['nothing: x: left running until the live fleet is complete'];
    expect(told(seen('running', 'stopping'), targets)).toEqual(waits);
    expect(told(seen('running', 'running'), inBlue(...healthy('m-0', 'x')))).toEqual(waits);
    expect(told(seen(), targets)).toEqual(waits);
  });

  test('what serves nobody, or the live release, is left alone and told of', () => {
    const alone = [expect.stringMatching(/^nothing: x: left running, because Cutover did not launch/)];
    expect(told(seen('running', 'running'), inBlue(...members))).toEqual(alone);
    const ofLive = { ...seen('running', 'running'), own: [own('x blue a -')] };
    expect(told(ofLive, inBlue(...members, ...healthy('x')))).toEqual(alone);
    expect(told(ofLive, { blue: members, green: healthy('x') })).toEqual(['evict: x: taken out of traffic']);
  });
});

describe('while nothing is live', () => {
  const seen = rest({ row: nobodyLive, own: [own('x blue b 1'), own('y green b 1'), own('z - b -')] });

  test('what is in a slot with weight stays, whether a rule says so or the row, and the rest ends', () => {
    for (const leads of [leading(), leading({ blue: [] })])
      expect(told(seen, inBlue(...healthy('z')), leads)).toEqual([
        'nothing: x, z: left running, because they are in a slot with weight',
        'evict: y: being ended',
      ]);
  });

  test('beside groups it leaves the traffic of a slot without weight', () => {
    expect(told({ ...seen, fleet: groups }, { blue: [], green: healthy('y') })).toEqual([
      'nothing: x: left running, because they are in a slot with weight',
      expect.stringMatching(/^nothing: z: left running, because Cutover did not launch/),
      'evict: y: taken out of traffic',
    ]);
  });
});

test('one alone is called one', () => {
  const seen = rest({ own: [...first, own('x blue b 1')] });
  expect(orphanSweeps(seen, inBlue(...healthy('i-1', 'i-2')), leading())[0]?.text).toBe(
    'x is an orphaned instance: being ended',
  );
});
