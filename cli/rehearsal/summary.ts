/** What many rehearsals of one policy come to. */

import { formatDuration } from '../../core/basics/duration.ts';
import { count, formatNumber, formatRate } from '../../core/basics/format.ts';
import type { priceOf } from '../../core/plan/cost.ts';
import type { Rehearsed } from './rehearse.ts';

export interface Summary {
  policy: string;
  runs: number;
  /** Of the image in question, 0 to 1: rolled back. */
  caught: number;
  /** Of an image that is as good as the live one, 0 to 1: rolled back all the same. */
  falseRollbacks: number;
  /** Seconds from the first traffic until all of it was back; null: it was never caught, or never had traffic. */
  caughtAfter: Spread | null;
  /** Requests of the image in question that failed. */
  failed: Spread;
  /** Seconds that a good rollout takes; null: none went live. */
  goodTakes: Spread | null;
  /** Instance-hours of a good rollout besides the usual ones, and their price. */
  extraHours: number;
  extraCost: number | null;
  /** Why it was rolled back, most often. */
  reason: string | null;
  /** Why good ones were. */
  falseReason: string | null;
}

export interface Spread {
  median: number;
  p95: number;
}

/** The value that a share of all is at most, by nearest rank. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

export const spreadOf = (values: readonly number[]): Spread | null => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
};

export const summaryOf = (
  policy: string,
  { bad, good }: { bad: readonly Rehearsed[]; good: readonly Rehearsed[] },
  price: ReturnType<typeof priceOf>,
): Summary => {
  const share = (all: readonly Rehearsed[], test: (one: Rehearsed) => boolean): number =>
    all.length === 0 ? 0 : all.filter(test).length / all.length;
  const live = good.filter((one) => one.live);
  const extraHours = spreadOf(live.map((one) => one.extraHours))?.median ?? 0;
  return {
    policy,
    runs: bad.length,
    caught: share(bad, (one) => !one.live),
    falseRollbacks: share(good, (one) => !one.live),
    caughtAfter: spreadOf(bad.flatMap((one) => one.caughtAfter ?? [])),
    failed: spreadOf(bad.map((one) => one.failed)) ?? { median: 0, p95: 0 },
    goodTakes: spreadOf(live.map((one) => one.took)),
    extraHours,
    extraCost: price === null ? null : extraHours * price,
    reason: reasonOf(bad),
    falseReason: reasonOf(good),
  };
};

/** Why most of those that were rolled back were; null: none was. */
const reasonOf = (runs: readonly Rehearsed[]): string | null => {
  const back = runs.filter(({ live }) => !live);
  // Numbers differ from run to run.
  const kindOf = ({ reason }: Rehearsed): string => reason.replaceAll(/[\d.,]+/g, '…');
  const kinds = new Map<string, number>();
  for (const one of back) kinds.set(kindOf(one), (kinds.get(kindOf(one)) ?? 0) + 1);
  const [often] = [...kinds].toSorted((a, b) => b[1] - a[1]);
  return back.find((one) => kindOf(one) === often?.[0])?.reason ?? null;
};

const spreadText = (spread: Spread | null, words: (value: number) => string): string =>
  spread === null
    ? 'never'
    : spread.median === spread.p95
      ? words(spread.median)
      : `${words(spread.median)}, ${words(spread.p95)}`;

const minutes = (seconds: number): string => formatDuration(seconds < 90 ? seconds : Math.round(seconds / 60) * 60);

export const heading = [
  'policy',
  'caught',
  'after (median, p95)',
  'requests failed',
  'false rollbacks',
  'a good rollout takes',
  'extra instance-hours',
  'cost',
];

export const rowOf = (summary: Summary): string[] => [
  summary.policy,
  formatRate(summary.caught),
  summary.caught > 0 && summary.caughtAfter === null ? 'before traffic' : spreadText(summary.caughtAfter, minutes),
  spreadText(summary.failed, (value) => count(value, '').trim().replace(/ s$/, '')),
  formatRate(summary.falseRollbacks),
  spreadText(summary.goodTakes, minutes),
  formatNumber(summary.extraHours),
  summary.extraCost === null ? '' : formatNumber(summary.extraCost),
];
