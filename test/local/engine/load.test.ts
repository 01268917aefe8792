/** What the engine refuses to load, and that docs/engine.md says what it takes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fields } from '../../../local/engine/fields.ts';
import { load } from '../../../local/engine/load.ts';
import { functionArn, task, tokenTask } from './build.ts';

const source = { now: () => 0, random: () => 0.5 };
const problemsOf = (X: object, top: object = {}): string[] => {
  try {
    load({ QueryLanguage: 'JSONata', StartAt: 'X', States: { X, Y: { Type: 'Succeed' } }, ...top }, source);
    return [];
  } catch (error) {
    return (error as { problems: string[] }).problems;
  }
};

test.each<[string, object, string[]]>([
  ['a type', { Type: 'Map' }, ["state 'X': type 'Map' is not supported"]],
  [
    'a JSONPath field',
    { Type: 'Pass', ResultPath: '$.a', End: true },
    ["state 'X': field 'ResultPath' is not supported (JSONata mode only)"],
  ],
  ['an unknown field', { Type: 'Pass', Colour: 'red', End: true }, ["state 'X': field 'Colour' is not supported"]],
  [
    'another language',
    { Type: 'Pass', QueryLanguage: 'JSONPath', End: true },
    ["state 'X': QueryLanguage 'JSONPath' is not supported (JSONata mode only)"],
  ],
  [
    'another service',
    task({ Resource: 'arn:aws:states:::sqs:sendMessage' }),
    ["state 'X': Resource 'arn:aws:states:::sqs:sendMessage' is not supported"],
  ],
  [
    'an argument',
    tokenTask({ Arguments: { FunctionName: functionArn('a'), Qualifier: '1' } }),
    ["state 'X': field 'Arguments/Qualifier' is not supported"],
  ],
  [
    'fields inside',
    task({ Retry: [{ ErrorEquals: ['A'], Delay: 1 }], Catch: [{ ErrorEquals: ['A'], Next: 'Y', ResultPath: '$' }] }),
    [
      "state 'X': field 'Retry[0]/Delay' is not supported",
      "state 'X': field 'Catch[0]/ResultPath' is not supported (JSONata mode only)",
    ],
  ],
  [
    'a syntax error',
    { Type: 'Pass', Output: { a: '{% $x[ %}' }, End: true },
    [expect.stringContaining("state 'X': field 'Output/a': is not JSONata")],
  ],
  [
    '$eval',
    { Type: 'Pass', Output: '{% $eval("1") %}', End: true },
    ["state 'X': field 'Output': $eval is not supported"],
  ],
  [
    'a result where there is none',
    { Type: 'Pass', Output: '{% $sum($states.result.n) %}', End: true },
    ["state 'X': field 'Output': $states.result cannot be seen here"],
  ],
  [
    'an error where none was caught',
    task({ Output: '{% $states.errorOutput %}' }),
    ["state 'X': field 'Output': $states.errorOutput cannot be seen here"],
  ],
  [
    'a token where there is none',
    task({ Arguments: '{% $states.context.Task.Token %}' }),
    ["state 'X': field 'Arguments': $states.context.Task cannot be seen here"],
  ],
  [
    'an unknown part of the context',
    { Type: 'Pass', Output: '{% $states.context.Execution.Colour %}', End: true },
    ["state 'X': field 'Output': $states.context.Execution.Colour is not supported"],
  ],
  ['a way to nowhere', { Type: 'Pass', Next: 'Z' }, ["state 'X': leads to 'Z', which is not a state"]],
  ['no way on', { Type: 'Pass' }, ["state 'X': has either Next or End"]],
  ['a wait for nothing', { Type: 'Wait', End: true }, ["state 'X': a Wait has either Seconds or Timestamp"]],
  [
    'a reserved variable',
    { Type: 'Pass', Assign: { states: 1 }, End: true },
    ["state 'X': field 'Assign/states' is a reserved name"],
  ],
  [
    'a rule without a condition',
    { Type: 'Choice', Choices: [{ Next: 'Y' }] },
    ["state 'X': field 'Choices[0]/Condition' is missing"],
  ],
  ['a retrier of nothing', task({ Retry: [{}] }), ["state 'X': field 'Retry[0]/ErrorEquals' is not a list of names"]],
])('%s is refused by name and path', (_, state, problems) => {
  expect(problemsOf(state)).toEqual(problems);
});

test('all problems are told at once', () => {
  expect(problemsOf({ Type: 'Pass', InputPath: '$', Colour: 1 }, { StartAt: 'W', Timeout: 3 })).toHaveLength(5);
});

test('what is supported loads', () => {
  expect(problemsOf(tokenTask({ TimeoutSeconds: '{% $n %}', Output: '{% $states.result %}' }))).toEqual([]);
});

test('docs/engine.md lists the fields that the engine takes', () => {
  const text = readFileSync(new URL('../../../docs/engine.md', import.meta.url), 'utf8');
  for (const [where, names] of Object.entries(fields))
    expect(text).toContain(`| ${where} | ${names.map((name) => `\`${name}\``).join(' ')} |`);
});
