/** Fits lines into a terminal's width without cutting text. */
import { stripVTControlCharacters } from 'node:util';

const length = (text: string): number => stripVTControlCharacters(text).length;

/** The narrowest second column: a text in fewer characters is a word a line. */
const least = 24;

/** Words of a text in lines of at most `width` characters. A word that is longer, such as an ARN, has a line of its own. */
const filled = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && length(last) + 1 + length(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** A text behind its indentation, and each further line `hanging` characters deeper. */
export const wrapped = (line: string, width: number, hanging = 0): string[] => {
  if (length(line) <= width) return [line];
  const [indent = ''] = /^ */.exec(line) ?? [];
  const deeper = `${indent}${' '.repeat(hanging)}`;
  // Filled to the narrower of the two, so that the first line ends where the others do.
  return filled(line.slice(indent.length), width - deeper.length).map((part, index) =>
    index === 0 ? indent + part : deeper + part,
  );
};

/** A command is broken so that it can be pasted: before an option, with a backslash. */
const command = (line: string, width: number): string[] => {
  if (length(line) <= width) return [line];
  const [indent = ''] = /^ */.exec(line) ?? [];
  const parts = line.slice(indent.length).split(/ (?=--)/);
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && length(last) + 1 + length(part) + 2 <= width) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(last === undefined ? indent + part : `${indent}  ${part}`);
  }
  return lines.map((one, index) => (index === lines.length - 1 ? one : `${one} \\`));
};

/** `cutover …`, also behind variables of the environment. */
const isCommand = (text: string): boolean => /^(?:[A-Z_]+=\S+ )*cutover(?: |$)/.test(text.trim());

/** `  term     what it means`: the term with its indentation and the blanks behind it, and its meaning. */
const pair = (line: string): [term: string, meaning: string] | null => {
  const [, term, meaning] = /^( +\S(?:.*?\S)?\s{2,})(\S.*)$/.exec(line) ?? [];
  return term === undefined || meaning === undefined ? null : [term, meaning];
};

/** Lines of help that stand together: where the second column has no room left, it moves below the first for all of them. */
const block = (lines: readonly string[], width: number): string[] => {
  if (lines.every((line) => length(line) <= width)) return [...lines];
  const pairs = lines.map(pair);
  const column = Math.max(0, ...pairs.map((one) => (one === null ? 0 : length(one[0]))));
  return lines.flatMap((line, index) => {
    const one = pairs[index];
    if (one === undefined || one === null) return isCommand(line) ? command(line, width) : wrapped(line, width);
    const [term, meaning] = one;
    const bare = term.trimEnd();
    if (width - column < least)
      return [
        ...(isCommand(bare) ? command(bare, width) : wrapped(bare, width)),
        ...wrapped(`      ${meaning}`, width),
      ];
    const [first = '', ...others] = filled(meaning, width - column);
    return [term + first, ...others.map((part) => ' '.repeat(column) + part)];
  });
};

/** A whole text: paragraphs are filled, lines in two columns stay so or become two lines each, commands are broken at their options. */
export const fitted = (text: string, width: number): string => {
  const lines = text.split('\n');
  const out: string[] = [];
  let together: string[] = [];
  const flush = (): void => {
    out.push(...block(together, width));
    together = [];
  };
  for (const line of lines) {
    if (line.startsWith(' ') && line.trim() !== '') together.push(line);
    else {
      flush();
      out.push(...wrapped(line, width));
    }
  }
  flush();
  return out.join('\n');
};
