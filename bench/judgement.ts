/** How long a judgement of a whole day takes, with errors, connections and answers' times. */
import { compare } from '../core/analysis/compare.ts';
import type { ComparisonSettings } from '../core/config/service.ts';
import { serviceOf } from '../test/build.ts';

const settings = serviceOf().checks.comparison as ComparisonSettings;
const minutes = 1440;

const series = (requests: number, errors: number, many = minutes) =>
  Array.from({ length: many }, (_, minute) => ({
    at: minute * 60_000,
    requests: requests + (minute % 13),
    errors: minute % 7 === 0 ? errors : 0,
    connectionErrors: 0,
    slow: [requests / 2, requests / 10, requests / 100],
  }));

export const judgingBench = (): void => {
  const given = {
    fresh: series(100, 0),
    old: series(900, 1),
    before: series(1000, 1, 180),
    thresholds: [0.1, 0.2, 0.4].map((old) => ({ old, fresh: old * 1.1 })),
  };
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const began = performance.now();
    compare(given, settings);
    times.push(performance.now() - began);
  }
  const sorted = times.slice(100).sort((a, b) => a - b);
  console.log(`judging ${minutes} minutes of five measures   ${sorted[50]?.toFixed(1)} ms (median of 100)`);
};
