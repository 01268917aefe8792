/** The local cloud's folder on disk, and the lock that keeps a second one out of it. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, Rejected } from '../core/basics/errors.ts';

export interface DataFolder {
  path: string;
  /** What people should know about how it was found; null when there is nothing to say. */
  note: string | null;
  /** Gives the lock back. Safe to call twice. */
  close(): void;
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** The result codes' low byte is the kind; the rest says where in SQLite it arose. */
const kindOf = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff;

const unusable = (path: string, error: unknown): Rejected =>
  kindOf(error) === SQLITE_FULL || (error as NodeJS.ErrnoException).code === 'ENOSPC'
    ? new Rejected(`the disk is full, the data folder ${path} cannot be written: free some space, then try again`)
    : new Rejected(
        `cannot write to the data folder ${path}: ${messageOf(error)}; give --data a folder that can be written to`,
      );

/** Null: nothing is there, or it cannot be seen. */
const kindOfFile = (path: string): 'file' | 'folder' | null => {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
};

/** What the data folder has, by kind: where the other kind lies, writing would fail later. */
const folders = ['registry', 'processes'];
const files = ['lock', 'ledger.sqlite', 'control.json', 'ports.json'];

/** The nearest part of the path that exists. */
const nearest = (path: string): string =>
  kindOfFile(path) !== null || dirname(path) === path ? path : nearest(dirname(path));

const requireKinds = (path: string): void => {
  const refuse = (expected: string, found: string, remedy: string): never => {
    throw new Rejected(`expected a ${expected}, found the ${found}: ${remedy}`);
  };
  const existing = nearest(path);
  if (kindOfFile(existing) === 'file') refuse('folder', `file ${existing}`, 'give --data a folder');
  const away = 'move it away, then start again';
  for (const one of folders.map((name) => join(path, name)))
    if (kindOfFile(one) === 'file') refuse('folder', `file ${one}`, away);
  for (const one of files.map((name) => join(path, name)))
    if (kindOfFile(one) === 'folder') refuse('file', `folder ${one}`, away);
};

/** One folder after the other: Node's own recursive way never ends where a system refuses with ENOENT, as /proc does. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
};

const holderOf = (lock: DatabaseSync): number | undefined => {
  try {
    return lock.prepare('SELECT pid FROM holder').get()?.pid as number | undefined;
  } catch {
    return undefined;
  }
};

/**
 * Creates the folder where needed (only its owner may look inside) and takes its lock. The lock is SQLite's on an open file, which the system takes back
 * however a process ends: no pid to guess about, and no moment in which two could take over from a dead third.
 * Throws Rejected when another local cloud uses the folder, or it cannot be written to.
 */
export const openDataFolder = (path: string): DataFolder => {
  const file = join(path, 'lock');
  requireKinds(resolve(path));
  let lock: DatabaseSync;
  try {
    makeFolder(resolve(path));
    lock = new DatabaseSync(file, { timeout: 100 });
  } catch (error) {
    throw unusable(path, error);
  }
  try {
    lock.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER)');
    const previous = holderOf(lock);
    lock.exec(`DELETE FROM holder; INSERT INTO holder VALUES (${process.pid}); COMMIT`);
    // Others may read who holds it, but nobody may begin to write until this process ends or closes.
    lock.exec('BEGIN IMMEDIATE');
    const note =
      previous === undefined
        ? null
        : `an earlier local cloud (pid ${previous}) ended without cleaning up; carrying on from what it left`;
    return {
      path,
      note,
      close: () => {
        if (!lock.isOpen) return;
        lock.exec('DELETE FROM holder; COMMIT');
        lock.close();
      },
    };
  } catch (error) {
    const pid = holderOf(lock);
    lock.close();
    if (kindOf(error) === SQLITE_BUSY)
      throw new Rejected(
        `another cutover local cloud${pid === undefined ? '' : ` (pid ${pid})`} uses ${path}; stop it or give --data another folder`,
      );
    if ([SQLITE_NOTADB, SQLITE_CORRUPT].includes(kindOf(error)))
      throw new Rejected(
        `expected a lock of cutover's, found the damaged file ${file}: end the local cloud that uses the folder, if one does, remove the file, then start again`,
      );
    throw unusable(path, error);
  }
};
