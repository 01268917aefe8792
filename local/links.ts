/** Finds the target of a symbolic link without leaving its folder. */
import { readlink } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';

/** As many links as Linux follows before it gives up. */
const mostLinks = 40;

/**
 * Whether the way along `path` leaves `root` at any point. Each part is looked at by itself, since `a/..` is not here where `a` is a
 * link to elsewhere. What does not exist leads nowhere, and so does a circle.
 */
export const leadsOut = async (root: string, path: string): Promise<boolean> => {
  const at: string[] = [];
  const ahead = path.split(sep);
  for (let links = 0; ahead.length > 0; ) {
    const part = ahead.shift() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    const target = await readlink(join(root, ...at, part)).catch(() => undefined);
    if (target === undefined) at.push(part);
    else if (isAbsolute(target)) return true;
    else if (++links > mostLinks) return false;
    else ahead.unshift(...target.split(sep));
  }
  return false;
};
