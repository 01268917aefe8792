/** Finds the command that starts an image: `start` in its image.json, or its package.json's start script without a shell. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { messageOf, Rejected } from '../core/basics/errors.ts';

const readJson = (folder: string, name: string): unknown => {
  const file = join(folder, name);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Rejected(`cannot read ${name} in ${folder}: ${messageOf(error)}`);
  }
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Words as a shell would split them; what only a shell could do is refused, since none is ever run. */
export const wordsOf = (command: string): string[] => {
  const word = /(?:"[^"$`\\]*"|'[^']*'|[^\s"'|&;<>()$`\\*?[\]~#])+/y;
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(command[at] ?? '')) at++;
    if (at >= command.length) break;
    word.lastIndex = at;
    const found = word.exec(command)?.[0];
    at += found?.length ?? 0;
    if (found === undefined || (at < command.length && !/\s/.test(command[at] ?? '')))
      throw new Rejected(
        `the start script "${command}" needs a shell at "${command.slice(at, at + 12)}", and none is run; ` +
          'write the words of a plain command as { "start": ["node", "server.js"] } in image.json',
      );
    words.push(found.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
  if (/^\w+=/.test(words[0] ?? ''))
    throw new Rejected(
      `the start script "${command}" sets a variable, which needs a shell, and none is run; set it in the program`,
    );
  return words;
};

const isStart = (start: unknown): start is string[] =>
  Array.isArray(start) && start.length > 0 && start.every((word) => typeof word === 'string') && start[0] !== '';

/** The words that start the image in a folder. Throws Rejected when it says none, saying what to add. */
export const startCommand = (folder: string): string[] => {
  const image = readJson(folder, 'image.json');
  if (image !== undefined) {
    const start = isObject(image) ? image.start : undefined;
    if (isStart(start)) return start;
    throw new Rejected(
      `image.json in ${folder} needs "start", a list of words such as ["node", "server.js"]; found ${JSON.stringify(start) ?? 'nothing'}`,
    );
  }
  const npm = readJson(folder, 'package.json');
  const script = isObject(npm) && isObject(npm.scripts) ? npm.scripts.start : undefined;
  const words = typeof script === 'string' ? wordsOf(script) : [];
  if (words.length === 0)
    throw new Rejected(
      `${folder} has no start command; add image.json with { "start": ["node", "server.js"] }, or scripts.start to its package.json`,
    );
  return words;
};

/** Where an image's programs are looked for: its own tools, this Node, the user's PATH. */
export const searchPath = (folder: string): string =>
  [join(folder, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);

const runs = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

/** Throws Rejected when the command cannot possibly start: no such program, or Node without its script. */
export const requireProgram = (folder: string, [program = '', script = '']: string[]): void => {
  if (program === 'node') {
    const main = resolve(folder, script);
    if (script === '' || script.startsWith('-') || existsSync(main) || existsSync(`${main}.js`)) return;
    throw new Rejected(`the start command of ${folder} runs ${script}, which is not in the folder`);
  }
  const candidates = program.includes('/')
    ? [resolve(folder, program)]
    : searchPath(folder)
        .split(delimiter)
        .map((path) => join(path, program));
  if (!candidates.some(runs))
    throw new Rejected(
      `the start command of ${folder} runs ${program}, which is no program ${program.includes('/') ? 'in the folder (is it executable?)' : 'in its node_modules/.bin or on PATH'}`,
    );
};
