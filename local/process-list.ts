/** The list, on disk, of the programs a local cloud has started, so that none outlives it however it ended. */
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

/** Ends a program and whatever it started, at once. */
export const killGroup = (pid: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
};

/** Notes a program, started as the leader of its own process group, as this process's. The answer crosses it off. */
export const enlist = (list: string, pid: number): (() => void) => {
  const file = join(list, `${process.pid}-${pid}`);
  mkdirSync(list, { recursive: true });
  writeFileSync(file, look(pid)?.started ?? '');
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
      if (readFileSync(file, 'utf8') === look(pid)?.started) {
        if (isAlive(pid)) ended++;
        killGroup(pid, 'SIGKILL');
      }
    } catch {
      // Crossed off meanwhile.
    }
    rmSync(file, { force: true });
  }
  return ended;
};
