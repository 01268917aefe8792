/** What `status` says of a rollout: what a phase waits for, until when, and what follows. */
import { expect, test } from 'vitest';
import { standing, statusLines } from '../../cli/pipeline/status-text.ts';
import type { BakeView } from '../../pipeline/operations/bake-view.ts';
import type { StatusView } from '../../pipeline/operations/status.ts';

const until = Date.UTC(2026, 0, 2, 3, 4, 5);
const bake: BakeView = {
  weight: 100,
  since: until - 60_000,
  until,
  left: 30,
  bake: 60,
  new: { requests: 10, errors: 0 },
  old: null,
  evidence: null,
  needed: null,
  unreadable: null,
};
const live = { release: 'one', label: 'v1', slot: 'blue', since: 0 };

const view = (phase: string, changes: Partial<StatusView> = {}): StatusView => ({
  service: 'shop',
  urls: [],
  live,
  ended: null,
  rollout: { release: 'two', label: 'v2', attempt: 1, phase, step: 4, steps: 4, slot: 'green', abort: null },
  waiting: null,
  bake: null,
  stuck: null,
  next: null,
  weights: null,
  ...changes,
});

test.each<[string, Partial<StatusView>, string]>([
  ['preparing', {}, 'starts and checks the new instances; no user reaches them yet'],
  ['shifting', {}, 'step 4 of 4: both versions serve and are compared'],
  [
    'settling',
    { bake },
    'step 4 of 4: the new version serves all traffic; at 2026-01-02 03:04:05 UTC, the old instances are removed if nothing is wrong',
  ],
  [
    'settling',
    { bake, live: null },
    'step 4 of 4: the new version serves all traffic; at 2026-01-02 03:04:05 UTC, it is live if nothing is wrong',
  ],
  ['committed', {}, 'the new version serves all traffic; the old instances are being removed'],
  ['going back', {}, 'traffic goes back to the old version, and the new instances are removed'],
  ['waiting for approval', {}, 'step 4 of 4: waiting for approval'],
])('the phase %s with %j is told in words', (phase, changes, said) => {
  const lines = statusLines(view(phase, changes));
  expect(lines).toContain('  rollout   v2 (two), attempt 1, into green');
  expect(lines).toContain(`            ${said}`);
  if (changes.bake === undefined) expect(standing(view(phase, changes))).toBe(`v2: ${said}`);
});
