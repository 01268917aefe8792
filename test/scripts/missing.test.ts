/** What `npm run chaos` says of a fault or an outcome that never occurred, and from when on that is a failure. */
import { expect, test } from 'vitest';
import { actNames } from '../simulator/acts.ts';
import { kindNames } from '../simulator/faults.ts';
import { missing, newTally, type Tally } from '../simulator/tally.ts';

const tally = (done: number, without: string[]): Tally => ({
  ...newTally(),
  done,
  outcomes: new Map(['live', 'failed', 'superseded', 'refused'].map((one) => [one, without.includes(one) ? 0 : 9])),
  // A fault has the name of an outcome, too.
  kinds: new Map(kindNames.filter((kind) => kind === 'refused' || !without.includes(kind)).map((kind) => [kind, 9])),
  acts: new Map(actNames.filter((act) => !without.includes(act)).map((act) => [act, 9])),
});

test.each<[number, string[], boolean[]]>([
  [1000, [], []],
  [999, ['superseded', 'zombie'], [false]],
  [1000, ['superseded'], [true]],
  [1000, ['zombie'], [true]],
  [1000, ['keyApproval'], [true]],
  [999, ['more'], [false]],
  [9999, ['refused'], [false]],
  [10_000, ['refused'], [true]],
  [1000, ['refused', 'zombie', 'live'], [true, false]],
])('of %i rollouts without [%s]', (done, without, counts) => {
  const found = missing(tally(done, without));
  expect(found.map((one) => one.counts)).toEqual(counts);
  for (const name of without) expect(found.map(({ text }) => text).join()).toContain(name);
});

test('each line names all that never occurred', () => {
  expect(missing(tally(1000, ['zombie', 'live', 'failed', 'crowd'])).map(({ text }) => text)).toEqual([
    '✗ never seen in 1000 rollouts: outcomes live, failed; faults zombie; acts crowd',
  ]);
});
