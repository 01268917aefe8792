/** The figures that are kept of each closed period: which periods, under which weight, with which evidence. */
import { describe, expect, test } from 'vitest';
import { periodFigures } from '../../../core/analysis/period-figures.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import { canary } from '../../../core/config/strategies.ts';
import { minute, plan, service, start } from '../build.ts';

const counts = (minutes: number, change: Partial<PeriodCounts> = {}): PeriodCounts => ({
  at: start + minutes * minute,
  requests: 100,
  errors: 0,
  connectionErrors: 0,
  ...change,
});
const steps = plan({}, service({ strategy: canary([5, 50]) }));
const looked = (change: Partial<Parameters<typeof periodFigures>[0]> = {}) => ({
  plan: steps,
  step: 2,
  since: start + 2 * minute,
  raised: [start + 0.5 * minute, start + 2 * minute],
  series: { blue: [counts(-1), counts(0), counts(1), counts(2)], green: [counts(0), counts(2)] },
  trace: [],
  ...change,
});

describe('the figures of a period', () => {
  test('are both versions’, from the period of the first weight on, under the weight at its end', () => {
    const hundred = { requests: 100, errors: 0 };
    expect(periodFigures(looked())).toEqual([
      { at: start, weight: 5, new: hundred, old: hundred, evidence: null },
      { at: start + minute, weight: 5, new: null, old: hundred, evidence: null },
      { at: start + 2 * minute, weight: 50, new: hundred, old: hundred, evidence: null },
    ]);
  });

  test('begin after the last that was kept', () => {
    expect(periodFigures(looked(), start + minute).map(({ at }) => at)).toEqual([start + 2 * minute]);
    expect(periodFigures(looked(), start + 2 * minute)).toEqual([]);
  });

  test('count refused connections as errors, no more errors than requests, and slow answers', () => {
    const green = [
      counts(0, { requests: 3, errors: 4, connectionErrors: 1, slow: [2.04, 0] }),
      counts(1, { requests: 10.333, slow: [] }),
    ];
    expect(periodFigures(looked({ series: { blue: [], green } })).map(({ new: fresh, old }) => [fresh, old])).toEqual([
      [{ requests: 5, errors: 5, slow: [2, 0] }, null],
      [{ requests: 10.3, errors: 0 }, null],
    ]);
  });

  test('have the evidence as a logarithm, which JSON can hold even where it has no end', () => {
    const trace = [100, 1, Number.POSITIVE_INFINITY].map((evidence, index) => ({
      at: start + index * minute,
      evidence,
    }));
    expect(periodFigures(looked({ trace })).map(({ evidence }) => evidence)).toEqual([2, 0, 300]);
  });

  test('of a first version have no old one, whatever is counted in the other slot', () => {
    const first = plan({ old: { ...steps.old, kind: 'none' } }, steps.configuration);
    expect(periodFigures(looked({ plan: first })).map(({ at, old }) => [at, old])).toEqual([
      [start, null],
      [start + 2 * minute, null],
    ]);
  });

  test('of a row that says not when weights were decided begin with the weight in force', () => {
    expect(periodFigures(looked({ raised: [] })).map(({ at, weight }) => [at, weight])).toEqual([
      [start + 2 * minute, 50],
    ]);
  });
});
