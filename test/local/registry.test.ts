/** Freezing folders into images. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, describe as group, test } from 'vitest';
import { Rejected } from '../../core/basics/errors.ts';
import { describe, freeze, list } from '../../local/registry.ts';
import { wordsOf } from '../../local/start-command.ts';

let base: string;
let registry: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'cutover-registry-'));
  registry = join(base, 'data', 'registry');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const start = JSON.stringify({ start: ['node', 'server.js'] });
const good = { 'image.json': start, 'server.js': 'serve()', 'lib/a.js': 'a', 'node_modules/dep/index.js': 'dep' };

const folderOf = (name: string, files: Record<string, string>): string => {
  const folder = join(base, name);
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  return folder;
};

const refusal = async (folder: string): Promise<string> => {
  const error = await freeze(folder, registry).catch((refused) => refused);
  expect(error).toBeInstanceOf(Rejected);
  expect(error.message).not.toContain('\n');
  expect(existsSync(registry) ? readdirSync(registry) : []).toEqual([]);
  return error.message;
};

group('a frozen image', () => {
  test('is named by its contents: the same from anywhere, at any time, in any order', async () => {
    const one = await freeze(folderOf('one', good), registry);
    const other = await freeze(folderOf('other', Object.fromEntries(Object.entries(good).reverse())), registry);
    expect(one.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(other).toEqual(one);
    expect(one.start).toEqual(['node', 'server.js']);
    expect(readdirSync(registry)).toEqual([one.digest.slice('sha256:'.length)]);
  });

  test('has another name as soon as a byte, a path or an executable bit differs', async () => {
    const folder = folderOf('app', good);
    const digests = new Set([(await freeze(folder, registry)).digest]);
    writeFileSync(join(folder, 'server.js'), 'serve(2)');
    digests.add((await freeze(folder, registry)).digest);
    chmodSync(join(folder, 'server.js'), 0o755);
    digests.add((await freeze(folder, registry)).digest);
    mkdirSync(join(folder, 'empty'));
    digests.add((await freeze(folder, registry)).digest);
    expect(digests.size).toBe(4);
  });

  test('is a copy: later edits of the folder do not reach it, and its files cannot be written', async () => {
    const folder = folderOf('app', good);
    const { folder: frozen } = await freeze(folder, registry);
    writeFileSync(join(folder, 'server.js'), 'changed');
    expect(readFileSync(join(frozen, 'server.js'), 'utf8')).toBe('serve()');
    expect(statSync(join(frozen, 'server.js')).mode & 0o222).toBe(0);
    expect(existsSync(join(frozen, 'node_modules/dep/index.js'))).toBe(true);
  });

  test('leaves out history and the local cloud’s own data, and keeps links that stay inside', async () => {
    const folder = folderOf('app', { ...good, '.git/HEAD': 'ref', '.cutover/lock': 'x' });
    symlinkSync('../lib/a.js', join(folder, 'node_modules', 'link'));
    const { folder: frozen } = await freeze(folder, join(folder, '.cutover', 'registry'));
    expect(readdirSync(frozen).sort()).toEqual(['image.json', 'lib', 'node_modules', 'server.js']);
    expect(readFileSync(join(frozen, 'node_modules', 'link'), 'utf8')).toBe('a');
  });

  test('keeps links to what is not there and links in a circle, which lead nowhere', async () => {
    const folder = folderOf('app', good);
    symlinkSync('not-yet.js', join(folder, 'lib', 'dangling'));
    symlinkSync('circle', join(folder, 'circle'));
    symlinkSync('lib/../lib', join(folder, 'same'));
    symlinkSync('same/../server.js', join(folder, 'through'));
    const frozen = (await freeze(folder, registry)).folder;
    expect(readFileSync(join(frozen, 'through'), 'utf8')).toBe('serve()');
  });

  test('can be found by its digest, and only by one', async () => {
    const image = await freeze(folderOf('app', good), registry);
    expect(await describe(registry, image.digest)).toEqual(image);
    expect(await list(registry)).toEqual([image]);
    expect(await describe(registry, `sha256:${'0'.repeat(64)}`)).toBe(null);
    expect(await describe(registry, '../..')).toBe(null);
    expect(await list(join(base, 'none'))).toEqual([]);
  });

  test('is made once by many who freeze it at the same time; what a killed one left is swept away', async () => {
    const folder = folderOf('app', good);
    mkdirSync(join(registry, '0.tmp-999999999'), { recursive: true });
    const images = await Promise.all(Array.from({ length: 8 }, () => freeze(folder, registry)));
    expect(new Set(images.map(({ digest }) => digest)).size).toBe(1);
    expect(readdirSync(registry)).toHaveLength(1);
  });
});

group('the start command', () => {
  test('may come from package.json, where quotes hold words together', async () => {
    const script = `node --title='two words' "server.js" --say=it"s fine"`;
    const { start } = await freeze(
      folderOf('app', { 'package.json': JSON.stringify({ scripts: { start: script } }), 'server.js': '' }),
      registry,
    );
    expect(start).toEqual(['node', '--title=two words', 'server.js', '--say=its fine']);
  });

  test.each([
    'node a.js | tee log',
    'node a.js && node b.js',
    'node $MAIN',
    'node "$MAIN"',
    'node `main`',
    'node *.js',
    'node a.js > log',
    'node a\\ b.js',
    "node 'a.js",
    'NODE_ENV=production node a.js',
    'node a.js & ',
    'cd app; node a.js',
  ])('never needs a shell: %s is refused', (script) => {
    expect(() => wordsOf(script)).toThrow(/needs a shell/);
  });
});

group('one clear line says that', () => {
  test('the data folder lies inside the image, also where either is named by way of a link', async () => {
    const folder = folderOf('app', good);
    symlinkSync(folder, join(base, 'named'));
    registry = join(base, 'named', 'data', 'registry');
    expect(await refusal(folder)).toContain('the data folder, data, lies inside the image');
  });

  test('it is not a folder', async () => {
    expect(await refusal(join(base, 'nowhere'))).toContain(
      'nowhere is not a folder; an image is a folder with a start command',
    );
    expect(await refusal(join(folderOf('app', good), 'server.js'))).toContain('is not a folder');
  });

  test('there is no start command, and what to add', async () => {
    const what =
      'has no start command; add image.json with { "start": ["node", "server.js"] }, or scripts.start to its package.json';
    expect(await refusal(folderOf('none', { 'server.js': '' }))).toContain(what);
    expect(await refusal(folderOf('no script', { 'package.json': '{}' }))).toContain(what);
    expect(await refusal(folderOf('wrong', { 'image.json': '{ "start": "node server.js" }' }))).toContain(
      'needs "start", a list of words such as ["node", "server.js"]; found "node server.js"',
    );
    expect(await refusal(folderOf('null', { 'image.json': 'null' }))).toContain('found nothing');
    expect(await refusal(folderOf('broken', { 'image.json': '{' }))).toContain('cannot read image.json in');
  });

  test('its program does not exist', async () => {
    const starting = (...words: string[]) => ({ 'image.json': JSON.stringify({ start: words }) });
    expect(await refusal(folderOf('a', starting('node', 'server.js')))).toContain(
      'runs server.js, which is not in the folder',
    );
    expect(await refusal(folderOf('b', starting('no-such-program')))).toContain(
      'runs no-such-program, which is no program in its node_modules/.bin or on PATH',
    );
    expect(await refusal(folderOf('c', { ...starting('./run.sh'), 'run.sh': '' }))).toContain(
      'no program in the folder (is it executable?)',
    );
  });

  test('a link leads out of it, or a file is no file', async () => {
    const folder = folderOf('app', good);
    symlinkSync('../../secret', join(folder, 'lib', 'out'));
    expect(await refusal(folder)).toContain('out is a link that leads out of the image, to ../../secret');
    rmSync(join(folder, 'lib', 'out'));
    // By its words it stays inside; but up is the image itself, and .. from there is not.
    symlinkSync('..', join(folder, 'lib', 'up'));
    symlinkSync('lib/up/../secret', join(folder, 'chain'));
    expect(await refusal(folder)).toContain('chain is a link that leads out of the image, to lib/up/../secret');
    rmSync(join(folder, 'chain'));
    symlinkSync(base, join(folder, 'away'));
    expect(await refusal(folder)).toContain(`away is a link that leads out of the image, to ${base}`);
    rmSync(join(folder, 'away'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await refusal(folder)).toContain('pipe is neither a file nor a folder nor a link');
  });

  test('the data folder would be frozen into it', async () => {
    const folder = folderOf('app', good);
    await expect(freeze(folder, join(folder, 'data', 'registry'))).rejects.toThrow(
      'the data folder, data, lies inside the image',
    );
  });

  test('a file cannot be read', async () => {
    const folder = folderOf('app', good);
    mkdirSync(registry, { recursive: true });
    for (const path of [base, registry]) chmodSync(path, 0o777);
    chmodSync(join(folder, 'server.js'), 0o000);
    // Root reads everything, so root freezes as somebody else.
    const code = `const { freeze } = await import(${JSON.stringify(join(import.meta.dirname, '../../local/registry.ts'))});
      if (process.getuid() === 0) process.seteuid(65534);
      await freeze(${JSON.stringify(folder)}, ${JSON.stringify(registry)}).catch((error) => console.log(error.name, error.message));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(said).toMatch(/^Rejected cannot freeze .*server\.js'.*\n$/);
    expect(readdirSync(registry)).toEqual([]);
  });
});
