/** Which question to a person is open, by the row and its events. */
import { expect, test } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import { questionOf } from '../../../core/protocol/waiting.ts';
import type { HistoryEvent } from '../../../core/release/history.ts';
import { minute, plan, publication, row, start } from '../build.ts';

const { release, attempt } = publication('b');
const shifting = (different: Partial<Row> = {}): Row =>
  row({
    lock: { state: 'held', publication: publication('b'), execution: 'checkout-b-1' },
    phase: 'shifting',
    step: 1,
    plan: plan(),
    ...different,
  });
const judged = (minutes: number, action: string, step = 1): HistoryEvent => ({
  id: `b-1/Judge/judged/${step}/${action}`,
  at: start + minutes * minute,
  release,
  attempt,
  by: 'Judge',
  kind: 'judged',
  text: `nobody asked it; a person decides, and traffic stays at 5 % until then: cutover approve checkout`,
  data: { step, action },
});

test('a pause at the step in force is a question without a limit', () => {
  expect(questionOf(shifting(), [judged(5, 'pause')])).toEqual({
    for: 'decision',
    since: start + 5 * minute,
    until: null,
    why: 'nobody asked it',
  });
});

test('an incident of both versions is waited for, and ends with the next weight', () => {
  expect(questionOf(shifting(), [judged(5, 'wait')])?.for).toBe('incident');
  expect(questionOf(shifting(), [judged(9, 'advance'), judged(5, 'wait')])).toBeNull();
});

test.each<[string, Row, HistoryEvent[]]>([
  ['answered', shifting({ signals: [{ kind: 'approve', by: 'ada', at: start + 6 * minute }] }), [judged(5, 'pause')]],
  ['asked at an earlier weight', shifting({ step: 2 }), [judged(5, 'pause')]],
  ['asked of an earlier attempt', shifting(), [{ ...judged(5, 'pause'), attempt: attempt + 1 }]],
  ['aborted', shifting({ abort: { kind: 'failed', why: '', by: '', at: start } }), [judged(5, 'pause')]],
  ['judged without a question', shifting(), [judged(5, 'rollback')]],
])('a rollout %s asks nobody', (_, of, events) => {
  expect(questionOf(of, events)).toBeNull();
});
