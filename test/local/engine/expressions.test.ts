/** Expressions: the fast path gives what JSONata gives, and the functions that Step Functions adds. */
import fc from 'fast-check';
import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { fastPath, type Node, slow } from '../../../local/engine/fast-path.ts';
import { build } from './build.ts';

const name = fc.constantFrom('a', 'b', 'c', 'length', 'constructor');
const leaf = fc.oneof(fc.constantFrom(null, true, false, 0, 1, '', 'a'), fc.integer(), fc.string());
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('any'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any'), { maxKeys: 3 }),
}));
const path = fc
  .tuple(fc.constantFrom('states', 'x', 'missing', 'sum'), fc.array(name, { maxLength: 4 }))
  .map(([first, names]) => [`$${first}`, ...names].join('.'));
const literal = fc.oneof(
  fc.constantFrom('true', 'false', 'null'),
  fc.nat().map(String),
  fc.constantFrom("''", "'a'", '"b"'),
);
const operand = fc.oneof(path, literal);
const simple = fc.oneof(
  path,
  literal,
  fc.tuple(operand, fc.constantFrom('=', '!='), operand).map((parts) => parts.join(' ')),
);

test('the fast path gives what JSONata gives, or leaves it to JSONata', async () => {
  let fast = 0;
  await fc.assert(
    fc.asyncProperty(simple, value.object, value.any, async (text, states, x) => {
      const expression = jsonata(text);
      const evaluate = fastPath(expression.ast() as Node);
      const found = evaluate?.({ variables: { x }, states: states as Record<string, unknown> });
      if (evaluate === undefined || found === slow) return;
      fast++;
      expect(found).toEqual(await expression.evaluate(undefined, { x, states }));
    }),
    { numRuns: 5000 },
  );
  expect(fast).toBeGreaterThan(2500);
});

test.each([
  '$x[0]',
  '$x.a[]',
  '$x.*',
  '$x.a.b ~> $sum',
  '$',
  'a.b',
  '$x{"a": 1}',
  '$x@$y.a',
  '$x^(a)',
  '$x.(a)',
  '$x.a + 1',
  '"a" & $x',
])('the fast path does not take %s', (text) => {
  expect(fastPath(jsonata(text).ast() as Node)).toBeUndefined();
});

const evaluate = async (expression: string, input: unknown = {}) => {
  const { run } = build({ states: { A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } } });
  const { output, cause } = await run(input);
  return output ?? cause;
};

test.each([
  ['$partition([1,2,3,4,5], 2.9)', '[[1,2],[3,4],[5]]'],
  ['$range(0, 9, 3)', '[0,3,6,9]'],
  ['$range(9, 1, -4)', '[9,5,1]'],
  ['$range(1, 9, 9)', '1'],
  ['$hash("abc", "MD5")', '"900150983cd24fb0d6963f7d28e17f72"'],
  ['$random()', '0.5'],
  ['$random(3) = $random(3)', 'true'],
  ['$length($uuid())', '36'],
  ['$parse("{\\"a\\":[1]}").a', '[1]'],
  ['$now()', '"1970-01-01T00:00:00.000Z"'],
  ['$millis()', '0'],
  ['$map([1,2], function($n) { $n * 2 })', '[2,4]'],
])('%s is %s', async (expression, expected) => {
  expect(await evaluate(expression)).toBe(expected);
});

test.each([
  ['$hash("abc", "CRC")', "expected one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, found 'CRC'"],
  ['$range(1, 2000, 1)', 'at most 1000 numbers'],
  ['$sum', 'returned an unsupported result type.'],
  ['$number("x")', 'D3030'],
  ['unqualified', 'returned nothing (undefined).'],
])('%s fails: %s', async (expression, message) => {
  expect(await evaluate(expression)).toContain(message);
});

test('a value that JSONata made is a plain value afterwards', async () => {
  expect(await evaluate('$states.input.list[n > 1].n', { list: [{ n: 1 }, { n: 2 }, { n: 3 }] })).toBe('[2,3]');
});
