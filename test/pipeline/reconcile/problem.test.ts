/** A problem on record: whom it is about, and that it is recorded once under the same `what`. */
import { expect, it, test } from 'vitest';
import { recordProblem } from '../../../pipeline/reconcile/problem.ts';
import { live, plan, publication, row } from '../../core/build.ts';
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
    { kind: 'problem', by: 'reconcile', text: 'it is odd', release, attempt, id: expect.stringMatching('/odd$') },
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
