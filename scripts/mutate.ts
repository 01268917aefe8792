/**
 * `npm run mutate [-- part…]`: changes core/ in some thousands of small ways and wants the tests to notice; exit code 1 where they miss
 * more than 15 % in any file. Part by part, each with the tests that are about it, as a mutant is as slow as all the tests it is shown to.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { columnsOf } from '../report/table.ts';

interface Part {
  files: string[];
  tests: string[];
}

/** Types and names alone, with nothing to change. */
const empty = ['index', 'config/service', 'plan/plan', 'protocol/requests'];

const inFolder = (folder: string, ...names: string[]): string[] => names.map((name) => `${folder}/${name}`);

/** Files of core/ and of test/core/, without their endings. */
const parts: Record<string, Part> = {
  text: { files: [...inFolder('basics', 'duration', 'format', 'glob'), 'config/suggest'], tests: ['basics/text'] },
  protocol: {
    files: ['basics/slot', ...inFolder('protocol', 'changes', 'guards', 'protocol', 'row')],
    tests: inFolder('protocol', 'refusals', 'protocol'),
  },
  plan: {
    files: inFolder('plan', 'planning', 'describe', 'capacity', 'cost', 'scaling-bounds'),
    tests: ['plan/planning', 'properties/plan'],
  },
  verdict: {
    files: ['plan/bake', ...inFolder('analysis', 'evidence', 'verdict', 'thresholds')],
    tests: inFolder('analysis', 'evidence', 'verdict'),
  },
  figures: {
    files: inFolder('analysis', 'burst', 'limit', 'measures', 'samples', 'share'),
    tests: inFolder('analysis', 'samples', 'e-process'),
  },
  comparison: {
    files: inFolder('analysis', 'compare', 'e-process', 'minutes'),
    tests: inFolder('analysis', 'minutes', 'e-process'),
  },
  power: { files: ['analysis/power'], tests: ['analysis/power'] },
  schema: {
    files: [
      ...'checks fleet'.split(' ').map((name) => `config/${name}-schema`),
      ...inFolder('config', 'values', 'define', 'defaults', 'describe', 'schema', 'strategies'),
    ],
    tests: inFolder('config', 'accepted', 'parse'),
  },
  mistakes: { files: inFolder('config', 'parse', 'problems', 'schema-checks'), tests: ['config/mistakes'] },
  images: {
    files: [
      'basics/image',
      ...inFolder('release', 'image-events', 'publications'),
      ...inFolder('config/sources', 'ami', 'ecr', 'event-detail', 'image-builder', 'parameter', 'sources'),
    ],
    tests: [...inFolder('release', 'image-events', 'publications'), 'config/accepted'],
  },
  adoption: { files: ['fleet/adoption'], tests: ['fleet/adoption'] },
  persisted: { files: ['config/reader', 'protocol/persisted'], tests: ['protocol/persisted'] },
  history: { files: ['release/history'], tests: ['release/history'] },
  small: {
    files: ['fleet/readiness', 'basics/random', 'basics/errors', 'analysis/closed-periods'],
    tests: ['fleet/readiness', 'basics/random'],
  },
  stalled: {
    files: ['protocol/stalled', 'basics/finding', 'fleet/unhealthy'],
    tests: ['protocol/stalled', 'fleet/unhealthy'],
  },
  orphans: { files: ['fleet/orphans'], tests: ['fleet/orphans'] },
  'local-only': { files: ['config/local-only'], tests: ['config/local-only'] },
};

/** Percent of a file's mutants that have to be noticed. */
const least = 85;

const root = join(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.cache', 'cutover', 'mutation');
const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

const fail = (why: string): never => {
  console.error(why);
  process.exit(2);
};

/** A file of core/ that is in no part would never be looked at. */
const known = [...empty, ...Object.values(parts).flatMap(({ files }) => files)];
const forgotten = globSync('**/*.ts', { cwd: join(root, 'core') })
  .map((path) => path.replaceAll('\\', '/').replace(/\.ts$/, ''))
  .filter((file) => !known.includes(file));
if (forgotten.length > 0) fail(`in no part of scripts/mutate.ts: ${forgotten.sort().join(', ')}`);

interface Score {
  file: string;
  noticed: number;
  all: number;
}

const noticing: readonly string[] = ['Killed', 'Timeout'];
const counting: readonly string[] = [...noticing, 'Survived', 'NoCoverage'];

const scoresOf = (name: string, { files, tests }: Part): Score[] => {
  const report = join(folder, `${name}.json`);
  rmSync(report, { force: true });
  const mutate = files.map((file) => `core/${file}.ts`).join(',');
  // Its exit code says no more than that the whole part is below the threshold; here every file counts.
  spawnSync(process.execPath, [stryker, 'run', 'stryker.config.mjs', '--mutate', mutate], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      CUTOVER_MUTATION_TESTS: tests.map((test) => `test/core/${test}.test.ts`).join(','),
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
