/** `npm run test:prometheus`: tests the provider against Debian's Prometheus, which it downloads if needed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const isThere = (binary: string): boolean => spawnSync(binary, ['--version']).status === 0;

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cutover-prometheus-'));

/** Unpacked, not installed: nothing on this machine changes. */
const fetched = (): string | null => {
  const download = () =>
    spawnSync('apt-get', ['download', 'prometheus'], { cwd: folder, stdio: 'ignore' }).status === 0;
  try {
    // A machine that has never asked Debian for anything knows no packages yet.
    if (!download()) {
      spawnSync('apt-get', ['update'], { stdio: 'ignore' });
      download();
    }
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', file as string, folder], { cwd: folder });
    const binary = join(folder, 'usr', 'bin', 'prometheus');
    return isThere(binary) ? binary : null;
  } catch {
    return null;
  }
};

try {
  const binary = [process.env.PROMETHEUS ?? 'prometheus'].find(isThere) ?? fetched();
  if (binary === null) {
    console.error(
      "no Prometheus: put one on the PATH, name its file in PROMETHEUS, or run this where Debian's packages can be fetched",
    );
    process.exitCode = 1;
  } else {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'prometheus'], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, CUTOVER_PROMETHEUS: binary },
    });
    process.exitCode = status ?? 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
