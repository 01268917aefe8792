/** Tables: for a terminal, and for a document. */
import { stripVTControlCharacters } from 'node:util';

/** Lines whose columns stand one under the other, with two blanks between; colours take no room. */
export const columnsOf = (rows: readonly (readonly string[])[]): string[] => {
  const length = (cell: string): number => stripVTControlCharacters(cell).length;
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

/** GitHub's Markdown. The first column is text, the others stand to the right. */
export const markdownOf = (heading: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heading, heading.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
