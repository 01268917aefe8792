// @ts-check
/** Mutation tests of core/, pipeline/ and adapters/. `npm run mutate` runs them part by part, each with the tests that are about it. */

const folders = [
  'core',
  'pipeline',
  'adapters',
  'functions',
  'local',
  'statemachines',
  'cli',
  'infra',
  'report',
  'test',
  'docs',
];

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  mutate: ['{core,pipeline,adapters}/**/*.ts'],
  // What the tests read beside what is changed: stories need the local cloud, the functions and the command line.
  ignorePatterns: ['**', '!package.json', ...folders.map((folder) => `!${folder}/**`)],
  // Stryker would rewrite it by TypeScript's old interface, which TypeScript 7 has no more; nothing here needs that.
  tsconfigFile: 'tsconfig.none.json',
  vitest: { configFile: 'test/mutation.config.ts', related: false },
  concurrency: Number(process.env.CUTOVER_MUTATION_WORKERS ?? 2),
  warnings: { slow: false },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: {
    fileName: process.env.CUTOVER_MUTATION_REPORT ?? 'node_modules/.cache/cutover/mutation/all.json',
  },
  tempDirName: 'node_modules/.cache/cutover/mutation/sandbox',
  thresholds: { high: 95, low: 85, break: 85 },
};
