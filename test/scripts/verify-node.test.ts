/** The Node that npm fetched: right, another one, or none. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const installed = join(root, 'node_modules', 'node', 'bin', 'node');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
/** Checksums are known for Linux alone; elsewhere it only says so. */
const onLinux = it.skipIf(process.platform !== 'linux');

const verified = (put: (binary: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-node-'));
  folders.push(folder);
  const binary = join(folder, 'node_modules', 'node', 'bin', 'node');
  mkdirSync(dirname(binary), { recursive: true });
  put(binary);
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'verify-node.mjs'), folder], {
    encoding: 'utf8',
  });
  return { status, stderr, isThere: existsSync(binary) };
};

onLinux('the one that is installed here is the one that was reviewed', () => {
  expect(verified((binary) => symlinkSync(installed, binary))).toEqual({ status: 0, stderr: '', isThere: true });
});

onLinux('another one is removed, and the installation fails', () => {
  const { status, stderr, isThere } = verified((binary) => writeFileSync(binary, 'not Node'));
  expect([status, isThere]).toEqual([1, false]);
  expect(stderr).toMatch(/is not the Node that was reviewed: expected SHA-256 \w{64}, found \w{64}\. It was removed/);
});

it('where none is installed there is nothing to verify', () => {
  expect(verified(() => undefined)).toEqual({ status: 0, stderr: '', isThere: false });
});

it('npm runs it after each installation, by its own Node', () => {
  const { scripts, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(scripts.prepare).toBe('"$npm_node_execpath" scripts/verify-node.mjs');
  // Another version wants other checksums.
  expect(readFileSync(join(root, 'scripts', 'verify-node.mjs'), 'utf8')).toContain(`version ${devDependencies.node}.`);
});
