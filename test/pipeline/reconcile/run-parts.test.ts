/** Parts one after the other: what they did, and what becomes of their failures. */
import { expect, it } from 'vitest';
import { Rejected } from '../../../core/basics/errors.ts';
import { allDone, inOrder, type Part } from '../../../pipeline/reconcile/run-parts.ts';
import { row, service } from '../../core/build.ts';
import { opened } from './play-part.ts';

const look = { row: row(), service: service() };
const denied = new Rejected('AccessDenied');

it('each part waits for the one before, and is done whatever became of that', async () => {
  const { ports } = await opened();
  const order: string[] = [];
  const part =
    (name: string, fails = false): Part =>
    async (...given) => {
      expect(given).toEqual([ports, look]);
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw denied;
      return [`${name} did this`, 'and that'];
    };
  const outcome = await inOrder(ports, look, [part('one'), part('two', true), part('three')]);
  expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
  expect(outcome).toEqual({
    done: ['one did this', 'and that', 'three did this', 'and that'],
    failures: [denied],
  });
});

it('all that was done is one list, in order', () => {
  const of = (...done: string[]) => ({ done, failures: [] });
  expect(allDone([of('one'), of(), of('two', 'three')])).toEqual(['one', 'two', 'three']);
});

it('one failure is thrown as it is, several as one that names them all', () => {
  const failed = (...failures: unknown[]) => ({ done: ['did this'], failures });
  const other = new Error('throttled');
  const thrown = (...outcomes: ReturnType<typeof failed>[]): unknown => {
    try {
      return allDone(outcomes);
    } catch (error) {
      return error;
    }
  };
  expect(thrown(failed(), failed(denied))).toBe(denied);
  const several = thrown(failed(denied), failed(), failed(other));
  expect(several).toMatchObject({ errors: [denied, other], message: 'AccessDenied; throttled' });
});
