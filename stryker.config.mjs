// @ts-check
/** Mutation tests of core/ with its fast tests. `npm run mutate` runs them part by part, each with the tests that are about it. */

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  mutate: ['core/**/*.ts'],
  ignorePatterns: ['**', '!package.json', '!core/**', '!test/core/**'],
  // Stryker would rewrite it by TypeScript's old interface, which TypeScript 7 has no more; nothing here needs that.
  tsconfigFile: 'tsconfig.none.json',
  vitest: { configFile: 'test/core/mutation.config.ts', related: false },
  concurrency: 2,
  warnings: { slow: false },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: {
    fileName: process.env.CUTOVER_MUTATION_REPORT ?? 'node_modules/.cache/cutover/mutation/all.json',
  },
  tempDirName: 'node_modules/.cache/cutover/mutation/sandbox',
  thresholds: { high: 95, low: 85, break: 85 },
};
