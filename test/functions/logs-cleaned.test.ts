/** What a function logs of its input, its answer and its failure: cut, and without what a terminal would act on. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import type { Environment } from '../../functions/environment.ts';
import { toLambda } from '../../functions/lambda.ts';

const logged: unknown[] = [];
const environment = {
  logger: { info: (...line: unknown[]) => logged.push(line), error: (...line: unknown[]) => logged.push(line) },
} as unknown as Environment;

test('texts in a log are cleaned and cut, and the function gets its input whole', async () => {
  const long = `\u001b[2Jx\u202e${'y'.repeat(5000)}`;
  const got: unknown[] = [];
  const step = () => async (event: unknown) => {
    got.push(event);
    throw new Error(`bad ${long}`);
  };
  const run = toLambda('try', step, z.unknown(), {})(environment);
  await expect(run({ detail: { name: long } }, {})).rejects.toThrow(long);
  expect(got).toEqual([{ detail: { name: long } }]);
  const text = JSON.stringify(logged, (_, value) => (value instanceof Error ? value.message : value));
  expect(text).not.toMatch(/u001b|\u202e/);
  expect(text.length).toBeLessThan(4500);
  expect(text).toContain('bad xyyy');
});
