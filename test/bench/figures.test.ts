/** Each figure that the documents claim has a command that makes it, and both are still there. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { figures } from '../../bench/figures.ts';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const benches = readFileSync('bench/run.ts', 'utf8');

describe('a figure', () => {
  test.each(figures.map((figure) => [figure.document, figure.words, figure] as const))(
    'of %s stands there, and its command exists: %s',
    (_, words, { document, command }) => {
      expect(readFileSync(document, 'utf8')).toContain(words);
      const script = /npm (?:run )?([\w:-]+)/.exec(command)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      const named = /npm run bench -- ([\w-]+)/.exec(command)?.[1];
      if (named !== undefined) expect(benches).toMatch(new RegExp(`^  '?${named}'?[:,]`, 'm'));
      const file = /vitest run .*?(test\/\S+)/.exec(command)?.[1];
      if (file !== undefined) expect(readFileSync(file, 'utf8')).toContain('vitest');
    },
  );
});
