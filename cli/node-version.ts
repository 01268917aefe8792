/** Which Node runs the command line: this one if it is new enough, else a `node` package's near the project, else one that npm fetches. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Types are stripped without a flag from 22.18 and 23.6 on; everything else that is used came earlier. */
export const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
};

/** The binary of the npm package `node`, as somebody in `folder` would import it. */
const packagedNode = (folder: string): string | null => {
  try {
    const manifest = createRequire(join(folder, 'package.json')).resolve('node/package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return isNewEnough(version) && existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
};

const fetchedNode = (): string | null => {
  const npm = spawnSync('npm', ['exec', '--yes', '--package=node@24', '--', 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  const binary = npm.stdout?.trim().split('\n').at(-1) ?? '';
  return npm.status === 0 && existsSync(binary) ? binary : null;
};

/** Path of a Node that is new enough; null if none could be had. */
export const findNode = (say: (line: string) => void): string | null => {
  const near = packagedNode(process.cwd()) ?? packagedNode(import.meta.dirname);
  if (near !== null) return near;
  say(`cutover: this is Node ${process.versions.node}, so it runs on Node 24, which npm keeps in its cache`);
  return fetchedNode();
};
