/** What is written where: text for people, or JSON alone; colours only where somebody looks. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { withoutControls } from '../core/basics/outside-text.ts';

/** The part of a stream that is used: the process's own, or a test's. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Terminal {
  json: boolean;
  /** Lines may be drawn over. */
  redraws: boolean;
  columns: number;
  /** For tables: Infinity where nobody's screen is known, as in a file, so that a row stays a line for other programs. */
  width: number;
  style(style: Style, text: string): string;
  /** A line for people; nothing with --json. */
  say(line?: string): void;
  /** The answer for programs; nothing without --json. */
  data(value: unknown): void;
  /** One of many answers, on a line of its own; nothing without --json. */
  line(value: unknown): void;
  /** One line that stays below all other output; empty: none. Only where lines may be drawn over. */
  status(line: string): void;
}

/** How wide the reader's screen is, at least 40; null: nobody says. */
export const columnsTold = ({ columns }: Output, { COLUMNS }: NodeJS.ProcessEnv): number | null => {
  const told = columns || Number(COLUMNS) || 0;
  return told > 0 ? Math.max(40, told) : null;
};

/** `environment`: of which TERM, NO_COLOR and COLUMNS are read. */
export const terminal = (
  output: Output,
  { json = false, environment = process.env }: { json?: boolean; environment?: NodeJS.ProcessEnv } = {},
): Terminal => {
  const isTerminal = output.isTTY === true && environment.TERM !== 'dumb';
  const redraws = isTerminal && !json;
  const colours = isTerminal && (environment.NO_COLOR ?? '') === '';
  const told = columnsTold(output, environment);
  const columns = told ?? 100;
  let shown = '';

  const draw = (line: string): void => {
    if (line === '' && shown === '') return;
    output.write(`\r\u001b[2K${line}`);
    shown = line;
  };

  return {
    json,
    redraws,
    columns,
    width: told ?? Number.POSITIVE_INFINITY,
    style: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
    say: (line = '') => {
      if (json) return;
      const below = shown;
      draw('');
      output.write(`${shownLine(line)}\n`);
      draw(below);
    },
    data: (value) => {
      if (json) output.write(`${escaped(JSON.stringify(value, null, 2))}\n`);
    },
    line: (value) => {
      if (json) output.write(`${escaped(JSON.stringify(value))}\n`);
    },
    status: (line) => {
      if (redraws) draw(cut(shownLine(line), columns - 1));
    },
  };
};

/** The colours that `style` gives. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one.
const own = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/;

/** Nothing in a line does more to a screen than our own colours do: parts of it are from elsewhere. */
const shownLine = (line: string): string =>
  line
    .split(own)
    .map((part) => (own.test(part) ? part : withoutControls(part)))
    .join('');

/** JSON escapes C0 only. */
const escaped = (json: string): string =>
  json.replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A line that wraps cannot be drawn over. Cut by what is seen of it; a cut line loses its colours. */
const cut = (line: string, width: number): string => {
  const plain = stripVTControlCharacters(line);
  return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
};
