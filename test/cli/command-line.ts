/** Runs the command line, inside the test or as a process of its own, with everything it writes kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { run } from '../../cli/main.ts';

/** After the file's last test, the latest first: tests of one file may run side by side. */
const cleanUps: (() => unknown)[] = [];
export const afterwards = (cleanUp: () => unknown): void => void cleanUps.push(cleanUp);
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export interface Result {
  code: number | null;
  output: string;
  errors: string;
}

/** A folder with these files, gone afterwards. */
export const folderWith = (files: Record<string, string> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-test-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

/** `cutover …` inside the test, for whatever reads no configuration: the test's own module loader would get in between. */
export const inside = async (cwd: string, ...args: string[]): Promise<Result> => {
  const result = { code: 0, output: '', errors: '' };
  const keep = (kind: 'output' | 'errors') => ({
    write: (text: string) => {
      result[kind] += text;
    },
  });
  result.code = await run(args, { cwd, output: keep('output'), errors: keep('errors') });
  return result;
};

const entry = join(import.meta.dirname, '..', '..', 'cli', 'cutover.ts');

export interface Started {
  child: ChildProcess;
  /** Resolves when its output has matched, or rejects with all that it wrote when it has ended without. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Result>;
}

/** `cutover …` as a process, which is ended afterwards if it still runs. */
export const start = (cwd: string, ...args: string[]): Started => {
  const child = spawn(process.execPath, [entry, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } });
  const result: Result = { code: null, output: '', errors: '' };
  const waiting = new Set<() => void>();
  const heard = (): void => {
    for (const look of waiting) look();
  };
  const keep = (kind: 'output' | 'errors') => (chunk: Buffer) => {
    result[kind] += chunk.toString();
    heard();
  };
  child.stdout.on('data', keep('output'));
  child.stderr.on('data', keep('errors'));
  let over = false;
  const ended = new Promise<Result>((resolve) =>
    child.on('close', (code) => {
      over = true;
      resolve({ ...result, code });
      heard();
    }),
  );
  afterwards(async () => {
    child.kill('SIGINT');
    await ended;
  });
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(result.output);
        if (match !== null) resolve(match);
        else if (over) reject(new Error(`it ended without ${pattern}:\n${result.output}${result.errors}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { child, says, ended };
};

/** The same, to its end. */
export const cutover = (cwd: string, ...args: string[]): Promise<Result> => start(cwd, ...args).ended;

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';

/** A small service whose second rollout stays at 50 % until somebody does something about it. */
export const shop = `
import { canary, defineServices, ecr, instances } from 'cutover';
export default defineServices({
  shop: {
    image: ecr('acme/shop', { tags: ['release-*'] }),
    fleet: instances({ launchTemplate: 'shop', subnets: ['subnet-0a'], count: 1 }),
    rules: ['${arn}:listener-rule/app/shop/0123456789abcdef/0123456789abcdef/0123456789abcdef'],
    slots: { blue: '${arn}:targetgroup/blue/0123456789abcdef', green: '${arn}:targetgroup/green/0123456789abcdef' },
    strategy: canary([50], { bake: '1 hour', keepOldFor: 0 }),
    timing: { period: '1 second', settling: '1 second' },
  },
});
`;

/** A program that answers with its name. */
export const program = (name: string): Record<string, string> => ({
  [`${name}/image.json`]: '{ "start": ["node", "server.mjs"] }',
  [`${name}/server.mjs`]: `
    import { createServer } from 'node:http';
    createServer((_, response) => response.end('${name}')).listen(Number(process.env.PORT), '127.0.0.1');`,
});
