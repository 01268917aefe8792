/** Runs instances as child processes: a frozen image on its own port, isolated from the local cloud. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { messageOf, Rejected } from '../core/basics/errors.ts';
import type { Machines } from './machines.ts';
import { enlist, markVariable, signalProgram, sweep } from './process-list.ts';
import { describe } from './registry.ts';
import { searchPath } from './start-command.ts';
import { realTime, type Time } from './time.ts';

/** How much of what a program printed is kept. */
const TAIL = 64 * 1024;
/** How many ended programs' output is kept. */
const ENDED = 100;

export interface Processes extends Machines {
  /** How many programs of an earlier run were still there, and have been ended. */
  swept: number;
  /** Ends every program; resolves when all are gone. */
  close(): Promise<void>;
}

/** The last `size` bytes written, from the start of a line. */
export const tail = (size: number): { write(chunk: Buffer): void; text(): string } => {
  const bytes = Buffer.alloc(size);
  let written = 0;
  return {
    write: (chunk) => {
      const kept = chunk.subarray(-size);
      written += chunk.length - kept.length;
      const at = written % size;
      const first = kept.copy(bytes, at);
      kept.copy(bytes, 0, first);
      written += kept.length;
    },
    text: () => {
      if (written <= size) return bytes.toString('utf8', 0, written);
      const at = written % size;
      const all = Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
      return all.toString('utf8', all.indexOf('\n') + 1);
    },
  };
};

/** Below the ports that systems hand out for outgoing connections (from 32768 on Linux, 49152 elsewhere), so that none is taken before its program listens. */
const firstPort = 20_000;
const ports = 12_000;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Goes round, so that a port is not used again soon; two local clouds begin at different places. */
const freePorts = () => {
  let next = (process.pid * 97) % ports;
  return async (): Promise<number> => {
    for (let tried = 0; tried < ports; tried++) {
      const port = firstPort + (next++ % ports);
      if (await isFree(port)) return port;
    }
    throw new Rejected(`no port between ${firstPort} and ${firstPort + ports} is free`);
  };
};

/** Nothing of the user's own environment leaks into an instance but where programs and temporary files are. */
const environment = (
  id: string,
  tags: Record<string, string>,
  folder: string,
  port: number,
  mark: string,
): NodeJS.ProcessEnv => ({
  PATH: searchPath(folder),
  ...(process.env.TMPDIR === undefined ? {} : { TMPDIR: process.env.TMPDIR }),
  PORT: String(port),
  CUTOVER_SERVICE: tags['cutover:service'] ?? '',
  CUTOVER_ROLLOUT: tags['cutover:rollout'] ?? '',
  CUTOVER_IMAGE: tags['cutover:image'] ?? '',
  CUTOVER_INSTANCE: id,
  [markVariable]: mark,
});

/** What cannot be listed must not run: nobody would end it. */
const enlistOrKill = (list: string, pid: number, mark: string): (() => void) => {
  try {
    return enlist(list, pid, mark);
  } catch (error) {
    signalProgram(pid, mark, 'SIGKILL');
    throw error;
  }
};

interface Program {
  child: ChildProcess | null;
  /** In the environment of all that it starts. */
  mark: string;
  address: { host: string; port: number } | undefined;
  said: { write(chunk: Buffer): void; text(): string };
  stopping: boolean;
  gone: Promise<void>;
}

/**
 * Real child processes behind simulated instances. `folder` keeps the list of them and must be this local cloud's alone; `registry` holds
 * the frozen images; `grace` is how many milliseconds a program has between SIGTERM and SIGKILL.
 * Ends what an earlier run left behind first. On Linux also what a program has started in a session of its own, unless it was given
 * an environment without the program's; elsewhere a program has to end that itself.
 */
export const processes = ({
  folder,
  registry,
  time = realTime(),
  grace = 5000,
  temporary,
}: {
  folder: string;
  registry: string;
  time?: Time;
  grace?: number;
  /** A folder that goes with the local cloud, however that ends. */
  temporary?: string | undefined;
}): Processes => {
  const running = new Map<string, Program>();
  const ended = new Map<string, string>();
  const swept = sweep(folder);
  const freePort = freePorts();

  let keeper: ChildProcess | null = null;
  const keep = (): void => {
    // Beside this file, .ts in a clone and .js in the published package. Its own process group, or Ctrl-C would end it first.
    const script = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'keeper.ts' : 'keeper.js');
    const spawned = spawn(process.execPath, [script, folder, String(process.pid), temporary ?? ''], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    keeper = spawned;
    spawned.unref();
    spawned.stdin.on('error', () => undefined);
    const lost = (): void => {
      keeper = null;
    };
    spawned.once('exit', lost).once('error', lost);
  };

  /** Resolves with how the program ended. */
  const run = async (
    id: string,
    image: string,
    tags: Record<string, string>,
    program: Program,
    up: () => void,
  ): Promise<string> => {
    const digest = image.slice(image.lastIndexOf('@') + 1);
    const frozen = await describe(registry, digest);
    if (frozen === null) return `image ${image} is not in the local registry`;
    const port = await freePort();
    if (program.stopping) return 'stopped';
    const [command = '', ...words] = frozen.start;
    const child = spawn(command === 'node' ? process.execPath : command, words, {
      cwd: frozen.folder,
      env: environment(id, tags, frozen.folder, port, program.mark),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exited with code ${code}` : `ended by signal ${signal}`),
      );
    });
    if (child.pid === undefined) return exited;
    const crossOff = enlistOrKill(folder, child.pid, program.mark);
    program.child = child;
    program.address = { host: '127.0.0.1', port };
    child.stdout.on('data', program.said.write);
    child.stderr.on('data', program.said.write);
    up();
    const how = await exited;
    // What it started itself goes with it; its last words may still be in the pipe, which a daemon of its could hold open for ever.
    signalProgram(child.pid, program.mark, 'SIGKILL');
    crossOff();
    const destroy = (): void => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const cancel = time.after(1000, destroy);
    await closed;
    cancel();
    return how;
  };

  const stop = async (id: string): Promise<void> => {
    const program = running.get(id);
    if (program === undefined) return;
    program.stopping = true;
    const { child } = program;
    const pid = child?.pid;
    if (pid === undefined || child?.exitCode !== null || child.signalCode !== null) return program.gone;
    signalProgram(pid, program.mark, 'SIGTERM');
    const cancel = time.after(grace, () => signalProgram(pid, program.mark, 'SIGKILL'));
    await program.gone;
    cancel();
  };

  return {
    swept,
    start: ({ id, image, tags }, on) => {
      if (keeper === null) keep();
      const program: Program = {
        child: null,
        mark: randomUUID(),
        address: undefined,
        said: tail(TAIL),
        stopping: false,
        gone: Promise.resolve(),
      };
      running.set(id, program);
      program.gone = run(id, image, tags, program, on.running)
        .catch((error) => `could not be started: ${messageOf(error)}`)
        .then((how) => {
          running.delete(id);
          ended.set(id, program.said.text());
          for (const oldest of [...ended.keys()].slice(0, -ENDED)) ended.delete(oldest);
          if (!program.stopping) on.exited(how);
        });
    },
    stop,
    output: (id) => running.get(id)?.said.text() ?? ended.get(id) ?? '',
    address: (id) => running.get(id)?.address,
    close: async () => {
      await Promise.all([...running.keys()].map(stop));
      keeper?.stdin?.end();
    },
  };
};
