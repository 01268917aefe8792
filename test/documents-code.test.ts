/** The TypeScript of the documents: each block compiles where its guide puts it. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
// Inside node_modules, so that packages are found and nothing else looks here.
const folder = join(root, 'node_modules', '.cache', `documents-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks that are compiled elsewhere, or cannot be: by document. */
const elsewhere: Record<string, string> = {
  'docs/deploying.md': 'belongs in sst.config.ts, whose types SST makes; test/infra synthesises it',
};

interface Block {
  document: string;
  /** Where it stands in the repository; the guide's heading says it, else it is a configuration of its own. */
  path: string;
  code: string;
}

/** A part of a configuration is compiled as the object that it is part of. */
const whole = (code: string): string => {
  if (/^(import|export) /m.test(code)) return code;
  const [, helper = ''] = /^\w+: (\w+)\(/.exec(code) ?? [];
  return `import { ${helper} } from 'cutover';\nexport const part = {\n${code}};\n`;
};

const blocksOf = (document: string): Block[] => {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(({ 1: code = '', index }, nth) => {
    const heading = text.slice(0, index).match(/^#.*$/gm)?.at(-1) ?? '';
    const [, path = `${document.replaceAll('/', '-')}-${nth}.ts`] = /`([\w/-]+\.ts)`/.exec(heading) ?? [];
    return { document, path, code: whole(code) };
  });
};

const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root }).sort()];
const blocks = documents.flatMap(blocksOf);

test('each block is where its guide says, and compiles there', { timeout: 120_000 }, () => {
  const here = blocks.filter(({ document }) => !(document in elsewhere));
  expect(here.length).toBeGreaterThan(4);
  expect(Object.keys(elsewhere).filter((name) => !blocks.some(({ document }) => document === name))).toEqual([]);
  for (const { path, code } of here) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  const compilerOptions = {
    rootDirs: [root, folder],
    paths: { cutover: [join(root, 'core', 'index.ts')] },
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const project = {
    extends: join(root, 'tsconfig.json'),
    include: [],
    files: here.map(({ path }) => path),
    compilerOptions,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const tsc = join(root, 'node_modules', 'typescript', 'lib', 'tsc.js');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
