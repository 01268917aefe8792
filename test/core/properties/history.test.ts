/** Histories: what the fold of any events keeps to. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistoryEvent, rolloutsOf } from '../../../core/release/history.ts';
import { start } from '../build.ts';

const seed = 1;

const kinds: HistoryEvent['kind'][] = [
  'published',
  'admitted',
  'shifted',
  'judged',
  'aborted',
  'superseded',
  'refused',
  'finished',
];
const data = fc.oneof(
  fc.record(
    {
      label: fc.constantFrom('release-7', 'release-8'),
      step: fc.integer({ min: 1, max: 4 }),
      weight: fc.integer({ min: 1, max: 100 }),
      requests: fc.nat(1000),
      errors: fc.nat(10),
      outcome: fc.constantFrom('live', 'failed', 'superseded', 'refused', 'splendid'),
    },
    { requiredKeys: [] },
  ),
  fc.dictionary(fc.constantFrom('label', 'step', 'weight', 'requests', 'errors', 'outcome', 'reason'), fc.jsonValue()),
);
/** Each with an id of its own, as the ledger keeps them. */
const events = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      at: fc.nat(100).map((seconds) => start + seconds * 1000),
      release: fc.constantFrom('b', 'c'),
      attempt: fc.integer({ min: 1, max: 2 }),
      data,
    }),
    { maxLength: 25 },
  )
  .map((all) =>
    all.map((one, index): HistoryEvent => ({ ...one, id: `e${index}`, by: 'test', text: `said ${index}` })),
  );

const keyOf = ({ release, attempt }: { release: string; attempt: number }): string => `${release}/${attempt}`;

test('every attempt that is spoken of is one rollout, newest first', () => {
  fc.assert(
    fc.property(events, (all) => {
      const rollouts = rolloutsOf('checkout', all);
      expect(rollouts.map(keyOf).sort()).toEqual([...new Set(all.map(keyOf))].sort());
      const heard = rollouts.map(({ publishedAt }) => publishedAt);
      expect(heard).toEqual([...heard].sort((a, b) => b - a));
      for (const rollout of rollouts) {
        const own = all.filter((event) => keyOf(event) === keyOf(rollout)).map(({ at }) => at);
        expect(rollout.publishedAt).toBe(Math.min(...own));
      }
    }),
    { seed },
  );
});

test('what is said of one attempt changes no other', () => {
  fc.assert(
    fc.property(events, (all) => {
      for (const rollout of rolloutsOf('checkout', all)) {
        const own = all.filter((event) => keyOf(event) === keyOf(rollout));
        expect(rolloutsOf('checkout', own)).toEqual([rollout]);
      }
    }),
    { seed },
  );
});

test('it starts and ends with the first event that says so, and takes each step once', () => {
  fc.assert(
    fc.property(events, (all) => {
      for (const rollout of rolloutsOf('checkout', all)) {
        const timesOf = (...wanted: HistoryEvent['kind'][]) =>
          all.filter((event) => keyOf(event) === keyOf(rollout) && wanted.includes(event.kind)).map(({ at }) => at);
        const first = (times: number[]) => (times.length === 0 ? null : Math.min(...times));
        expect(rollout.endedAt).toBe(first(timesOf('superseded', 'refused', 'finished')));
        expect(rollout.startedAt).toBe(first(timesOf('admitted')));
        expect(new Set(rollout.steps.map(({ step }) => step)).size).toBe(rollout.steps.length);
        expect(rollout.steps.map(({ at }) => at)).toEqual(rollout.steps.map(({ at }) => at).sort((a, b) => a - b));
      }
    }),
    { seed },
  );
});

test('a rollout’s figures are numbers and its outcome is known, whatever data its events bring', () => {
  fc.assert(
    fc.property(events, (all) => {
      for (const rollout of rolloutsOf('checkout', all)) {
        expect([null, 'live', 'failed', 'superseded', 'refused']).toContain(rollout.outcome);
        const figures = [
          rollout.requests,
          rollout.errors,
          ...rollout.steps.flatMap(({ step, weight }) => [step, weight]),
        ];
        expect(figures.every((figure) => Number.isFinite(figure))).toBe(true);
        expect([typeof rollout.label, typeof rollout.reason]).toEqual(['string', 'string']);
        expect(JSON.parse(JSON.stringify(rollout))).toEqual(rollout);
      }
    }),
    { seed },
  );
});
