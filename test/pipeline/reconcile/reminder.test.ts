/** The hourly reminder of a rollout that waits: who is reminded of what, how often, and when nobody is. */
import { describe, expect, it, test } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import { reminder } from '../../../pipeline/reconcile/reminder.ts';
import { recorder } from '../../../pipeline/shared/record.ts';
import { minute, plan, start } from '../../core/build.ts';
import { held } from '../build.ts';
import { opened as openedPart } from './play-part.ts';

const hour = 60 * minute;
const question = { id: 'q1', kinds: ['worse'], step: 1, asked: start, until: null, why: 'it is worse' };
const asking = held({ phase: 'shifting', step: 1, question });

const opened = async (at: Row, after = hour) => {
  const story = await openedPart(at);
  story.world.now = start + after;
  return { ...story, look: () => story.look(reminder) };
};

describe('a rollout that waits for an answer', () => {
  const text = (hours: string) =>
    `release-b has waited for an answer for ${hours}; traffic stays as it is: cutover approve checkout --question q1, or cutover reject checkout --question q1`;

  it('is said once for every full hour, with the commands that answer', async () => {
    const { ports, world, look, events } = await opened(asking);
    const said: string[] = [];
    const record = recorder(ports, plan(), 'a test');
    for (const after of [hour, 2 * hour - 1, 2 * hour, 2 * hour + minute]) {
      world.now = start + after;
      said.push(...(await look()));
      await record('problem', 'something else', { what: after, at: world.now + 1 });
    }
    expect(said).toEqual([text('1 hour'), text('2 hours')]);
    expect((await events()).filter(({ kind }) => kind === 'waiting')).toMatchObject([
      { kind: 'waiting', by: 'reconcile', text: text('2 hours'), id: expect.stringMatching('/1/2$') },
      { kind: 'waiting', by: 'reconcile', text: text('1 hour'), data: { since: start }, at: start + hour },
    ]);
  });

  it('is said again at another step, and about another attempt', async () => {
    const { look, change } = await opened(asking);
    await look();
    await change({ step: 2 });
    expect(await look()).toHaveLength(1);
    await change({ plan: plan({ attempt: 2 }) });
    expect(await look()).toHaveLength(1);
    expect(await look()).toEqual([]);
  });

  it('is counted from the question, not from the admission', async () => {
    const { world, look } = await opened({ ...asking, question: { ...question, asked: start + hour + 1 } }, 2 * hour);
    expect(await look()).toEqual([]);
    world.now += 1;
    expect(await look()).toEqual([text('1 hour')]);
  });

  test.each<[string, Partial<Row>]>([
    ['it is committed', { phase: 'committed' }],
    ['it is being rolled back', { phase: 'rollingBack', abort: { kind: 'failed', why: '', by: '', at: start } }],
    ['its question is answered', { signals: [{ kind: 'approve', by: 'ann', at: start, question: 'q1' }] }],
    ['it holds the service no more', { lock: { state: 'free' }, phase: 'free' }],
    ['it has ended', { lock: { state: 'free' }, phase: 'free', plan: null }],
    ['it asks nothing', { question: null }],
  ])('is not where %s', async (_, change) => {
    const { look, texts } = await opened({ ...asking, ...change }, 3 * hour);
    expect(await look()).toEqual([]);
    expect(await texts()).toEqual([]);
  });

  it('has no history asked for within an hour of its admission', async () => {
    const { ports, look } = await opened(asking, hour - 1);
    ports.ledger.history = () => Promise.reject(new Error('asked'));
    expect(await look()).toEqual([]);
  });
});

describe('a rollout that an alarm holds', () => {
  const holding = async (attempt = 1, by = 'Shift') => {
    const story = await opened(held(), 2 * hour);
    const { release } = plan();
    const record = recorder(story.ports, { service: 'checkout', release, attempt }, by);
    await record('waiting', 'alarm 5xx went off', { at: start + hour });
    return story;
  };

  it('is said every hour, with what gives it up', async () => {
    const { look, world } = await holding();
    world.now -= 1;
    expect(await look()).toEqual([]);
    world.now += 1;
    expect(await look()).toEqual([
      'release-b has waited for an alarm for 1 hour; no user reaches it before that is OK; to give up, run cutover abort checkout',
    ]);
  });

  test.each([
    ['another attempt', 2, 'Shift'],
    ['another state', 1, 'Judge'],
  ])('is not taken for one by an event of %s', async (_, attempt, by) => {
    const { look } = await holding(attempt, by);
    expect(await look()).toEqual([]);
  });
});
