/** What the system refuses a command: one sentence with the path, and what to do. */

interface SystemError {
  code?: string;
  path?: string;
  message?: string;
}

const sentences: Record<string, (path: string) => string> = {
  EACCES: (path) => `no permission for ${path}: use a folder that is yours, or correct its permissions`,
  EPERM: (path) => `no permission for ${path}: use a folder that is yours, or correct its permissions`,
  EROFS: (path) => `${path} is on a read-only file system: use a folder that can be written to`,
  ENOSPC: (path) => `the disk is full, ${path} cannot be written: free some space, then try again`,
  EDQUOT: (path) => `your disk quota is used up, ${path} cannot be written: free some space, then try again`,
  ENOTDIR: (path) =>
    `a part of the path ${path} is a file, and a folder was expected: correct the path, or move the file`,
  EISDIR: (path) => `${path} is a folder, and a file was expected: move it away, or name another file`,
  ENAMETOOLONG: (path) => `the name of ${path.slice(0, 80)}… is too long: choose a shorter one`,
  EMFILE: () => 'too many files are open: raise the limit (ulimit -n), then try again',
};

/** Null: it is nothing that only the surroundings can cause. */
export const surroundingsText = (error: unknown): string | null => {
  const { code = '', path, message = '' } = (error ?? {}) as SystemError;
  // SQLite's own words for a full disk and for a file that is none of its databases.
  if (/database or disk is full/.test(message)) return 'the disk is full: free some space, then try again';
  if (/file is not a database/.test(message))
    return 'a file of the data folder is damaged: end the local cloud, move its data folder away, and start again';
  return sentences[code]?.(path ?? 'it') ?? null;
};
