/** Tables for a terminal and for a document. */
import { stripVTControlCharacters } from 'node:util';
import { wrapped } from './width.ts';

const length = (cell: string): number => stripVTControlCharacters(cell).length;

/** Lines whose columns stand one under the other, with two blanks between; colours take no room. */
export const columnsOf = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(all[index] ?? 0, length(cell))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - length(cell)))
      .join('  ')
      .trimEnd(),
  );
};

/** The narrowest last column that a text may be wrapped in. */
const least = 24;

/** The last column in as many lines as it needs; null: there is no room for it beside the others. */
const wrappedLast = (rows: readonly (readonly string[])[], width: number): string[] | null => {
  const before = columnsOf(rows.map((row) => [...row.slice(0, -1), '|'])).map((line) => line.slice(0, -1));
  const left = length(before[0] ?? '');
  if (width - left < least) return null;
  return rows.flatMap((row, index) =>
    wrapped(row.at(-1) ?? '', width - left).map((part, line) =>
      `${line === 0 ? before[index] : ' '.repeat(left)}${part}`.trimEnd(),
    ),
  );
};

/** A row as a paragraph: its first cell, then each other cell with its heading. */
const paragraph = (heading: readonly string[], row: readonly string[], width: number): string[] => {
  const [title = '', ...titles] = heading;
  const [first = '', ...cells] = row;
  const named = cells.flatMap((cell, index) => (cell === '' ? [] : [`${titles[index] ?? ''} ${cell}`.trim()]));
  return [`${title} ${first}`.trim(), ...wrapped(`  ${named.join('; ')}`, width)];
};

/**
 * A table in a terminal: as columns where they fit, else with its last column wrapped, else a paragraph for each row. Nothing is left out.
 * `width`: Infinity where nobody looks, as in a file.
 */
export const tableOf = (heading: readonly string[], rows: readonly (readonly string[])[], width: number): string[] => {
  const columns = columnsOf([heading, ...rows]);
  if (columns.every((line) => length(line) <= width)) return columns;
  return wrappedLast([heading, ...rows], width) ?? rows.flatMap((row) => paragraph(heading, row, width));
};

/** Columns without a heading; where there is no room, the columns behind the first become one, which is wrapped or stands below it. */
export const listOf = (rows: readonly (readonly string[])[], width: number): string[] => {
  const columns = columnsOf(rows);
  if (columns.every((line) => length(line) <= width)) return columns;
  const pairs = rows.map(([first = '', ...others]) => [first, others.filter((cell) => cell !== '').join(' ')]);
  return (
    wrappedLast(pairs, width) ??
    pairs.flatMap(([first = '', text = '']) => [...wrapped(first, width), ...wrapped(`    ${text}`, width)])
  );
};

/** GitHub's Markdown. The first column is text, the others stand to the right. */
export const markdownOf = (heading: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heading, heading.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
