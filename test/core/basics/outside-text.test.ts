/** Text from elsewhere, as people and logs get to see it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, outsideLine, outsideText, shownValue, withoutControls } from '../../../core/basics/outside-text.ts';

describe('without controls', () => {
  it.each([
    ['a colour', 'a\u001b[31mred\u001b[0m', 'ared'],
    ['a cursor that goes up and a line that is erased', 'bad\u001b[1A\u001b[2Kgood', 'badgood'],
    ['a window’s title', 'a\u001b]0;title\u0007b', 'ab'],
    ['a link', '\u001b]8;;http://evil\u001b\\here\u001b]8;;\u001b\\', 'here'],
    ['an eight-bit sequence', 'a\u009b31mb\u0085c', 'abc'],
    ['a return that overwrites a line', 'rolled back\rlive', 'rolled backlive'],
    ['a bell and a backspace', 'a\u0007b\u0008c\u0000', 'abc'],
    ['an order that is turned around', 'a\u202egnp.exe\u2066b\u2069', 'agnp.exeb'],
    ['line separators', 'a\u2028b\u2029c', 'abc'],
    ['half a pair', 'a\ud83dz\udc00', 'az'],
    ['what is harmless', 'ä "q" \t1\n2 🚀 日本', 'ä "q" \t1\n2 🚀 日本'],
    ['lines of Windows', 'a\r\nb', 'a\nb'],
  ])('%s', (_, text, shown) => {
    expect(withoutControls(text)).toBe(shown);
  });

  it('nothing of the kind is left of any text, and cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = withoutControls(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be gone.
        expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(withoutControls(shown)).toBe(shown);
      }),
    );
  });
});

describe('without credentials', () => {
  const key = `AKIA${'Q'.repeat(16)}`;
  it.each([
    [`key ${key}.`, 'key AKIA….'],
    ['postgres://shop:hunter2@db/shop', 'postgres://…@db/shop'],
    ['GET /x?token=abc123&page=2', 'GET /x?token=…&page=2'],
    [
      'https://s3/x?X-Amz-Signature=abc&X-Amz-Security-Token=def',
      'https://s3/x?X-Amz-Signature=…&X-Amz-Security-Token=…',
    ],
    ['Authorization: Bearer abc.def\nnext', 'Authorization: Bearer …\nnext'],
    ['{"authorization":"Basic YWJj","a":1}', '{"authorization":"Basic …","a":1}'],
    ['DB_PASSWORD=hunter2 PORT=80', 'DB_PASSWORD=… PORT=80'],
    ['aws_secret_access_key = abc/def+ghi', 'aws_secret_access_key = …'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter',
      '-----BEGIN RSA PRIVATE KEY----- …\nafter',
    ],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', '-----BEGIN PRIVATE KEY----- …'],
    ['jwt eyJhbGciOiJI.eyJzdWIiOiIx.sig', 'jwt eyJ…'],
    ['token bucket is empty; key "a" was not found', 'token bucket is empty; key "a" was not found'],
  ])('%s', (text, shown) => {
    expect(outsideText(text, 1000)).toBe(shown);
  });

  it('a key that a cut would have halved is not shown by half', () => {
    expect(outsideText(`${'x'.repeat(10)} ${key}`, 18)).toBe(`${'x'.repeat(10)} AKIA…`);
  });
});

it('is cut at its limit, whole characters only, and on one line where a line is meant', () => {
  expect(cutText('a'.repeat(9), 5)).toBe('aaaa…');
  expect(cutText('aaa🚀🚀', 5)).toBe('aaa…');
  expect(outsideLine(' a\n  b\t\tc ', 80)).toBe('a b c');
});

it('a value has every text in it cleaned and cut, to some depth', () => {
  const deep = { a: ['\u001b[31mred', { 'k\u0007': 'x'.repeat(30) }], n: 1, none: null };
  expect(shownValue(deep, 10)).toEqual({ a: ['red', { k: `${'x'.repeat(9)}…` }], n: 1, none: null });
  expect(shownValue(Array(1000).fill(1), 10)).toHaveLength(200);
});
