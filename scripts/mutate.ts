/**
 * `npm run mutate [-- part…]`: changes core/, pipeline/ and adapters/ in thousands of small ways and wants the tests to notice; exit code 1
 * where they miss more than 15 % in any file. Part by part, each with its own tests, as a mutant is as slow as all the tests it is shown to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { columnsOf } from '../report/table.ts';
import { type Part, parts, withoutParts } from './mutation-parts.ts';

/** Percent of a file's mutants that have to be noticed. */
const least = 85;

const root = join(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.cache', 'cutover', 'mutation');
const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

const fail = (why: string): never => {
  console.error(why);
  process.exit(2);
};

/** A file that is in no part would never be looked at. */
const known = Object.values(parts).flatMap(({ files }) => files);
const forgotten = globSync('{core,pipeline,adapters}/**/*.ts', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !known.includes(path) && !withoutParts(path));
if (forgotten.length > 0) fail(`in no part of scripts/mutation-parts.ts: ${forgotten.sort().join(', ')}`);

interface Score {
  file: string;
  noticed: number;
  all: number;
}

const noticing: readonly string[] = ['Killed', 'Timeout'];
const counting: readonly string[] = [...noticing, 'Survived', 'NoCoverage'];

const scoresOf = (name: string, { files, tests }: Part): Score[] => {
  const gone = [...files, ...tests].filter((path) => !existsSync(join(root, path)));
  if (gone.length > 0)
    fail(`the part ${name} of scripts/mutation-parts.ts names what is not there: ${gone.join(', ')}`);
  const report = join(folder, `${name}.json`);
  rmSync(report, { force: true });
  // Its exit code says no more than that the whole part is below the threshold; here every file counts.
  spawnSync(process.execPath, [stryker, 'run', 'stryker.config.mjs', '--mutate', files.join(',')], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      CUTOVER_MUTATION_TESTS: tests.join(','),
      CUTOVER_MUTATION_REPORT: report,
    },
  });
  const read = (): string => {
    try {
      return readFileSync(report, 'utf8');
    } catch {
      return fail(`${name} was not judged: Stryker wrote no report`);
    }
  };
  const found = JSON.parse(read()) as { files: Record<string, { mutants: { status: string }[] }> };
  return Object.entries(found.files).map(([path, { mutants }]) => {
    const counted = mutants.filter(({ status }) => counting.includes(status));
    const noticed = counted.filter(({ status }) => noticing.includes(status));
    return { file: path, noticed: noticed.length, all: counted.length };
  });
};

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(parts);
mkdirSync(folder, { recursive: true });
const scores = names.flatMap((name) => {
  const part = parts[name] ?? fail(`there is no part ${name}: ${Object.keys(parts).join(', ')}`);
  return scoresOf(name, part);
});
const judged = scores.filter(({ all }) => all > 0).sort((a, b) => a.file.localeCompare(b.file));
const percent = ({ noticed, all }: Omit<Score, 'file'>): number => (100 * noticed) / all;
const sum = judged.reduce((so, { noticed, all }) => ({ noticed: so.noticed + noticed, all: so.all + all }), {
  noticed: 0,
  all: 0,
});
const line = (file: string, score: Omit<Score, 'file'>): string[] => [
  file,
  `${score.noticed} of ${score.all} noticed`,
  `${percent(score).toFixed(1)} %`,
];
console.log(columnsOf([...judged.map((score) => line(score.file, score)), line('all', sum)]).join('\n'));
const low = judged.filter((score) => percent(score) < least);
if (low.length > 0) {
  console.error(`below ${least} %: ${low.map(({ file }) => file).join(', ')}`);
  process.exit(1);
}
