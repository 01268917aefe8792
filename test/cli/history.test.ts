/** `cutover history` page by page, and the figures of a rollout. */
import { expect, test } from 'vitest';
import { limitsOfPlan } from '../../core/plan/limits.ts';
import { eventOf } from '../../pipeline/shared/record.ts';
import { plan } from '../core/build.ts';
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

test('history --figures prints each minute of the newest rollout of an image', async () => {
  const { cloud, run } = await localCloud({});
  const about = { service: 'shop', attempt: 1 };
  for (const [index, release] of ['r1', 'r2', 'r3'].entries()) {
    const at = day + index * 1000;
    await cloud.ledger.append(
      'shop',
      eventOf({ ...about, release }, at, 'test', 'published', '', { data: { label: `v${index}` } }),
    );
  }
  const figures = [
    { at: day, weight: 5, new: null, old: { requests: 1900, errors: 2 }, evidence: null },
    { at: day + 60_000, weight: 5, new: { requests: 100, errors: 8 }, old: { requests: 0, errors: 0 }, evidence: 2 },
    { at: day + 120_000, weight: 5, new: { requests: 100, errors: 8 }, old: null, evidence: 9 },
  ];
  await cloud.ledger.keepFigures('shop', { ...about, release: 'r2' }, figures);
  const { rollsBack } = limitsOfPlan(plan());
  await cloud.ledger.append(
    'shop',
    eventOf({ ...about, release: 'r2' }, day + 5000, 'Admit', 'admitted', '', { data: { plan: plan() } }),
  );
  const { output } = await run('history', 'shop', 'v1', '--figures');
  expect(output).toContain(
    `\n\nv1, attempt 1, by its own plan is rolled back when:\n${rollsBack.map((text) => `  ${text}\n`).join('')}`,
  );
  expect(output.split('\n').slice(-7)).toEqual([
    '',
    'v1, attempt 1: both versions, and the evidence that the new one is worse',
    'from                     weight  new: requests  errors  old: requests  errors   evidence',
    '2026-11-28 00:00:00 UTC  5 %     -              -       1,900          0.105 %  -',
    '2026-11-28 00:01:00 UTC  5 %     100            8 %     0              -        100 to 1',
    '2026-11-28 00:02:00 UTC  5 %     100            8 %     -              -        over a million to 1',
    '',
  ]);
  expect(JSON.parse((await run('history', 'shop', 'r2', '--figures', '--json')).output)).toMatchObject([{ figures }]);
  expect((await run('history', 'shop', '--figures')).output).toContain('v2, attempt 1: no figures; it had no traffic');
  expect((await run('history', 'shop', 'v7')).output).toBe('No rollout of v7 is known: cutover history lists all.\n');
});
