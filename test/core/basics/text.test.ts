/** Durations, moments, shares, patterns and slips of the keyboard. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../core/basics/duration.ts';
import { count, countOf, formatNumber, formatRate, formatSeconds, formatTime } from '../../../core/basics/format.ts';
import { globMatches } from '../../../core/basics/glob.ts';
import { distance, nearest } from '../../../core/config/suggest.ts';

describe('durations', () => {
  test.each([
    ['90 seconds', 90],
    ['1 second', 1],
    ['5 minutes', 300],
    ['1.5 hours', 5400],
    ['1.1 hours', 3960],
    ['1 day', 86_400],
    ['30s', 30],
    [' 2 Min ', 120],
    [90, 90],
    [0, 0],
  ])('%j is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each([
    ['soon'],
    ['5'],
    ['5 minutes 3 seconds'],
    ['-1 minute'],
    ['1 fortnight'],
    ['0.3 seconds'],
    ['1 constructor'],
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test.each([[-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], [365 * 86_400], [null], [[]], [{}]])(
    '%j is none',
    (value) => {
      expect(parseDuration(value)).toBeNull();
    },
  );

  test.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [90, '1 minute 30 seconds'],
    [3600, '1 hour'],
    [90_061, '1 day 1 hour 1 minute 1 second'],
  ])('%i seconds read %j', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test('of whole units are read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.constantFrom('second', 'minute', 'hour'), (amount, unit) => {
        const seconds = parseDuration(`${amount} ${unit}s`) ?? -1;
        const parts = formatDuration(seconds).match(/\d+ \w+/g) ?? [];
        expect(parts.reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0)).toBe(seconds);
      }),
    );
  });
});

describe('figures for people', () => {
  test('a moment reads as the calendar has it', () => {
    expect(formatTime(1_767_603_600_000)).toBe('2026-01-05 09:00:00 UTC');
    const years = { min: Date.UTC(1901, 0, 1), max: Date.UTC(2399, 11, 31) };
    fc.assert(
      fc.property(fc.integer(years), (ms) => {
        expect(formatTime(ms)).toBe(new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' UTC'));
      }),
    );
  });

  test.each([
    [0, '0 %'],
    [0.01, '1 %'],
    [0.08, '8 %'],
    [0.0025, '0.25 %'],
    [1 / 3, '33.3 %'],
    [1, '100 %'],
    [1e-9, 'under 0.001 %'],
    [0.00001, '0.001 %'],
  ])('the share %d reads %j', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  test.each([
    [0, '0 ms'],
    [0.404, '404 ms'],
    [0.0123456, '12.3 ms'],
    [1, '1 s'],
    [2.5, '2.5 s'],
    [12.3456, '12.3 s'],
  ])('%d seconds of answering read %j', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test.each([
    [0, '0'],
    [0.034, '0.034'],
    [12.5, '12.5'],
    [1 / 3, '0.333'],
    [99.96, '100'],
    [100.4, '100'],
    [100, '100'],
    [1234.5, '1,235'],
    [0.0001, '0.0001'],
    [0.00001, 'under 0.0001'],
  ])('the number %d reads %j', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test('counts have their plural and their thousands', () => {
    expect([count(1, 'request'), count(0, 'request'), count(1_234_567, 'request')]).toEqual([
      '1 request',
      '0 requests',
      '1,234,567 requests',
    ]);
    expect(countOf(12, 1500, 'request')).toBe('12 of 1,500 requests');
  });
});

describe('a pattern', () => {
  test.each([
    ['release-*', 'release-7', true],
    ['release-*', 'release-', true],
    ['release-*', 'prerelease-7', false],
    ['*', '', true],
    ['v?.*', 'v1.20', true],
    ['v?.*', 'v10.2', false],
    ['*-stable', 'a-stable-stable', true],
    ['a*b*c', 'a-b-b-d', false],
    ['v1.0', 'v1x0', false],
    ['[a-z]+', 'a', false],
    ['', '', true],
    ['', 'a', false],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });

  test('agrees with the regular expression it stands for', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(patterns, letters, (pattern, text) => {
        const same = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(globMatches(pattern, text)).toBe(same.test(text));
      }),
      { numRuns: 500 },
    );
  });

  test('of many stars on a long text is answered without trying every split', () => {
    expect(globMatches(`${'a*'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('the nearest word', () => {
  test.each([
    ['imgae', ['image', 'fleet'], 'image'],
    ['Rules', ['image', 'rules'], 'rules'],
    ['chekout', ['checkout', 'shop'], 'checkout'],
    ['polt', ['plan', 'roll'], undefined],
    ['x', ['image', 'fleet'], undefined],
    ['', ['image'], undefined],
    ['staus', ['history', 'status'], 'status'],
    ['image', [], undefined],
    ['deposit', ['repository'], undefined],
    ['repositroy', ['repository'], 'repository'],
    ['reqositoxy', ['repository'], 'repository'],
    ['shop', ['ship', 'shot', 'shop'], 'shop'],
    ['shap', ['ship', 'shop'], 'ship'],
    ['rul', ['rule', 'rules'], 'rule'],
  ])('to %j among %j is %j', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  test.each([
    ['ab', 'ba', 1],
    ['a', 'ba', 1],
    ['abcd', 'bacd', 1],
    ['abcd', 'acbd', 1],
    ['abc', 'cab', 2],
    ['xab', 'ba', 2],
    ['ab', 'xba', 2],
    ['', 'abc', 3],
  ])('from %j to %j is a way of %i edits', (from, to, edits) => {
    expect([distance(from, to), distance(to, from)]).toEqual([edits, edits]);
  });

  test('is measured by a distance that is symmetrical, and nothing only between the same words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
