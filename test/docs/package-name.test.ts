/** Commands that people copy run what is installed already: nothing is fetched by a name that somebody else could register. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const entries = globSync(['*.md', 'docs/**/*.md', 'examples/**/*', '.github/**/*', '.ci/*'], {
  cwd: root,
  withFileTypes: true,
  exclude: (entry) => entry.name === 'node_modules' || entry.name === '.git',
}).filter((entry) => entry.isFile());
const documents = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
/** What the program itself tells people to run. */
const sources = globSync('{cli,core,pipeline,adapters,scripts,infra,report}/**/*.ts', { cwd: root }).sort();

/** Ways to run or install a package by its bare name, which a registry answers where nothing is installed. */
const fetched =
  /(?:\bnpx (?:(?:-y|--yes|-p|--package)[ =]?)*(?:cutover|sst)\b|\bnpm (?:exec|x)(?: --)? cutover\b|\bnpm (?:i|install|add)(?: -\S+)* cutover\b|\b(?:pnpm|yarn|bunx?) (?:dlx |add |x )?cutover\b)[^`\n]*/g;

const found = (path: string): string[] => (read(path).match(fetched) ?? []).map((line) => `${path}: ${line}`);

test('no document, example or message runs a package by a name that nobody here owns', () => {
  expect(documents.length).toBeGreaterThan(40);
  expect([...documents, ...sources].flatMap(found)).toEqual([]);
});

test('the pattern sees each way to fetch a package, and lets installed ones run', () => {
  const all = (line: string) => line.match(fetched) !== null;
  const fetching = ['npx cutover plan', 'npx -y cutover', 'npx sst deploy', 'npm i cutover', 'npm install -D cutover'];
  expect(fetching.filter((line) => !all(line))).toEqual([]);
  const local = ['npx --no-install cutover plan', 'npm install ./cutover-0.1.0.tgz', 'npm run cutover -- plan'];
  expect(local.filter(all)).toEqual([]);
});
