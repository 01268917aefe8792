/** Runs the stories to record which commands functions send, unless the recordings are newer than the code. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { recordings } from '../test/recorded.ts';
import { requests } from '../test/requests.ts';

const root = join(import.meta.dirname, '..');
const times = (files: string[]): number[] => files.map((file) => statSync(file).mtimeMs);
const left = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];

export const tellStories = (): void => {
  const sources = ['core', 'pipeline', 'adapters', 'functions', 'local', 'test/scenarios', 'test/simulator'].flatMap(
    (folder) => globSync(`${folder}/**/*.{ts,json}`, { cwd: root }).map((file) => join(root, file)),
  );
  const files = sources.filter((file) => file.endsWith('.test.ts')).length;
  // Each file of stories leaves a recording for each kind of fleet; one that is missing or older than the code counts for none.
  const isFresh = [recordings, requests].every((folder) => {
    const told = left(folder);
    return told.length > files && Math.min(...times(told)) > Math.max(...times(sources));
  });
  if (isFresh) return;
  console.log('telling the stories, for what their functions send');
  for (const folder of [recordings, requests]) rmSync(folder, { recursive: true, force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  // Chaos keeps what its first seeds send.
  const few = { ...process.env, CUTOVER_SEEDS: '50' };
  const args = [vitest, 'run', '--project', 'instances', '--project', 'groups', '--reporter=dot'];
  if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: few }).status === 0) return;
  console.error('the stories fail');
  process.exit(1);
};
