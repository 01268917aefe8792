/** What `npm run rules` copies is all that chaos and the tests of its patches import: what is missing would be found only by running it. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { expect, it } from 'vitest';
import { copied, root } from '../../scripts/rules-copy.ts';
import { patches } from '../simulator/patches.ts';

const imported = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import\(|^import) ?'(\.{1,2}\/[^']+)'/gm)].map(
    ([, to = '']) => normalize(join(dirname(path), to)),
  );

it('every file that a watcher of a rule reads is copied with the sources', () => {
  const tests = patches.flatMap(({ by }) => by).flatMap((watcher) => (typeof watcher === 'string' ? [] : watcher.file));
  const left = ['scripts/chaos.ts', 'test/environment.ts', 'test/keep-recordings.ts', ...tests];
  const seen = new Set<string>();
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (path.endsWith('.ts')) left.push(...imported(path));
  }
  const isCopied = (path: string): boolean =>
    copied.some((one) => path === one || !relative(one, path).startsWith(`..`) || path.startsWith(`${one}${sep}`));
  expect(seen.size).toBeGreaterThan(200);
  expect([...seen].filter((path) => !isCopied(path))).toEqual([]);
});
