/** The exact binomial test against values from elsewhere, and what it concludes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialTail, errorEvidence } from '../../core/analysis/error-rate.ts';

/** The definition, term by term, in whole numbers: P(X ≥ k) at p = of / 1000. */
const exactTail = (k: number, n: number, of: number): number => {
  let choose = 1n;
  let sum = 0n;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += choose * BigInt(of) ** BigInt(i) * BigInt(1000 - of) ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  const scale = 10n ** 30n;
  return Number((sum * scale) / 1000n ** BigInt(n)) / 1e30;
};

describe('the tail of a binomial', () => {
  test.each([
    [3, 10, 0.5, 968 / 1024],
    [1, 2, 0.01, 0.0199],
    [5, 5, 0.1, 1e-5],
    [0, 10, 0.3, 1],
    [11, 10, 0.3, 0],
    [1, 10, 0, 0],
    [10, 10, 1, 1],
    [0, 0, 0.01, 1],
  ])('of %i or more in %i at %d is %d', (k, n, p, expected) => {
    expect(binomialTail(k, n, p)).toBeCloseTo(expected, 12);
  });

  test('agrees with the definition in whole numbers', () => {
    const cases = fc
      .integer({ min: 1, max: 120 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n), fc.integer({ min: 1, max: 999 })));
    fc.assert(
      fc.property(cases, ([k, n, of]) => {
        const exact = exactTail(k, n, of);
        expect(Math.abs(binomialTail(k, n, of / 1000) - exact)).toBeLessThan(1e-10 * Math.max(exact, 0.01));
      }),
    );
  });

  test.each([
    // Summed in decimals of sixty digits.
    [60, 1000, 0.05, 0.08673217838486096],
    [1100, 100_000, 0.01, 9.117803412451066e-4],
    [10_300, 1_000_000, 0.01, 1.3631150395316937e-3],
    [10_030_000, 1_000_000_000, 0.01, 7.878888933734619e-22],
  ])('of %i or more in %i at %d is %d, to five figures and more', (k, n, p, expected) => {
    expect(Math.abs(binomialTail(k, n, p) / expected - 1)).toBeLessThan(1e-5);
  });

  test('falls as more errors are asked for, rises with the rate, and both sides make 1', () => {
    const cases = fc.tuple(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.nat(5000),
    );
    fc.assert(
      fc.property(cases, ([n, p, any]) => {
        const k = any % (n + 1);
        const tail = binomialTail(k, n, p);
        expect(tail).toBeGreaterThanOrEqual(binomialTail(k + 1, n, p) - 1e-9);
        expect(tail).toBeLessThanOrEqual(binomialTail(k, n, Math.min(1, p * 1.1)) + 1e-9);
        expect(tail + binomialTail(n - k + 1, n, 1 - p)).toBeCloseTo(1, 8);
      }),
    );
  });
});

describe('errors prove a rate over the limit', () => {
  const series = (requests: number, errors: number, connectionErrors = 0) => [
    { at: 0, requests, errors, connectionErrors },
  ];

  test.each([
    ['8 % of 40 requests do not yet', 40, 3, false],
    ['10 % of 40 do', 40, 4, true],
    ['two of two do not: they are too few', 2, 2, false],
    ['three of three do', 3, 3, true],
    ['exactly the limit does not, in however many', 1_000_000, 10_000, false],
    ['a little over the limit does, in many', 1_000_000, 10_300, true],
    ['a little over the limit does not, in few', 1000, 12, false],
    ['none of none do not', 0, 0, false],
  ])('%s', (_, requests, errors, expected) => {
    expect(errorEvidence(series(requests, errors), 0.01).exceeds).toBe(expected);
  });

  test('with all periods and both kinds of errors together', () => {
    expect(errorEvidence([...series(20, 1, 1), ...series(20, 2)], 0.01)).toMatchObject({
      requests: 40,
      errors: 4,
      rate: 0.1,
      exceeds: true,
    });
  });

  test('when the errors are there before the requests they belong to', () => {
    expect(errorEvidence(series(0, 0, 5), 0.01)).toMatchObject({ requests: 5, errors: 5, rate: 1, exceeds: true });
  });

  test('at a limit of nothing with the third error, and at a limit of everything never', () => {
    expect(errorEvidence(series(1_000_000, 3), 0).exceeds).toBe(true);
    expect(errorEvidence(series(1000, 1000), 1).exceeds).toBe(false);
  });
});
