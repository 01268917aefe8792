/** `npm run rules`: breaks each of the ten rules in a copy of the sources and wants chaos or the model check to notice; exit code 1 where nothing does. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { columnsOf } from '../report/table.ts';
import { type Patch, patches } from '../test/chaos/patches.ts';

const help = `npm run rules -- [--seeds 1500] [--only R4] [--cores 2]
  Each patch of test/chaos/patches.ts is applied to a copy of the sources, and rollouts with faults are played on
  it, then the protocol is searched, until one of them finds a rule broken. A patch that no longer fits fails,
  and so does one that nothing catches.
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1500' },
    only: { type: 'string' },
    cores: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const root = join(import.meta.dirname, '..');
const copied = [
  'aws',
  'core',
  'functions',
  'ledger',
  'local',
  'metrics',
  'report',
  'scripts',
  'statemachines',
  'steps',
];
const files = ['package.json', 'tsconfig.json', 'vitest.config.ts'];
const tests = ['build.ts', 'chaos', 'keep-recordings.ts', 'limits.ts', 'model', 'recorded.ts'];

/** A copy whose packages are the same. */
const copy = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-rules-'));
  for (const name of [...copied, ...files]) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of tests) cpSync(join(root, 'test', name), join(folder, 'test', name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
};

/** What a process printed, and how it ended. */
const run = (folder: string, args: string[]): Promise<{ code: number | null; text: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 900_000 });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
      });
    child.on('close', (code) => resolve({ code, text }));
  });

/** Null: it has not noticed. */
const chaos = async (folder: string, fleet: string): Promise<string | null> => {
  const args = ['scripts/chaos.ts', '--seeds', values.seeds, '--fleet', fleet, '--cores', '1', '--first'];
  const { code, text } = await run(folder, args);
  if (code === 0) return null;
  const [, found = text.trim().split('\n').at(-1) ?? ''] = /^✗ seed \d+\n\s+(.+)$/m.exec(text) ?? [];
  const [, after = '?'] = /: (\d+) rollouts/.exec(text) ?? [];
  return `chaos on ${fleet}, rollout ${after}: ${found.slice(0, 110)}`;
};

const model = async (folder: string): Promise<string | null> => {
  const { code, text } = await run(folder, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'parts',
    'test/model/protocol.test.ts',
  ]);
  return code === 0
    ? null
    : `the model check: ${/✗ (.+)/.exec(text)?.[1] ?? /AssertionError: (.+)/.exec(text)?.[1] ?? 'it fails'}`;
};

interface Result {
  patch: Patch;
  /** Who noticed, and how; null: nobody. */
  caught: string | null;
}

const judge = async (folder: string, patch: Patch): Promise<Result> => {
  const path = join(folder, patch.file);
  const source = readFileSync(path, 'utf8');
  if (source.split(patch.find).length !== 2) return { patch, caught: null };
  writeFileSync(
    path,
    source.replace(patch.find, () => patch.replace),
  );
  try {
    for (const by of patch.by) {
      const caught = by === 'model' ? await model(folder) : await chaos(folder, by);
      if (caught !== null) return { patch, caught };
    }
    return { patch, caught: null };
  } finally {
    writeFileSync(path, source);
  }
};

const wanted = patches.filter(({ rule }) => values.only === undefined || rule === values.only);
const unfit = wanted.filter(({ file, find }) => readFileSync(join(root, file), 'utf8').split(find).length !== 2);
for (const { rule, name, file } of unfit) console.log(`✗ ${rule}, ${name}: no longer fits ${file}`);

const left = wanted.filter((patch) => !unfit.includes(patch));
const results: Result[] = [];
const worker = async (): Promise<void> => {
  const folder = copy();
  try {
    for (let patch = left.shift(); patch !== undefined; patch = left.shift()) {
      const result = await judge(folder, patch);
      results.push(result);
      console.log(
        `${result.caught === null ? '✗' : '✓'} ${patch.rule}, ${patch.name}: ${result.caught ?? 'nobody notices'}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
await Promise.all(Array.from({ length: Number(values.cores) }, worker));

const rules = Array.from({ length: 10 }, (_, index) => `R${index + 1}`);
const rows = rules.map((rule) => {
  const own = results.filter(({ patch }) => patch.rule === rule);
  return [rule, String(own.length), String(own.filter(({ caught }) => caught !== null).length)];
});
console.log(`\n${columnsOf([['rule', 'patches', 'caught'], ...rows]).join('\n')}`);
const missed = results.filter(({ caught }) => caught === null).length + unfit.length;
const thin =
  values.only === undefined ? rules.filter((rule) => patches.filter((patch) => patch.rule === rule).length < 2) : [];
if (thin.length > 0) console.log(`fewer than two patches: ${thin.join(', ')}`);
process.exitCode = missed > 0 || thin.length > 0 ? 1 : 0;
