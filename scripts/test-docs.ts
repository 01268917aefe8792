/**
 * `npm run test:docs`: runs the command blocks of README.md, CONTRIBUTING.md and docs/*.md as they stand, each document in a folder of its
 * own with an empty home, with the package as npm packs it. scripts/documents/elsewhere.ts lists what is not run, with the reason.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { documents, linesOf, reasonOf, root, stale } from './documents/blocks.ts';
import { type Background, background, type Place, run } from './documents/running.ts';
import { breaksWith2, optionsOf } from './options.ts';

breaksWith2('npm run test:docs');
const { only } = optionsOf(
  { only: { type: 'string' } },
  `npm run test:docs -- [--only <document>]

Runs every command block of README.md, CONTRIBUTING.md and docs/*.md that needs no AWS account.

  --only <document>   such as docs/first-week.md

Exit codes: 0 all did what the document says, 1 one did not, 2 it could not be tried.`,
);

/** What a document takes for granted: it stands in its text, not in a block. */
const before: Record<string, readonly string[]> = {
  'docs/first-week.md': ['cutover local up --example adopt --traffic 20rps'],
  'docs/troubleshooting.md': [
    'cutover init shop --local',
    'cutover local up --traffic 50rps',
    'cutover publish ./my-app --service shop',
    'cutover wait shop',
  ],
};

/** A hundred rollouts of each image take minutes; three take the same ways. */
const shortened = (command: string): string =>
  command.startsWith('cutover simulate ') ? `${command} --runs 3` : command;

const work = mkdtempSync(join(tmpdir(), 'cutover-docs-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** Packed and installed as its users do it. Answers the folder of its commands. */
const installed = (): string => {
  const folder = join(work, 'package');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const npm = (args: string[], cwd: string): string => {
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: 300_000 });
    const how = status === null ? 'had not ended after 300 s' : `ended with ${status}`;
    if (status !== 0) throw new Error(`npm ${args.join(' ')} ${how}:\n${stderr}`);
    return stdout;
  };
  const packed = npm(['pack', '--json', '--silent', '--pack-destination', work], root);
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[')));
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(work, filename)], folder);
  return join(folder, 'node_modules', '.bin');
};

/** The README's whole configuration, which documents mean by `shop`. */
const configuration = (): string => {
  const [, block] =
    /^```ts\n(import \{ defineServices.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  if (block === undefined) throw new Error('README.md has no ts block that begins with: import { defineServices');
  return block;
};

const placeOf = (document: string, bin: string): Place => {
  const folder = join(work, document.replaceAll('/', '-'));
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  cpSync(join(root, 'examples', 'demo', 'v1'), join(folder, 'my-app'), { recursive: true });
  if (document === 'docs/analysis.md') writeFileSync(join(folder, 'cutover.config.ts'), configuration());
  const { PATH = '', npm_config_cache, npm_config_userconfig } = process.env;
  const registry = { npm_config_cache, npm_config_userconfig };
  return { folder, env: { ...registry, PATH: `${bin}${delimiter}${PATH}`, HOME: home, NO_COLOR: '1', CI: 'true' } };
};

/** Answers whether every command of the document did what it should. */
const walk = async (document: string, bin: string): Promise<boolean> => {
  const place = placeOf(document, bin);
  const lines = linesOf(document);
  if (!lines.some((line) => reasonOf(line) === null)) return true;
  const commands = [
    ...(before[document] ?? []),
    ...lines.filter((line) => reasonOf(line) === null).map(({ command }) => command),
  ];
  const running: Background[] = [];
  let ok = true;
  for (const command of commands) {
    const began = performance.now();
    const started = command.startsWith('cutover local up') ? await background(command, place) : null;
    if (started !== null) running.push(started);
    const failed = started === null ? await run(shortened(command), place, root) : started.failed;
    console.log(
      `${failed === null ? 'ok ' : 'NOT'} ${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${document}: ${command}`,
    );
    if (failed === null) continue;
    console.log(failed);
    ok = false;
    break;
  }
  for (const one of running) {
    const failed = await one.end();
    if (failed !== null) console.log(`NOT ${document}: ${failed}`);
    ok &&= failed === null;
  }
  return ok;
};

for (const line of stale()) throw new Error(`scripts/documents/elsewhere.ts lists what no document has: ${line}`);
if (only !== undefined && !documents.includes(only))
  throw new Error(`expected one of ${documents.join(', ')}, found ${only}`);
const bin = installed();
let ok = true;
for (const document of only === undefined ? documents : [only]) ok = (await walk(document, bin)) && ok;
process.exit(ok ? 0 : 1);
