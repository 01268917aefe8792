/** Reads what the ledger keeps for people: events, the plans in them, and figures. Nothing is decided by these, so nothing is refused. */

import type { Problem } from '../config/problems.ts';
import { leniently, list, nullable, optional, part, type Reader, text, under } from '../config/reader.ts';
import type { Plan } from '../plan/plan.ts';
import type { PeriodFigures, VersionFigures } from '../release/figures.ts';
import type { HistoryEvent } from '../release/history.ts';
import { persistedPlan, words } from './persisted.ts';
import { atLeastZero, logarithm, ordinal, time, weight } from './persisted-values.ts';

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

/** Events decide nothing and nobody mends them, so missing fields are left blank. A kind that is unknown here is known to the version that wrote it. */
const event = part<HistoryEvent>({
  id: text,
  at: leniently(time, 0),
  release: words,
  attempt: leniently(ordinal, 0),
  by: words,
  kind: leniently(text as Reader<HistoryEvent['kind']>, 'problem'),
  text: words,
  data: leniently(optional(under<unknown>((value) => value)), undefined),
});

/** Never throws. The event's key has `id` and `at`. */
export const readEvent = (id: string, at: number, value: unknown): HistoryEvent =>
  event({ ...(typeof value === 'object' ? value : {}), id, at }, '', []);

/** The plan of an event. Null: the event has none, or one of another version that cannot be read. */
export const readPlan = (value: unknown): Plan | null => {
  const problems: Problem[] = [];
  const read = persistedPlan(value, '', problems);
  return problems.length === 0 ? read : null;
};
