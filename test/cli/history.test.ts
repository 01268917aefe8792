/** `cutover history` page by page, and the figures of a rollout. */
import { expect, test } from 'vitest';
import { eventOf } from '../../pipeline/shared/record.ts';
import { localCloud } from './in-process.ts';

const day = Date.UTC(2026, 10, 28);

test('history lists 20 rollouts, says how to see older ones, and lists all for programs', async () => {
  const { cloud, run } = await localCloud({});
  for (let index = 0; index < 25; index++) {
    const about = { service: 'shop', release: `r${index}`, attempt: 1 };
    const details = { data: { outcome: 'refused', label: `v${index}.` } };
    await cloud.ledger.append('shop', eventOf(about, day + index * 1000, 'test', 'refused', 'no', details));
  }
  const shown = async (...options: string[]) => {
    const { output } = await run('history', 'shop', ...options);
    return { labels: output.match(/v\d+\./g) ?? [], last: output.trimEnd().split('\n').at(-1) ?? '' };
  };
  const newest = Array.from({ length: 25 }, (_, index) => `v${24 - index}.`);
  const first = await shown();
  expect(first.labels).toEqual(newest.slice(0, 20));
  const command = 'cutover history shop --before 2026-11-28T00:00:05.000Z';
  expect(first.last).toBe(`There are older rollouts of shop: ${command}`);
  expect((await shown('--before', '2026-11-28T00:00:05.000Z')).labels).toEqual(newest.slice(20));
  const few = await shown('--limit', '2', '--before', '2026-11-28 00:00:10 UTC');
  expect(few.labels).toEqual(['v9.', 'v8.']);
  expect(few.last).toContain('--before 2026-11-28T00:00:08.000Z --limit 2');
  expect((await shown('--before', '2026-11-28')).last).toBe('No release was published before that.');
  expect((await shown('--json')).labels).toEqual(newest);
  expect((await shown('--json', '--limit', '3')).labels).toEqual(newest.slice(0, 3));
});

test.each([
  [['--before', 'yesterday'], 'a day like 2026-11-28'],
  [['--before', '2026-11-28T09:00'], 'a time with its zone'],
  [['--before', '2026-13-28'], 'a day like 2026-11-28'],
  [['--limit', '0'], 'a whole number from 1 to 10000'],
])('history %j is refused with what was expected', async (options, expected) => {
  const { run } = await localCloud({});
  const { code, errors } = await run('history', ...options);
  expect(code).toBe(2);
  expect(errors).toContain(expected);
});
