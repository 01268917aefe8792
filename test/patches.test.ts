/** What `npm run rules` breaks the sources by: each patch has to fit, once, where it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patches } from './simulator/patches.ts';

const root = join(import.meta.dirname, '..');

test('every patch fits the sources, and each rule has two at least', () => {
  const edits = patches.flatMap(({ name, also = [], ...first }) => [first, ...also].map((edit) => ({ name, ...edit })));
  const unfit = edits.filter(({ file, find }) => readFileSync(join(root, file), 'utf8').split(find).length !== 2);
  expect(unfit.map(({ name }) => name)).toEqual([]);
  const rules = patches.map(({ rule }) => rule);
  for (let number = 1; number <= 10; number++)
    expect(rules.filter((rule) => rule === `R${number}`).length).toBeGreaterThanOrEqual(2);
});
