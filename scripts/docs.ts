/**
 * `npm run docs`: makes the generated pages, tables and pictures of docs/. `-- --check` compares them with the files instead.
 * `-- --reference` makes only the generated pages, in a second; `-- --pictures` also the pictures, in half a minute.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pictures } from '../bench/canary/pictures.ts';
import { runCells, tablesOf } from '../bench/canary/report.ts';
import { caughtPicture } from './reference/caught.ts';
import { references } from './reference/references.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const differing: string[] = [];

const read = (path: string): string => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
};

const put = (path: string, text: string): void => {
  if (read(path) === text) return;
  differing.push(path);
  if (check) return;
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** What stands between `<!-- made: name -->` and `<!-- end -->` in a document is replaced. */
const fill = (path: string, blocks: Record<string, string>): void => {
  const filled = Object.entries(blocks).reduce((text, [name, block]) => {
    const [before, after] = text.split(`<!-- made: ${name} -->\n`);
    const end = after?.indexOf('<!-- end -->') ?? -1;
    if (after === undefined || end < 0) throw new Error(`${path} has no place for ${name}`);
    return `${before}<!-- made: ${name} -->\n${block}\n${after.slice(end)}`;
  }, read(path));
  put(path, filled);
};

for (const [path, text] of Object.entries(await references())) put(path, text);

const drawn = async (): Promise<void> => {
  const all = { ...pictures(), 'caught.svg': await caughtPicture() };
  for (const [name, svg] of Object.entries(all)) put(`docs/pictures/${name}`, svg);
};

const measured = async (): Promise<void> => {
  const progress = (done: number, of: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} cells`);
  };
  const { policies, falseRollbacks, cells, summary } = tablesOf(await runCells(progress));
  fill('docs/analysis.md', { summary });
  fill('docs/beside-others.md', {
    summary,
    policies,
    'false rollbacks': falseRollbacks,
    ...Object.fromEntries(cells.map(({ traffic, table }) => [`${traffic} a minute`, table])),
  });
};
const only = ['--reference', '--pictures'].filter((option) => process.argv.includes(option));
if (!only.includes('--reference')) await drawn();
if (only.length === 0) await measured();

if (check && differing.length > 0) {
  console.error(`not what the code makes now: ${differing.join(', ')}; npm run docs makes them`);
  process.exitCode = 1;
} else console.log(differing.length === 0 ? 'all of it is as it is made' : `made: ${differing.join(', ')}`);
