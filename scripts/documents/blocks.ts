/** The command blocks of the documents, line by line: which are run as they stand, and which are not, with the reason. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elsewhere } from './elsewhere.ts';

export const root = join(import.meta.dirname, '..', '..');

/** In the order in which somebody reads them. */
export const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root }).sort()];

export interface Line {
  document: string;
  command: string;
}

/** A comment behind a command is for people. `#` within quotes is none. */
const withoutComment = (line: string): string => line.replace(/\s+#(?=\s).*$/, '').trim();

/** Every command of the fenced `sh` blocks of a text, a line that ends with a backslash with the next one. */
export const commandsIn = (text: string): string[] =>
  [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map(withoutComment)
      .filter((command) => command !== ''),
  );

export const linesOf = (document: string): Line[] =>
  commandsIn(readFileSync(join(root, document), 'utf8')).map((command) => ({ document, command }));

/** Why a command is not run here; null: it is run. */
export const reasonOf = ({ document, command }: Line): string | null =>
  elsewhere.find((one) => one.document === document && one.commands.includes(command))?.why ?? null;

/** Commands that the list names and no document has any more. */
export const stale = (): string[] => {
  const all = new Set(documents.flatMap(linesOf).map(({ document, command }) => `${document}: ${command}`));
  return elsewhere
    .flatMap(({ document, commands }) => commands.map((command) => `${document}: ${command}`))
    .filter((one) => !all.has(one));
};
