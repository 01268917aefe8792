/** The figures of a rollout as a table: both versions beside each other, a line for each period. */

import { formatNumber, formatRate, formatTime } from '../../core/basics/format.ts';
import type { PeriodFigures, VersionFigures } from '../../core/release/figures.ts';
import { columnsOf } from '../../report/table.ts';

const heading = ['from', 'weight', 'new: requests', 'errors', 'old: requests', 'errors', 'evidence'];

/** Requests, and the share of them that failed; `-`: nothing was measured. */
const cellsOf = (version: VersionFigures | null): string[] => {
  if (version === null) return ['-', '-'];
  const { requests, errors } = version;
  return [formatNumber(requests), requests === 0 ? '-' : formatRate(errors / requests)];
};

const oddsOf = (evidence: number | null): string => {
  if (evidence === null) return '-';
  return evidence > 6 ? 'over a million to 1' : `${formatNumber(10 ** evidence)} to 1`;
};

export const figuresTable = (figures: readonly PeriodFigures[]): string[] =>
  columnsOf([
    heading,
    ...figures.map((one) => [
      formatTime(one.at),
      `${one.weight} %`,
      ...cellsOf(one.new),
      ...cellsOf(one.old),
      oddsOf(one.evidence),
    ]),
  ]);
