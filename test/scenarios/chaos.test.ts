/** Fixed seeds of what `npm run chaos` plays: one to four faults of any kind, at any call. */
import { expect, it } from 'vitest';
import { play } from '../chaos/play.ts';

const seeds = 60;

it(`${seeds} rollouts with faults come to rest as they should (R5, R9, R10)`, async () => {
  const bad: unknown[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations, ...played } = await play(seed);
    if (violations.length > 0) bad.push({ violations, ...played });
  }
  expect(bad).toEqual([]);
});
