/** What `npm run mutate` changes: every source file is in a part, and no part names what is not there. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parts, withoutParts } from '../../scripts/mutation-parts.ts';

const root = join(import.meta.dirname, '..', '..');
const named = Object.values(parts).flatMap(({ files }) => files);

it('every file of core/, pipeline/ and adapters/ is in a part of scripts/mutation-parts.ts', () => {
  const there = globSync('{core,pipeline,adapters}/**/*.ts', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  expect(there.length).toBeGreaterThan(200);
  expect(there.filter((path) => !named.includes(path) && !withoutParts(path))).toEqual([]);
});

it('every file and test that a part names is there', () => {
  const tests = Object.values(parts).flatMap((part) => part.tests);
  expect([...named, ...tests].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
