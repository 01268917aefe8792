/** What a service's events add up to, in whatever state they arrive. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HistoryEvent, rolloutsOf } from '../../../core/release/history.ts';
import { start } from '../build.ts';

const event = (kind: HistoryEvent['kind'], seconds: number, different: Partial<HistoryEvent> = {}): HistoryEvent => ({
  id: `${kind}/${seconds}`,
  at: start + seconds * 1000,
  release: 'b',
  attempt: 1,
  by: 'test',
  kind,
  text: `it was ${kind}`,
  ...different,
});

const failed: HistoryEvent[] = [
  event('published', 0, { data: { label: 'release-b' } }),
  event('admitted', 1),
  event('launched', 2),
  event('shifted', 60, { data: { step: 1, weight: 5 } }),
  event('judged', 70, { data: { requests: 100, errors: 2 } }),
  event('shifted', 360, { data: { step: 2, weight: 25 } }),
  event('judged', 420, { data: { requests: 700, errors: 56 } }),
  event('aborted', 421, { text: '56 of 700 requests failed' }),
  event('evidence', 430, { text: 'instance terminated: exited with code 3', data: { instance: 'i-1' } }),
  event('removed', 500),
  event('finished', 510, { data: { outcome: 'failed', reason: '56 of 700 requests failed (8 %)' } }),
];

const retried: HistoryEvent[] = [
  event('published', 600, { attempt: 2 }),
  event('superseded', 601, { attempt: 2, text: 'c was published after it' }),
  event('published', 600, { id: 'c', release: 'c' }),
  event('admitted', 602, { release: 'c' }),
];

describe('a history', () => {
  test('is its rollouts, newest first, each with how far it came and how it ended', () => {
    const [third, second, first, ...others] = rolloutsOf('checkout', [...failed, ...retried]);
    expect(others).toEqual([]);
    expect(first).toEqual({
      service: 'checkout',
      release: 'b',
      label: 'release-b',
      attempt: 1,
      publishedAt: start,
      startedAt: start + 1000,
      endedAt: start + 510_000,
      outcome: 'failed',
      observed: false,
      reason: '56 of 700 requests failed (8 %)',
      steps: [
        { step: 1, weight: 5, at: start + 60_000 },
        { step: 2, weight: 25, at: start + 360_000 },
      ],
      requests: 700,
      errors: 56,
      evidence: [{ instance: 'i-1', said: 'instance terminated: exited with code 3' }],
    });
    expect([second, third].map((rollout) => [rollout?.release, rollout?.outcome, rollout?.startedAt])).toEqual(
      expect.arrayContaining([
        ['b', 'superseded', null],
        ['c', null, start + 602_000],
      ]),
    );
  });

  test('gives the reason of an abort before the rollout has ended', () => {
    expect(rolloutsOf('checkout', failed.slice(0, 8))).toMatchObject([
      { outcome: null, reason: '56 of 700 requests failed' },
    ]);
  });

  test('ends a rollout once: what is said of it later changes nothing', () => {
    const echo = event('refused', 900, { text: 'an echo' });
    expect(rolloutsOf('checkout', [...failed, echo])).toEqual(rolloutsOf('checkout', failed));
  });

  test('of unknown figures is as good as one without', () => {
    const odd = failed.map((each) => ({
      ...each,
      data: { outcome: 'splendid', requests: 'many', errors: null, step: {}, label: 7 },
    }));
    expect(rolloutsOf('checkout', odd)).toMatchObject([{ label: 'b', requests: 0, errors: 0, outcome: null }]);
  });

  test('takes a figure of 0 for one, and what is no number for none', () => {
    const judged = (data: Record<string, unknown>) => event('judged', 80, { id: 'later', data });
    const withData = (data: Record<string, unknown>) =>
      rolloutsOf('checkout', [...failed.slice(0, 5), judged(data)])[0];
    expect(withData({ requests: 0, errors: 0 })).toMatchObject({ requests: 0, errors: 0 });
    expect(withData({ requests: Number.NaN, errors: Number.POSITIVE_INFINITY })).toMatchObject({
      requests: 100,
      errors: 2,
    });
  });

  test('takes the sentence for a reason where an end brings none', () => {
    const end = event('finished', 90, { text: 'it went live', data: { outcome: 'live' } });
    expect(rolloutsOf('checkout', [end])).toMatchObject([{ outcome: 'live', reason: 'it went live', endedAt: end.at }]);
    const without = event('finished', 90, { text: 'it ended' });
    expect(rolloutsOf('checkout', [without])).toMatchObject([{ outcome: null, reason: 'it ended', endedAt: end.at }]);
  });

  test.each(['superseded', 'refused', 'live', 'failed'])('knows the outcome %s', (outcome) => {
    expect(rolloutsOf('checkout', [event('finished', 90, { data: { outcome } })])).toMatchObject([{ outcome }]);
  });

  test('starts with the first admission and goes on with the others', () => {
    const again = event('admitted', 30);
    expect(rolloutsOf('checkout', [...failed.slice(0, 2), again])).toMatchObject([{ startedAt: start + 1000 }]);
  });

  test('tells a refusal, and what it is called from any event that says', () => {
    const refused = event('refused', 5, { text: 'older', data: { label: 'release-b' } });
    expect(rolloutsOf('checkout', [event('published', 0), refused])).toMatchObject([
      { outcome: 'refused', reason: 'older', label: 'release-b', startedAt: null, steps: [] },
    ]);
  });

  test('takes events of one moment by their names, and of one name by the latest', () => {
    const said = (id: string, label: string, seconds = 1) => event('judged', seconds, { id, data: { label } });
    expect(rolloutsOf('checkout', [said('2', 'second'), said('1', 'first')])).toMatchObject([{ label: 'second' }]);
    expect(rolloutsOf('checkout', [said('1', 'first'), said('2', 'second')])).toMatchObject([{ label: 'second' }]);
  });

  test('of nothing is empty', () => {
    expect(rolloutsOf('checkout', [])).toEqual([]);
  });

  test('is the same however often and in whatever order its events come', () => {
    const all = [...failed, ...retried];
    const repeated = fc.shuffledSubarray([...all, ...all, ...all], { minLength: 0 });
    fc.assert(
      fc.property(repeated, (some) => {
        expect(rolloutsOf('checkout', [...some, ...all])).toEqual(rolloutsOf('checkout', all));
      }),
    );
  });
});
