/** `npm run rules`: breaks each of the ten rules in a copy of the sources. Exit code 1 if a break is not noticed, 2 if the run failed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { columnsOf } from '../report/table.ts';
import { type Edit, type Patch, patches, type Watcher } from '../test/simulator/patches.ts';
import { breaksWith2, countOf, fail, optionsOf } from './options.ts';
import type { Verdict } from './rules-caught.ts';
import { createCopy, nameOf, root, watch } from './rules-copy.ts';

const help = `npm run rules -- [--only R4] [--seeds 1500] [--cores 2]
  Each patch of test/simulator/patches.ts is applied to a copy of the sources, and those that it names are to notice:
  chaos on either kind of fleet, the model check, or a test. All of it takes about ten minutes.

  --only R4             the patches of one rule
  --only "read back"    those that have these words in their names
  --seeds 1500          with so many rollouts a patch is tried at most, on each kind of fleet
  --cores 2             so many patches at a time

First the control: the same commands on the sources as they are have to find nothing, or every patch would be
caught by the same flaw. It plays up to 600 rollouts, which is a minute; what is caught later than that is
played again without the patch.

Caught is a patch if chaos names a rule that was broken, or a test fails by an assertion. A time limit, a test that
timed out, a crash or a test that is not there is none of it: the run has failed, and tells how.

A new patch: the text that it replaces stands in its file once, to the letter; "by" says who is to notice, and
each is asked until one has. At least two patches for each rule.

Exit code 0: each was caught. 1: one was not, no longer fits its file, or a rule has fewer than two. 2: it was
not asked for rightly, the control found something, or a run failed. That says nothing of the rules.
`;

breaksWith2('rules');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => fail('it was told to stop'));

const values = optionsOf(
  {
    only: { type: 'string' },
    seeds: { type: 'string', default: '1500' },
    cores: { type: 'string', default: String(availableParallelism()) },
  },
  help,
);
const [seeds, cores] = [countOf('seeds', values.seeds), countOf('cores', values.cores)];

/** Rollouts of the control on each kind of fleet: 12 to 17 a second and core. */
const controlled = Math.min(seeds, 600);

const editsOf = ({ also = [], ...first }: Patch): Edit[] => [first, ...also];
const fits = ({ file, find }: Edit): boolean => readFileSync(join(root, file), 'utf8').split(find).length === 2;

const { only } = values;
const wanted = patches.filter(({ rule, name }) => only === undefined || rule === only || name.includes(only));
if (wanted.length === 0) fail(`no patch is of a rule ${only}, nor has that in its name; rules are R1 to R10`);
const unfit = wanted.filter((patch) => !editsOf(patch).every(fits));
for (const patch of unfit) {
  const files = editsOf(patch).filter((edit) => !fits(edit));
  console.log(`✗ ${patch.rule}, ${patch.name}: no longer fits ${files.map(({ file }) => file).join(' and ')}`);
}
const tried = wanted.filter((patch) => !unfit.includes(patch));

const copies = Array.from({ length: cores }, createCopy);
const inTurns = async <T>(all: readonly T[], work: (folder: string, one: T) => Promise<void>): Promise<void> => {
  const left = [...all];
  const workThrough = async (folder: string): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(folder, one);
  };
  await Promise.all(copies.map(workThrough));
};

const clean = async (folder: string, watcher: Watcher, played: { from?: number; seeds: number }): Promise<boolean> => {
  const verdict = await watch(folder, watcher, played);
  if (verdict.state === 'nothing') return true;
  const why = verdict.state === 'caught' ? `finds ${verdict.what}` : `has failed: ${verdict.why}`;
  console.log(`! without a patch, ${nameOf(watcher)} ${why}`);
  return false;
};

const watchers = [...new Map(tried.flatMap(({ by }) => by).map((one) => [nameOf(one), one])).values()];
let flawed = 0;
await inTurns(watchers, async (folder, watcher) => {
  if (!(await clean(folder, watcher, { seeds: controlled }))) flawed++;
});
if (flawed > 0) fail('the control is not clean: what is found with a patch may be found without it, so none was tried');
const named = watchers.map((one) => `${nameOf(one)}${typeof one === 'string' ? `, ${controlled} rollouts` : ''}`);
console.log(`✓ control: without a patch nothing is found by\n  ${named.join('\n  ')}`);

const withPatch = async <T>(folder: string, patch: Patch, work: () => Promise<T>): Promise<T> => {
  const sources = new Map(editsOf(patch).map(({ file }) => [file, readFileSync(join(folder, file), 'utf8')]));
  for (const { file, find, replace } of editsOf(patch)) {
    const source = readFileSync(join(folder, file), 'utf8');
    writeFileSync(
      join(folder, file),
      source.replace(find, () => replace),
    );
  }
  try {
    return await work();
  } finally {
    for (const [file, source] of sources) writeFileSync(join(folder, file), source);
  }
};

const judge = async (folder: string, patch: Patch): Promise<Verdict> => {
  for (const watcher of patch.by) {
    const verdict = await withPatch(folder, patch, () => watch(folder, watcher, { seeds }));
    if (verdict.state === 'nothing') continue;
    const text = `${nameOf(watcher)}${verdict.state === 'caught' && verdict.seed !== null ? `, seed ${verdict.seed}` : ''}`;
    if (verdict.state === 'failed') return { state: 'failed', why: `${text}: ${verdict.why}` };
    if (verdict.seed !== null && verdict.seed > controlled)
      if (!(await clean(folder, watcher, { from: verdict.seed, seeds: 1 })))
        return { state: 'failed', why: `${text}: not clean without the patch either` };
    return { ...verdict, what: `${text}: ${verdict.what.slice(0, 110)}` };
  }
  return { state: 'nothing' };
};

const results: { patch: Patch; verdict: Verdict }[] = [];
await inTurns(tried, async (folder, patch) => {
  const verdict = await judge(folder, patch);
  results.push({ patch, verdict });
  const [sign, text] =
    verdict.state === 'caught'
      ? ['✓', verdict.what]
      : verdict.state === 'nothing'
        ? ['✗', 'nobody notices']
        : ['!', verdict.why];
  console.log(`${sign} ${patch.rule}, ${patch.name}: ${text}`);
});

const rules = Array.from({ length: 10 }, (_, index) => `R${index + 1}`);
const many = (rule: string, state?: Verdict['state']): number =>
  results.filter(({ patch, verdict }) => patch.rule === rule && (state ?? verdict.state) === verdict.state).length;
const rows = rules.map((rule) => [rule, String(many(rule)), String(many(rule, 'caught'))]);
console.log(`\n${columnsOf([['rule', 'patches', 'caught'], ...rows]).join('\n')}`);
const thin = only === undefined ? rules.filter((rule) => patches.filter((one) => one.rule === rule).length < 2) : [];
if (thin.length > 0) console.log(`fewer than two patches: ${thin.join(', ')}`);
const broken = results.filter(({ verdict }) => verdict.state === 'failed').length;
if (broken > 0) fail(`${broken} ${broken === 1 ? 'patch was' : 'patches were'} not judged, as a run failed: see above`);
const missed = results.filter(({ verdict }) => verdict.state === 'nothing').length + unfit.length;
process.exitCode = missed > 0 || thin.length > 0 ? 1 : 0;
