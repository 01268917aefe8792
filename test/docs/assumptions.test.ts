/** docs/assumptions.md names every time that is experience only, and no file or key that is not there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { latencies } from '../../local/latencies.ts';

const page = readFileSync('docs/assumptions.md', 'utf8');
const [times = '', behaviour = ''] = page.split('## Behaviour');

/** Keys whose comment says (mem), which stands for experience. */
const experience = readFileSync('local/latencies.ts', 'utf8')
  .split('export type Latencies')[0]
  ?.split('\n')
  .flatMap((line, index, lines) => {
    const key = /^ {2}(\w+):/.exec(line)?.[1];
    return key !== undefined && lines[index - 1]?.includes('(mem)') ? [key] : [];
  });

test('every time that is experience has its row, and no other time has one', () => {
  const rows = [...times.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key as string);
  expect(rows.sort()).toEqual(experience?.sort());
  expect(Object.keys(latencies)).toEqual(expect.arrayContaining(rows));
});

test('every test that is named exists', () => {
  const files = [...behaviour.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file]) => file as string);
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});
