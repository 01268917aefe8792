/** Reads the figures of one period as the ledger keeps them. */

import type { Problem } from '../config/problems.ts';
import { list, nullable, optional, part } from '../config/reader.ts';
import type { PeriodFigures, VersionFigures } from '../release/figures.ts';
import { atLeastZero, logarithm, time, weight } from './persisted-values.ts';

const version = nullable(
  part<VersionFigures>({ requests: atLeastZero, errors: atLeastZero, slow: optional(list(atLeastZero)) }),
);
const figures = part<PeriodFigures>({ at: time, weight, new: version, old: version, evidence: nullable(logarithm) });

/** Null: they cannot be read. Only people look at them, who can do without a minute. `at` is in its key. */
export const readFigures = (at: number, value: unknown): PeriodFigures | null => {
  const problems: Problem[] = [];
  const read = figures({ ...(typeof value === 'object' ? value : {}), at }, '', problems);
  return problems.length === 0 ? read : null;
};
