/** The local registry: freezes a folder into a read-only copy named by its digest. Only such copies run. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { messageOf, Rejected } from '../core/basics/errors.ts';
import { leadsOut } from './links.ts';
import { isAlive } from './process-list.ts';
import { requireProgram, startCommand } from './start-command.ts';

export interface FrozenImage {
  /** `sha256:` and 64 hex digits. */
  digest: string;
  start: string[];
  /** The frozen copy. */
  folder: string;
}

/** Copies one entry and answers its line in the digest: kind, path, contents. Nothing else about a file counts. */
const copyEntry = async (from: string, to: string, path: string, kind: 'file' | 'folder' | 'link'): Promise<string> => {
  const source = join(from, path);
  const copy = join(to, path);
  if (kind === 'folder') {
    await mkdir(copy);
    return `folder ${path}`;
  }
  if (kind === 'link') {
    const target = await readlink(source);
    await symlink(target, copy);
    return `link ${path}\0${target}`;
  }
  await copyFile(source, copy, constants.COPYFILE_FICLONE);
  // The copy is what is hashed: the user may be editing the original meanwhile.
  const contents = createHash('sha256')
    .update(await readFile(copy))
    .digest('hex');
  const executable = ((await stat(copy)).mode & 0o111) !== 0;
  await chmod(copy, executable ? 0o555 : 0o444);
  return `${executable ? 'program' : 'file'} ${path}\0${contents}`;
};

/** Looked for once all is copied, and in the copy: a link may lead out through another one. */
const refuseLinksOut = async (from: string, copy: string, lines: string[]): Promise<void> => {
  for (const line of lines) {
    const [, path, target] = /^link ([^\0]*)\0(.*)$/s.exec(line) ?? [];
    if (path !== undefined && (await leadsOut(copy, path)))
      throw new Rejected(
        `${join(from, path)} is a link that leads out of the image, to ${target}; put the file itself there`,
      );
  }
};

/** Node puts U+FFFD where a name has bytes that are no UTF-8: no file is found by that name. */
const requireUtf8 = async (path: string): Promise<void> => {
  if (path.includes('\uFFFD') && !(await lstat(path).then(Boolean, () => false)))
    throw new Rejected(`the name ${path} is not UTF-8: rename it, then publish again`);
};

/** History, and the local cloud's own data, are not part of what runs. */
const leftOut = ['.git', '.cutover'];

/** Folders stay writable by their owner, or `rm -rf` of the data folder would fail for anybody but root. */
const copyTree = async (from: string, to: string, path = ''): Promise<string[]> => {
  const lines: string[] = [];
  for (const entry of await readdir(join(from, path), { withFileTypes: true })) {
    if (path === '' && leftOut.includes(entry.name)) continue;
    const inner = join(path, entry.name);
    await requireUtf8(join(from, inner));
    const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : undefined;
    if (kind === undefined)
      throw new Rejected(`${join(from, inner)} is neither a file nor a folder nor a link; take it out of the image`);
    lines.push(await copyEntry(from, to, inner, kind));
    if (kind === 'folder') lines.push(...(await copyTree(from, to, inner)));
  }
  return lines;
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Copies that a process began and did not live to finish. */
const removeUnfinished = async (registry: string): Promise<void> => {
  for (const name of await readdir(registry)) {
    const pid = /\.tmp-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(registry, name), { recursive: true, force: true });
  }
};

let copies = 0;

/**
 * Freezes a folder. The same contents give the same digest and are kept once; a copy appears in the registry whole or not at all.
 * Throws Rejected for a folder that could not run: no folder, no start command, no such program, a link out of it, an unreadable file.
 */
export const freeze = async (folder: string, registry: string): Promise<FrozenImage> => {
  const from = resolve(folder);
  if (!(await isFolder(from)))
    throw new Rejected(`${folder} is not a folder; an image is a folder with a start command`);
  requireProgram(from, startCommand(from));
  await mkdir(registry, { recursive: true });
  // Either may have been named by way of a link: a copy into itself would never end.
  const [first = '', ...rest] = relative(await realpath(from), await realpath(registry)).split(sep);
  if (first !== '..' && !leftOut.includes(first))
    throw new Rejected(
      `the data folder, ${[first, ...rest].slice(0, -1).join(sep) || '.'}, lies inside the image ${folder}; give --data a folder outside it`,
    );
  await removeUnfinished(registry);
  const unfinished = join(registry, `${copies++}.tmp-${process.pid}`);
  try {
    await mkdir(unfinished);
    const lines = await copyTree(from, unfinished);
    await refuseLinksOut(from, unfinished, lines);
    const hex = createHash('sha256').update(lines.sort().join('\0')).digest('hex');
    const frozen = join(registry, hex);
    if (!(await isFolder(frozen)))
      // Somebody else may have frozen the same contents in between: theirs is as good.
      await rename(unfinished, frozen).catch(async (error) => {
        if (!(await isFolder(frozen))) throw error;
      });
    return { digest: `sha256:${hex}`, start: startCommand(frozen), folder: frozen };
  } catch (error) {
    if (error instanceof Rejected) throw error;
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new Rejected(
      full
        ? `the disk is full, the image ${folder} cannot be copied to ${registry}: free some space, then publish again`
        : `cannot freeze ${folder}: ${messageOf(error)}`,
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

/** The frozen image of a digest; null when the registry has none. */
export const describe = async (registry: string, digest: string): Promise<FrozenImage | null> => {
  const folder = join(registry, digest.replace(/^sha256:/, ''));
  return /^sha256:[0-9a-f]{64}$/.test(digest) && (await isFolder(folder))
    ? { digest, start: startCommand(folder), folder }
    : null;
};

/** Every frozen image, by digest. */
export const list = async (registry: string): Promise<FrozenImage[]> => {
  const names = await readdir(registry).catch(() => []);
  const images = await Promise.all(names.sort().map((name) => describe(registry, `sha256:${name}`)));
  return images.filter((image) => image !== null);
};
