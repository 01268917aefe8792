/** Instances as real child processes, and the demo's images in them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { enlist, isAlive, sweep } from '../../local/process-list.ts';
import { type Processes, processes, tail } from '../../local/processes.ts';
import { freeze } from '../../local/registry.ts';

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 10 });
const source = (path: string) => JSON.stringify(join(import.meta.dirname, '../..', path));

let base: string;
let machines: Processes;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'cutover-processes-'));
  machines = processes({ folder: join(base, 'processes'), registry: join(base, 'registry') });
});
afterEach(async () => {
  await machines.close();
  rmSync(base, { recursive: true, force: true });
});

let apps = 0;
/** Freezes a program of one file and answers its image. */
const image = async (code: string): Promise<string> => {
  const folder = join(base, `app-${apps++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'main.mjs'), code);
  writeFileSync(join(folder, 'image.json'), '{ "start": ["node", "main.mjs"] }');
  return `shop@${(await freeze(folder, join(base, 'registry'))).digest}`;
};

const tags = { 'cutover:service': 'shop', 'cutover:rollout': 'shop-0123-1', 'cutover:image': 'shop@sha256:0123' };

/** Starts an instance; the answer fills as things happen to it. */
const start = (id: string, ofImage: string) => {
  const seen: { running: boolean; exited: string | null } = { running: false, exited: null };
  machines.start(
    { id, image: ofImage, tags },
    {
      running: () => {
        seen.running = true;
      },
      exited: (reason) => {
        seen.exited = reason;
      },
    },
  );
  return seen;
};

const printed = (id: string, text: string) => until(() => expect(machines.output(id)).toContain(text));
const pidIn = (output: string, name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(output)?.[1]);

const stays = 'setInterval(() => {}, 1000);';

describe('an instance', () => {
  test('runs the frozen image with a port, its own identity and nothing of the user’s environment', async () => {
    process.env.SECRET = 'of the user';
    const seen = start(
      'i-1',
      await image(`import { createServer } from 'node:http';
        createServer((_, response) => response.end(JSON.stringify({ cwd: process.cwd(), env: process.env }))).listen(process.env.PORT, '127.0.0.1', () => console.log('up'));`),
    );
    await printed('i-1', 'up');
    const { host, port } = machines.address('i-1') ?? { host: '', port: 0 };
    const { cwd, env } = (await (await fetch(`http://${host}:${port}`)).json()) as {
      cwd: string;
      env: Record<string, string>;
    };
    expect(seen).toEqual({ running: true, exited: null });
    expect(cwd).toContain(join(base, 'registry'));
    const { PATH, TMPDIR, __CF_USER_TEXT_ENCODING, CUTOVER_RUN, ...own } = env;
    expect(CUTOVER_RUN).toMatch(/^[0-9a-f-]{36}$/);
    expect(PATH).toContain(join(cwd, 'node_modules/.bin'));
    expect(own).toEqual({
      PORT: String(port),
      CUTOVER_SERVICE: 'shop',
      CUTOVER_ROLLOUT: 'shop-0123-1',
      CUTOVER_IMAGE: 'shop@sha256:0123',
      CUTOVER_INSTANCE: 'i-1',
    });
    await machines.stop('i-1');
    expect(seen.exited).toBe(null);
    expect(machines.address('i-1')).toBe(undefined);
    expect(machines.output('i-1')).toBe('up\n');
  });

  test('that ends by itself says how, with its last words kept', async () => {
    const code = start('i-1', await image(`console.log('out'); console.error('no database'); process.exitCode = 3;`));
    const killed = start('i-2', await image(`process.kill(process.pid, 'SIGKILL'); ${stays}`));
    await until(() => expect([code.exited, killed.exited]).toEqual(['exited with code 3', 'ended by signal SIGKILL']));
    expect(machines.output('i-1').split('\n').sort()).toEqual(['', 'no database', 'out']);
    await machines.stop('i-1');
    await machines.stop('i-never');
  });

  test('of an image that is not there, or can no longer start, ends with words for people', async () => {
    const missing = start('i-1', `shop@sha256:${'0'.repeat(64)}`);
    await until(() => expect(missing.exited).toContain('is not in the local registry'));
    expect(missing.running).toBe(false);
    const folder = join(base, 'script');
    mkdirSync(folder);
    writeFileSync(join(folder, 'run'), '#!/no/such/interpreter\n', { mode: 0o755 });
    writeFileSync(join(folder, 'image.json'), '{ "start": ["./run"] }');
    const broken = start('i-2', `shop@${(await freeze(folder, join(base, 'registry'))).digest}`);
    await until(() => expect(broken.exited).toContain('could not be started: spawn ./run ENOENT'));
  });

  test('is asked to end and may finish; one that will not is killed with all it started', async () => {
    const polite = await image(
      `process.on('SIGTERM', () => { console.log('finishing'); setTimeout(process.exit, 20, 0); }); console.log('up'); ${stays}`,
    );
    const deaf =
      await image(`import { spawn } from 'node:child_process'; process.on('SIGTERM', () => console.log('no'));
      const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); ${stays}"]); console.log('child=' + child.pid + ' own=' + process.pid + ' '); ${stays}`);
    await machines.close();
    machines = processes({ folder: join(base, 'processes'), registry: join(base, 'registry'), grace: 200 });
    start('i-1', polite);
    start('i-2', deaf);
    await printed('i-1', 'up');
    await printed('i-2', 'child=');
    await Promise.all([machines.stop('i-1'), machines.stop('i-2'), machines.stop('i-2')]);
    expect(machines.output('i-1')).toContain('finishing');
    for (const name of ['own', 'child']) {
      const pid = pidIn(machines.output('i-2'), name);
      await until(() => expect(isAlive(pid)).toBe(false));
    }
    expect(readdirSync(join(base, 'processes'))).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'takes what it has started in sessions of their own with it, whether it is stopped or ends by itself',
    async () => {
      const daemon = `process.on('SIGTERM', () => {}); const { spawn } = await import('node:child_process');
        if (process.argv[1] !== 'last') spawn(process.execPath, ['--input-type=module', '-e', process.env.CODE, 'last'], { detached: true, stdio: 'ignore' });
        const { appendFileSync } = await import('node:fs'); appendFileSync(process.env.PIDS, process.pid + ' '); ${stays}`;
      const starting = (file: string, then: string) =>
        image(`import { spawn } from 'node:child_process'; import { existsSync, readFileSync } from 'node:fs';
          const env = { ...process.env, CODE: ${JSON.stringify(daemon)}, PIDS: ${JSON.stringify(file)} };
          spawn(process.execPath, ['--input-type=module', '-e', env.CODE], { detached: true, stdio: 'ignore', env }).unref();
          const look = setInterval(() => { if (existsSync(env.PIDS) && readFileSync(env.PIDS, 'utf8').split(' ').length === 3) { clearInterval(look); console.log('started'); ${then} } }, 10);`);
      const pidsIn = (file: string) => readFileSync(file, 'utf8').trim().split(' ').map(Number);
      const [stopped, ending] = [join(base, 'stopped'), join(base, 'ending')];
      start('i-1', await starting(stopped, stays));
      const seen = start('i-2', await starting(ending, ''));
      await printed('i-1', 'started');
      expect(pidsIn(stopped).map(isAlive)).toEqual([true, true]);
      await until(() => expect(seen.exited).toBe('exited with code 0'));
      await machines.stop('i-1');
      await until(() => expect([...pidsIn(stopped), ...pidsIn(ending)].filter(isAlive)).toEqual([]));
      expect(readdirSync(join(base, 'processes'))).toEqual([]);
    },
  );

  test('may be stopped in the moment it starts', async () => {
    const ofImage = await image(stays);
    const seen = start('i-1', ofImage);
    await machines.stop('i-1');
    expect(seen.exited).toBe(null);
    expect(readdirSync(base)).toContain('registry');
  });
});

describe('what a program prints', () => {
  test('never blocks it and is kept as a bounded tail, however much it is', async () => {
    const chatty = await image(`const line = 'x'.repeat(99) + '\\n'; let written = 0;
      const write = () => { if (written++ < 20_000) process.stdout.write(line.repeat(100), write); else console.log('the end'); }; write(); ${stays}`);
    const before = process.memoryUsage().arrayBuffers;
    start('i-1', chatty);
    await printed('i-1', 'the end');
    expect(machines.output('i-1').length).toBeLessThanOrEqual(64 * 1024);
    expect(machines.output('i-1').length).toBeGreaterThan(60 * 1024);
    expect(machines.output('i-1')).toMatch(/^x{99}\n/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
  });

  test.each([1, 3, 7, 10, 25])('is the same text whether it comes in pieces of %i bytes or at once', (size) => {
    const text = Array.from({ length: 9 }, (_, line) => `line ${line}\n`).join('');
    const kept = tail(20);
    for (let at = 0; at < text.length; at += size) kept.write(Buffer.from(text.slice(at, at + size)));
    expect(kept.text()).toBe('line 7\nline 8\n');
    const short = tail(20);
    short.write(Buffer.from('no end of line'));
    expect(short.text()).toBe('no end of line');
  });
});

describe('nothing is left running', () => {
  /** A local cloud in a process of its own, with two instances up; answers their pids. */
  const parent = async () => {
    const deaf = `process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); ${stays}`;
    const daemon =
      process.platform === 'linux'
        ? `const { spawn } = await import('node:child_process'); const child = spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { detached: true, stdio: 'ignore' }); console.log('pid=' + child.pid + ' ');`
        : `console.log('pid=' + process.pid + ' ');`;
    const ofImage = await image(`${daemon} console.log('pid=' + process.pid + ' '); ${deaf}`);
    const code = `const { processes } = await import(${source('local/processes.ts')});
      const machines = processes({ folder: ${JSON.stringify(join(base, 'theirs'))}, registry: ${JSON.stringify(join(base, 'registry'))} });
      for (const id of ['i-1', 'i-2']) machines.start({ id, image: ${JSON.stringify(ofImage)}, tags: {} }, { running() {}, exited() {} });
      const look = setInterval(() => { if (/pid=[^]*pid=/.test(machines.output('i-1')) && /pid=[^]*pid=/.test(machines.output('i-2'))) { console.log(machines.output('i-1') + machines.output('i-2')); clearInterval(look); } }, 10);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code.replaceAll('\n', ' ')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const line of createInterface(child.stdout)) {
      said += line;
      if (said.match(/pid=/g)?.length === 4) break;
    }
    const pids = [...said.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids.every(isAlive)).toBe(true);
    return { child, pids };
  };

  test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('when the local cloud ends by %s', async (signal) => {
    const { child, pids } = await parent();
    child.kill(signal);
    await once(child, 'exit');
    await until(() => expect(pids.filter(isAlive)).toEqual([]));
    await until(() => expect(readdirSync(join(base, 'theirs'))).toEqual([]));
  });

  test('nor a temporary folder, when the local cloud is killed', async () => {
    const temporary = join(base, 'temporary');
    mkdirSync(temporary);
    const keeper = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../local/keeper.ts'), join(temporary, 'processes'), '1', temporary],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    keeper.stdin?.end();
    await once(keeper, 'exit');
    expect(existsSync(temporary)).toBe(false);
  });

  test('by the next run, when what watches over it was killed as well', async () => {
    const { child, pids } = await parent();
    const keepers = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(`keeper.ts ${join(base, 'theirs')}`));
    expect(keepers).toHaveLength(1);
    process.kill(Number.parseInt(keepers[0] ?? '', 10), 'SIGSTOP');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(pids.every(isAlive)).toBe(true);
    const next = processes({ folder: join(base, 'theirs'), registry: join(base, 'registry') });
    expect(next.swept).toBe(2);
    await until(() => expect(pids.filter(isAlive)).toEqual([]));
    process.kill(Number.parseInt(keepers[0] ?? '', 10), 'SIGKILL');
    await next.close();
  });

  test('by a late watcher of an earlier run, which leaves the programs of this one alone', async () => {
    start('i-1', await image(`console.log('up'); ${stays}`));
    await printed('i-1', 'up');
    expect(sweep(join(base, 'processes'), process.pid + 1)).toBe(0);
    expect(readdirSync(join(base, 'processes'))).toHaveLength(1);
    expect(sweep(join(base, 'processes'), process.pid)).toBe(1);
  });

  test('but a stranger who has got an old pid by now is left alone', async () => {
    const stranger = spawn(process.execPath, ['-e', stays], { detached: true, stdio: 'ignore' });
    const list = join(base, 'list');
    enlist(list, stranger.pid ?? 0);
    const [name = ''] = readdirSync(list);
    expect(readFileSync(join(list, name), 'utf8')).not.toBe('');
    writeFileSync(join(list, name), 'another time');
    expect(sweep(list)).toBe(0);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
    expect(existsSync(join(list, name))).toBe(false);
    stranger.kill('SIGKILL');
  });
});

describe('the demo’s image', () => {
  const demo = async (version: number, id: string) => {
    const { digest } = await freeze(
      join(import.meta.dirname, '../../examples/demo', `v${version}`),
      join(base, 'registry'),
    );
    const seen = start(id, `demo@${digest}`);
    await printed(id, 'listens on');
    const { port } = machines.address(id) ?? { port: 0 };
    return { seen, url: `http://127.0.0.1:${port}` };
  };

  test.each([1, 2])('version %i is well and never fails', async (version) => {
    const { url } = await demo(version, 'i-1');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(url)));
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get('x-version')}`))).toEqual(
      new Set([`200 ${version}`]),
    );
    expect(await answers[0]?.json()).toEqual({ version: String(version), instance: 'i-1' });
  });

  test('version 3 looks well but fails 8 % of its requests, in no fixed rhythm', async () => {
    const { url } = await demo(3, 'i-1');
    const failed: number[] = [];
    for (let asked = 0; asked < 300; asked++) if ((await fetch(url)).status === 500) failed.push(asked);
    expect(failed.length).toBeGreaterThanOrEqual(23);
    expect(failed.length).toBeLessThanOrEqual(25);
    expect(new Set(failed.slice(1).map((at, index) => at - (failed[index] ?? 0))).size).toBeGreaterThan(1);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test('version 4 is never well, and prints why', async () => {
    const { url, seen } = await demo(4, 'i-1');
    expect((await fetch(`${url}/health`)).status).toBe(503);
    await printed('i-1', 'ERROR connect ECONNREFUSED 10.20.0.15:5432: attempt 1, retrying in 2 s');
    expect(seen.exited).toBe(null);
  });

  test('finishes what it is doing when asked to end', async () => {
    const { url } = await demo(1, 'i-1');
    const answers = Array.from({ length: 20 }, () => fetch(url).then(({ status }) => status));
    await until(async () => expect((await fetch(`${url}/health`)).status).toBe(200));
    const stopped = machines.stop('i-1');
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    await stopped;
    expect(machines.output('i-1')).toMatch(/SIGTERM: finishing \d+ requests/);
  });

  test('is one program for all versions: only image.json differs', () => {
    const programs = [1, 2, 3, 4].map((version) =>
      readFileSync(join(import.meta.dirname, `../../examples/demo/v${version}/server.mjs`), 'utf8'),
    );
    expect(new Set(programs).size).toBe(1);
  });
});
