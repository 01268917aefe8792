/** Durations, figures and words: what is written is read back, and what is read is written. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../core/basics/duration.ts';
import { count, formatNumber, formatRate, formatSeconds } from '../../../core/basics/format.ts';
import { globMatches } from '../../../core/basics/glob.ts';
import { formatValue, pathText, valueAt } from '../../../core/config/problems.ts';
import { nearest } from '../../../core/config/suggest.ts';

const seed = 1;
const year = 365 * 86_400;
const unitSeconds = { day: 86_400, hour: 3600, minute: 60, second: 1 } as const;

/** What the parts of a written duration come to. */
const total = (text: string): number =>
  (text.match(/\d+ \w+/g) ?? []).reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0);

describe('a duration', () => {
  test('of any number of seconds below a year is that many, and reads back as as many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: year - 1 }), (seconds) => {
        expect(parseDuration(seconds)).toBe(seconds);
        expect(total(formatDuration(seconds))).toBe(seconds);
      }),
      { seed },
    );
  });

  test('reads the largest unit first, each once and none of nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: year - 1 }), (seconds) => {
        const parts = formatDuration(seconds).match(/\d+ \w+/g) ?? [];
        const sizes = parts.map((part) => unitSeconds[part.replace(/\d+ |s$/g, '') as keyof typeof unitSeconds]);
        expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => b - a));
        for (const part of parts) expect(part).toMatch(/^(1 [a-z]+[^s]|(?!1 )[1-9]\d* [a-z]+s)$/);
      }),
      { seed },
    );
  });

  test('may be written with every unit, in capitals, with blanks, with decimals', () => {
    const unit = fc.constantFrom(
      ...(['s', 'sec', 'second', 'seconds'] as const).map((word) => [word, 1] as const),
      ...(['m', 'min', 'minute', 'minutes'] as const).map((word) => [word, 60] as const),
      ...(['h', 'hour', 'hours'] as const).map((word) => [word, 3600] as const),
      ...(['d', 'day', 'days'] as const).map((word) => [word, 86_400] as const),
    );
    const blanks = fc.constantFrom('', ' ', '  ', '\t');
    fc.assert(
      fc.property(fc.nat(300), unit, blanks, blanks, fc.boolean(), (amount, [word, size], a, b, capital) => {
        const spelt = capital ? word.toUpperCase() : word;
        expect(parseDuration(`${a}${amount}${b}${spelt}${a}`)).toBe(amount * size);
        expect(parseDuration(`${amount}.50${b}${spelt}`)).toBe(size === 1 ? null : amount * size + size / 2);
        expect(parseDuration(`x${amount}${b}${spelt}`)).toBeNull();
        expect(parseDuration(`${amount}${b}${spelt}!`)).toBeNull();
      }),
      { seed, numRuns: 500 },
    );
  });

  test('is whole seconds or none, whatever is read', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const seconds = parseDuration(value);
        if (seconds !== null)
          expect([Number.isInteger(seconds), seconds >= 0, seconds < year]).toEqual(Array(3).fill(true));
      }),
      { seed },
    );
  });
});

describe('a figure', () => {
  const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
  const near = (read: number, value: number): void =>
    expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 0.005 + Number.EPSILON);

  test('reads within half a percent of what it is', () => {
    fc.assert(
      fc.property(positive, (value) => {
        near(Number(formatNumber(value).replaceAll(',', '')), value);
        near(Number(formatRate(value).replace(' %', '')) / 100, value);
        const [amount, unit] = formatSeconds(value).split(' ');
        near(Number(amount) / (unit === 'ms' ? 1000 : 1), value);
      }),
      { seed },
    );
  });

  test('has its thousands apart, in threes', () => {
    fc.assert(
      fc.property(fc.nat(), (amount) => {
        const text = count(amount, 'request').replace(/ requests?$/, '');
        expect(text).toMatch(/^\d{1,3}(,\d{3})*$/);
        expect(Number(text.replaceAll(',', ''))).toBe(amount);
      }),
      { seed },
    );
  });
});

describe('a pattern', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 8 });

  test('without wildcards matches itself alone; a star may stand for any part of it', () => {
    fc.assert(
      fc.property(word, word, fc.nat(8), fc.nat(8), (text, other, from, length) => {
        expect(globMatches(text, other)).toBe(text === other);
        expect(globMatches(`${text.slice(0, from)}*${text.slice(from + length)}`, text)).toBe(true);
        expect(globMatches(text.replaceAll(/./g, '?'), text)).toBe(true);
        expect(globMatches(`${text}?`, text)).toBe(false);
      }),
      { seed },
    );
  });
});

describe('the nearest word', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 9 });

  test('is one of the candidates, and a candidate is nearest to itself', () => {
    fc.assert(
      fc.property(word, fc.uniqueArray(word, { maxLength: 5 }), (given, candidates) => {
        const found = nearest(given, candidates);
        if (found !== undefined) expect(candidates).toContain(found);
        if (candidates.includes(given)) expect(found).toBe(given);
      }),
      { seed },
    );
  });

  test('is found after one slip: a letter dropped, doubled, changed, or two swapped', () => {
    const long = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(long, fc.nat(6), (letters, place) => {
        const at = place % (letters.length - 1);
        const [candidate, before, after] = [letters, letters.slice(0, at), letters.slice(at + 1)].map((all) =>
          all.join(''),
        );
        const [letter = '', second = ''] = letters.slice(at);
        const slips = [`${before}${after}`, `${before}${letter}${letter}${after}`, `${before}z${after}`];
        const swapped = `${before}${second}${letter}${letters.slice(at + 2).join('')}`;
        for (const slip of [...slips, swapped]) expect(nearest(slip, ['unrelated', candidate ?? ''])).toBe(candidate);
      }),
      { seed },
    );
  });
});

describe('a value in a message', () => {
  test('is one line of at most 80 characters, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: false }), (value) => {
        expect(formatValue(value)).toMatch(/^[^\n]{1,80}$/);
      }),
      { seed },
    );
  });

  test('is found at its path, and nothing is found at any other', () => {
    const key = fc.constantFrom('steps', 'checks', 'weight');
    fc.assert(
      fc.property(fc.array(fc.oneof(key, fc.nat(3)), { minLength: 1, maxLength: 5 }), (keys) => {
        const value = keys.reduceRight<unknown>(
          (inside, one) => (typeof one === 'number' ? Object.assign([], { [one]: inside }) : { [one]: inside }),
          7,
        );
        expect(valueAt(value, keys)).toBe(7);
        expect(valueAt(value, [...keys, 'toString'])).toBeUndefined();
        expect(valueAt(value, ['constructor', ...keys])).toBeUndefined();
        const text = pathText(keys);
        expect(text.match(/\w+/g)).toEqual(keys.map(String));
        expect(text).not.toMatch(/^\.|\.\[/);
      }),
      { seed },
    );
  });
});
