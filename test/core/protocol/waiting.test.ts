/** What a rollout waits for, by its row and its events. */
import { expect, test } from 'vitest';
import type { Question, Row } from '../../../core/protocol/row.ts';
import { waitOf } from '../../../core/protocol/waiting.ts';
import type { HistoryEvent } from '../../../core/release/history.ts';
import { minute, plan, publication, row, start } from '../build.ts';

const { release, attempt } = publication('b');
const asked = (different: Partial<Question> = {}): Question => ({
  id: 'q1',
  kinds: ['noTraffic'],
  step: 1,
  asked: start + 5 * minute,
  until: null,
  why: 'no traffic',
  ...different,
});
const shifting = (different: Partial<Row> = {}): Row =>
  row({
    lock: { state: 'held', publication: publication('b'), execution: 'checkout-b-1' },
    phase: 'shifting',
    step: 1,
    plan: plan(),
    question: asked(),
    ...different,
  });
const alarm = (different: Partial<HistoryEvent> = {}): HistoryEvent => ({
  id: 'b-1/Shift/waiting/alarm/7',
  at: start + minute,
  release,
  attempt,
  by: 'Shift',
  kind: 'waiting',
  text: 'alarm busy went off before the first weight; to give up, run cutover abort checkout',
  ...different,
});

test('an open question is waited for, with its id, its limit and its figures', () => {
  expect(waitOf(shifting(), [])).toEqual({
    for: 'decision',
    question: 'q1',
    since: start + 5 * minute,
    until: null,
    why: 'no traffic',
  });
});

test.each([
  ['approval', ['approval']],
  ['incident', ['incident']],
  ['decision', ['noTraffic', 'noMetrics']],
])('a question is one of %s by its kinds', (what, kinds) => {
  expect(waitOf(shifting({ question: asked({ kinds }) }), [])?.for).toBe(what);
});

test('an alarm before the first weight is waited for, and nobody is asked', () => {
  const preparing = shifting({ phase: 'preparing', step: 0, question: null });
  expect(waitOf(preparing, [alarm()])).toEqual({
    for: 'alarm',
    question: null,
    since: start + minute,
    until: null,
    why: 'alarm busy went off before the first weight',
  });
  expect(waitOf(preparing, [alarm({ attempt: attempt + 1 })])).toBeNull();
  expect(waitOf(preparing, [alarm({ by: 'AwaitApproval' })])).toBeNull();
  expect(waitOf(preparing, [alarm({ kind: 'tested', by: 'Smoke' }), alarm()])).toBeNull();
  expect(waitOf(shifting({ question: null }), [alarm()])).toBeNull();
});

test.each<[string, Row]>([
  ['that was answered', shifting({ signals: [{ kind: 'approve', by: 'ada', at: start, question: 'q1' }] })],
  ['that was rejected without naming the question', shifting({ signals: [{ kind: 'reject', by: 'ada', at: start }] })],
  ['that was aborted', shifting({ abort: { kind: 'failed', why: '', by: '', at: start } })],
  ['that asks nobody', shifting({ question: null })],
])('a rollout %s waits for nobody', (_, of) => {
  expect(waitOf(of, [])).toBeNull();
});

test('an answer to an earlier question leaves the present one open', () => {
  const earlier = { kind: 'approve' as const, by: 'ada', at: start, question: 'q0' };
  expect(waitOf(shifting({ signals: [earlier] }), [])?.question).toBe('q1');
});
