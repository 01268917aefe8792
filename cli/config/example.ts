/** The configurations and images that come with this program, .ts in a clone and .js in the published package. */
import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

const folder = join(import.meta.dirname, '../..', 'examples');

/** The folder that holds images v1 to v4. */
export const exampleImages = join(folder, 'demo');

/** `exampleFile('adopt', 'cutover')` → …/examples/adopt/cutover.config.ts */
export const exampleFile = (example: string, name = 'cutover'): string => {
  const file = join(folder, example, `${name}.config.ts`);
  return existsSync(file) ? file : join(folder, example, `${name}.config.js`);
};

/** A file that comes with this program: nobody should write into it. */
export const isExample = (file: string): boolean => file.startsWith(`${resolve(folder)}${sep}`);
