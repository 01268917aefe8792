/** Runs one command of a document in a shell, as somebody would type it. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Place {
  folder: string;
  env: NodeJS.ProcessEnv;
}

export interface Background {
  /** Why it has not begun; null: it has. */
  failed: string | null;
  /** Ctrl-C. Answers what went wrong, or null. */
  end(): Promise<string | null>;
}

/** Milliseconds that one command may take. */
const longest = 180_000;
/** Milliseconds that the output may stay open after a command has ended: what it has left running holds it, perhaps for ever. */
const openAfter = 5_000;
/** The exit code after Ctrl-C. */
const interrupted = 130;

interface Running {
  child: ChildProcess;
  said: () => string;
  /** True once its output matches; false when it has ended, or takes too long. */
  says: (pattern: RegExp) => Promise<boolean>;
  ended: Promise<number | null>;
}

const started = (command: string, { folder, env }: Place): Running => {
  // In a group of its own, so that Ctrl-C reaches all of it and nothing else.
  const child = spawn('bash', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let text = '';
  const waiting = new Set<() => void>();
  const heard = (): void => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      heard();
    });
  let over = false;
  const ended = new Promise<number | null>((resolve) => {
    const end = (code: number | null): void => {
      over = true;
      resolve(code);
      heard();
    };
    child.on('close', end);
    child.on('exit', (code) => setTimeout(() => end(code), openAfter).unref());
  });
  const says = (pattern: RegExp): Promise<boolean> =>
    new Promise((resolve) => {
      const done = (found: boolean): void => {
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const look = (): void => {
        if (pattern.test(text)) done(true);
        else if (over) done(false);
      };
      const timer = setTimeout(() => done(false), longest);
      waiting.add(look);
      look();
    });
  return { child, said: () => text, says, ended };
};

/** To the command and all that it has started. */
const signal = ({ child }: Running, name: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // It has ended meanwhile.
  }
};

/** `expected …, found …`, with the output. */
const unexpected = (what: string, code: number | null, text: string): string =>
  `expected ${what}, found exit code ${code}:\n${text.trimEnd()}`;

const interrupt = async (running: Running): Promise<string | null> => {
  signal(running, 'SIGINT');
  const timer = setTimeout(() => signal(running, 'SIGKILL'), 30_000);
  const code = await running.ended;
  clearTimeout(timer);
  return code === interrupted ? null : unexpected(`exit code ${interrupted} after Ctrl-C`, code, running.said());
};

/** `cutover local up …`: until it answers. */
export const background = async (command: string, place: Place): Promise<Background> => {
  const running = started(command, place);
  const begun = await running.says(/ answers on http/);
  if (!begun) signal(running, 'SIGKILL');
  const failed = begun ? null : unexpected('the address of a service', await running.ended, running.said());
  return { failed, end: async () => (begun ? interrupt(running) : null) };
};

/** Commands of npm run in the clone, others in the document's folder. Answers what went wrong, or null. */
export const run = async (
  command: string,
  place: Place,
  clone: string,
  most: number = longest,
): Promise<string | null> => {
  const running = started(command, /^np[mx] /.test(command) ? { ...place, folder: clone } : place);
  if (command.includes('--follow')) {
    const live = await running.says(/ is live$/m);
    const failed = await interrupt(running);
    return live ? failed : unexpected('an event that says that the release is live', null, running.said());
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    signal(running, 'SIGKILL');
  }, most);
  const code = await running.ended;
  clearTimeout(timer);
  if (late)
    return `expected it to end within ${most / 1000} s, and it had not: it was ended. It had said:\n${running.said().trimEnd()}`;
  return code === 0 ? null : unexpected('exit code 0', code, running.said());
};
