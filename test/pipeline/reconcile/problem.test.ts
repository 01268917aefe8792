/** Problems on record: whom each is about, and how often it is recorded. */
import { describe, expect, it, test } from 'vitest';
import { Disbelieved, Rejected } from '../../../core/basics/errors.ts';
import { recordDisbelieved, recordProblem } from '../../../pipeline/reconcile/problem.ts';
import { live, minute, plan, publication, row } from '../../core/build.ts';
import { held } from '../build.ts';
import { opened } from './play-part.ts';

test.each([
  ['the rollout that is on its way', held({ plan: plan({ attempt: 2 }) }), publication('b').release, 2],
  ['what is live, without a rollout', row({ live: live('a', { attempt: 3 }) }), live('a').release, 3],
  ['no release, where nothing is live', row({ live: null }), '', 0],
])('a problem is recorded about %s', async (_, at, release, attempt) => {
  const { ports, events } = await opened(at);
  expect(await recordProblem(ports, at, 'it is odd', 'odd')).toBe('it is odd');
  expect(await events()).toMatchObject([
    {
      kind: 'problem',
      by: 'reconcile',
      text: 'it is odd',
      release,
      attempt,
      id: `${release}-${attempt}/reconcile/problem/odd`,
    },
  ]);
});

it('a problem is recorded once under the same `what`, in the words of the first time', async () => {
  const { ports, texts } = await opened();
  for (const [text, what] of [
    ['one', 'a'],
    ['two', 'a'],
    ['three', 'b'],
  ] as const)
    await recordProblem(ports, row(), text, what);
  expect(await texts()).toEqual(['three', 'one']);
});

describe('an item of the ledger that is not believed', () => {
  const damaged = new Disbelieved('the row of checkout cannot be read');
  const day = 24 * 60 * minute;

  it('is recorded and announced once a day, about no release', async () => {
    const { ports, world, events } = await opened();
    const notices: string[] = [];
    ports.notify = async ({ text }) => void notices.push(text);
    for (const after of [0, minute, day]) {
      world.now += after;
      await recordDisbelieved(ports, 'checkout', damaged);
      await recordProblem(ports, row(), 'something else', after);
    }
    const event = { kind: 'problem', by: 'reconcile', release: '', attempt: 0, text: damaged.message };
    const recorded = (await events()).filter(({ text }) => text === damaged.message);
    expect(recorded).toMatchObject([event, event]);
    expect(recorded.map(({ id }) => id)).toEqual([
      '-0/reconcile/problem/unreadable/2026-01-06',
      '-0/reconcile/problem/unreadable/2026-01-05',
    ]);
    expect(notices.filter((text) => text === damaged.message)).toHaveLength(2);
  });

  test.each([
    ['one of several failures', new AggregateError([new Rejected('denied'), damaged]), [damaged.message]],
    ['none of several failures', new AggregateError([new Rejected('denied'), new Error('no')]), []],
    ['no failure at all', new Rejected('denied'), []],
  ])('is recorded only where it is among the failures: %s', async (_, error, expected) => {
    const { ports, texts } = await opened();
    await recordDisbelieved(ports, 'checkout', error);
    expect(await texts()).toEqual(expected);
  });
});
