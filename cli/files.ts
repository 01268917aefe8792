/** Files that a command names or writes: one is replaced whole or not at all, and every error names it. */
import { chmodSync, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Rejected } from '../core/basics/errors.ts';

type Write = (file: string, text: string, options: { mode?: number; flag: 'wx' }) => void;

/** Not every error of a write has a path: that of a full disk has none. */
const naming = (error: unknown, path: string): unknown =>
  error instanceof Error ? Object.assign(error, { path }) : error;

/** Writes a file that must not exist yet. A write that fails leaves none behind. */
export const createFile = (file: string, text: string, write: Write = writeFileSync): void => {
  try {
    write(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(file, { force: true });
    throw naming(error, file);
  }
};

/** Writes a file or replaces it. If the write fails, the file is as it was. `mode` is for a new one. */
export const replaceFile = (
  file: string,
  text: string,
  { mode = 0o666, write = writeFileSync }: { mode?: number; write?: Write } = {},
): void => {
  const existing = existsSync(file);
  const target = existing ? realpathSync(file) : file;
  const unfinished = `${target}.${process.pid}`;
  try {
    rmSync(unfinished, { force: true });
    write(unfinished, text, { mode, flag: 'wx' });
    if (existing) chmodSync(unfinished, statSync(target).mode & 0o777);
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw naming(error, file);
  }
};

/** Node puts U+FFFD where a name has bytes that are no UTF-8: that path leads nowhere, or to another file. */
export const requireUtf8 = (path: string, kind: 'file' | 'folder'): string => {
  if (!path.includes('\uFFFD') || existsSync(path)) return path;
  throw new Rejected(`the name ${path} is not UTF-8: rename the ${kind}, then name it again`);
};
