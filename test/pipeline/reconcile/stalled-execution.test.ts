/** A stalled execution: aborted before commit, stopped after it, and neither while a person decides. */
import { describe, expect, it, test } from 'vitest';
import { executionName, type Row } from '../../../core/protocol/row.ts';
import { stalledExecution } from '../../../pipeline/reconcile/stalled-execution.ts';
import { recorder } from '../../../pipeline/shared/record.ts';
import { minute, publication, row, start } from '../../core/build.ts';
import { held } from '../build.ts';
import { opened as openedPart } from './play-part.ts';

const own = executionName('checkout', publication('b'));
const days = 30 * 24 * 60 * minute;
const question = { id: 'q1', kinds: ['worse'], step: 1, asked: start, until: null, why: 'it is worse' };
const shifting = held({ phase: 'shifting', step: 1 });
const abort = { kind: 'failed' as const, why: 'a test', by: 'a test', at: start };

/** A month after its last change; `moved`: when the execution's history last grew. */
const opened = async (at: Row, moved: number | null = start) => {
  const story = await openedPart(at);
  const { ports, world } = story;
  world.now = start + days;
  const stopped: [string, string][] = [];
  ports.executions.stop = async (...one) => void stopped.push(one);
  ports.executions.moved = async (name) => (name === own ? moved : null);
  const look = () => story.look(stalledExecution, { row: at });
  const aborted = async () => (await story.row()).abort?.by === 'reconcile';
  return { ...story, stopped, look, aborted };
};

describe('before commit', () => {
  test.each([
    ['preparing', held()],
    ['preparing, whatever is asked', held({ question })],
    ['shifting', shifting],
    ['settling', held({ phase: 'settling', step: 1 })],
  ])('an execution that has stalled is aborted: %s', async (_, at) => {
    const { look, row: read, stopped, aborted } = await opened(at);
    const late = expect.stringMatching(new RegExp(`^${own} has been ${at.phase} for 30 days, .* were allowed`));
    const said = await look();
    expect(said).toEqual([late]);
    expect(said[0]).toMatch(/: aborted$/);
    expect((await read()).abort?.why).toEqual(late);
    expect([await aborted(), stopped]).toEqual([true, []]);
  });

  it('an execution that waits for a person’s decision is not', async () => {
    const { look, aborted } = await opened({ ...shifting, question });
    expect(await look()).toEqual([]);
    expect(await aborted()).toBe(false);
  });

  // Rows of older versions pause without a question: only the event of this attempt and step says so.
  test.each([
    ['this step', 'bbbbbbbbbbbb', 1, '1/pause', false],
    ['another step', 'bbbbbbbbbbbb', 1, '0/pause', true],
    ['another attempt', 'bbbbbbbbbbbb', 2, '1/pause', true],
    ['another release', 'cccccccccccc', 1, '1/pause', true],
    ['this step, to go on', 'bbbbbbbbbbbb', 1, '1/advance', true],
  ])('a pause that was decided at %s counts (%#)', async (_, release, attempt, what, isAborted) => {
    const { ports, look, aborted } = await opened(shifting);
    const record = recorder(ports, { service: 'checkout', release, attempt }, 'Judge');
    await record('judged', 'a person decides', { what });
    await record('problem', 'something else, later');
    await look();
    expect(await aborted()).toBe(isAborted);
  });

  it('why it cannot be aborted is said where it has ended meanwhile', async () => {
    const { look, change } = await opened(shifting);
    await change(row({ token: 8 }));
    expect(await look()).toEqual(['no rollout is under way']);
  });
});

describe('after commit and on the way back', () => {
  test.each([
    ['committed', held({ phase: 'committed', step: 1 })],
    ['rollingBack', held({ phase: 'rollingBack', step: 1, abort })],
  ])('an execution whose history stands still is stopped, and that is recorded once: %s', async (phase, at) => {
    const { look, stopped, events, aborted } = await opened(at);
    const still = `${own} has stalled while ${phase} for 30 days, 2 hours 2 minutes were allowed`;
    const text = `${still}: it is stopped, and a recovery continues from there`;
    expect(await look()).toEqual([text]);
    await look();
    expect(stopped).toEqual([
      [own, still],
      [own, still],
    ]);
    expect(await events()).toMatchObject([{ kind: 'problem', text, id: expect.stringMatching(`/stopped/${own}$`) }]);
    expect(await aborted()).toBe(false);
  });

  test.each([
    ['has moved lately', start + days - minute],
    ['is absent', null],
  ])('an execution that %s is left alone', async (_, moved) => {
    const { look, stopped, texts } = await opened(held({ phase: 'committed', step: 1 }), moved);
    expect(await look()).toEqual([]);
    expect([stopped, await texts()]).toEqual([[], []]);
  });
});

test.each([
  ['that is in time', shifting, 2 * minute],
  ['that holds nothing any more', { ...shifting, lock: { state: 'free' as const }, phase: 'free' as const }, days],
  ['of a service at rest', row(), days],
])('an execution %s is neither looked up nor touched', async (_, at, after) => {
  const { ports, world, look, stopped, aborted } = await opened(at);
  world.now = start + after;
  ports.ledger.history = () => Promise.reject(new Error('asked'));
  ports.executions.moved = () => Promise.reject(new Error('asked'));
  expect(await look()).toEqual([]);
  expect([stopped, await aborted()]).toEqual([[], false]);
});
