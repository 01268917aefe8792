/** A list on disk of the programs that a local cloud has started, so that the next start can end leftover ones. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process's state letter and when it started, in the system's own words. With its pid that names one process for ever, though pids are reused. */
const look = (pid: number): { state: string; started: string } | undefined => {
  try {
    if (process.platform === 'linux') {
      // The command's name, in parentheses, may contain anything.
      const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return { state: words[0] ?? '', started: words[19] ?? '' };
    }
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env }).trim();
    return { state: line.charAt(0), started: line.replace(/^\S+\s+/, '') };
  } catch {
    return undefined;
  }
};

/** False for a process that has ended but whose parent, in a container often nobody, has not asked how. */
export const isAlive = (pid: number): boolean => !['Z', undefined].includes(look(pid)?.state);

type Signal = 'SIGTERM' | 'SIGKILL';

const signalOne = (pid: number, signal: Signal): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
};

/** The environment variable that names a program's run; the program's own children inherit it. */
export const markVariable = 'CUTOVER_RUN';

/** Processes that were started with the mark, in any session. Linux alone shows other processes' environments. */
const marked = (mark: string): number[] => {
  if (process.platform !== 'linux' || mark === '') return [];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${markVariable}=${mark}`) ? [Number(name)] : [];
    } catch {
      // Gone, or another user's.
      return [];
    }
  });
};

/** As often as is looked for what started while the rest was ended. */
const mostRounds = 20;

/**
 * Sends a signal to a program's process group, null where that is gone, and to what was started with its mark and has left the group.
 * Answers how many of those there were.
 */
export const signalProgram = (pid: number | null, mark: string, signal: Signal): number => {
  const strays = new Set<number>();
  if (pid !== null) signalOne(-pid, signal);
  for (let round = 0; round < mostRounds; round++) {
    const found = marked(mark).filter((one) => one !== pid && isAlive(one));
    for (const one of found) {
      strays.add(one);
      signalOne(one, signal);
    }
    if (signal !== 'SIGKILL' || found.length === 0) break;
  }
  return strays.size;
};

/** Notes a program, started as the leader of its own process group, as this process's. The answer crosses it off. */
export const enlist = (list: string, pid: number, mark = ''): (() => void) => {
  const file = join(list, `${process.pid}-${pid}`);
  mkdirSync(list, { recursive: true });
  writeFileSync(file, `${look(pid)?.started ?? ''}\n${mark}`);
  return () => rmSync(file, { force: true });
};

/** Ends every program that is still listed, or those of one owner; answers how many still ran. */
export const sweep = (list: string, owner?: number): number => {
  let ended = 0;
  let names: string[] = [];
  try {
    names = readdirSync(list);
  } catch {
    return ended;
  }
  for (const name of names) {
    const [listedBy, pid] = name.split('-').map(Number);
    if (pid === undefined || !Number.isInteger(pid) || (owner !== undefined && owner !== listedBy)) continue;
    const file = join(list, name);
    try {
      const [started, mark = ''] = readFileSync(file, 'utf8').split('\n');
      const same = started === look(pid)?.started;
      const ran = same && isAlive(pid);
      // A stranger may have the pid by now, but nobody else has the mark.
      if (signalProgram(same ? pid : null, mark, 'SIGKILL') > 0 || ran) ended++;
    } catch {
      // Crossed off meanwhile.
    }
    rmSync(file, { force: true });
  }
  return ended;
};
