/** Which tests judge a mutant: those that scripts/mutate.ts names, or all that are quick and do not read the sources themselves. */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const named = process.env.CUTOVER_MUTATION_TESTS?.split(',') ?? [];

/** As they are named, the likeliest to notice first; vitest would begin with the slowest. */
class AsNamed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => named.findIndex((name) => moduleId.endsWith(name));
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: named.length > 0 ? named : ['test/core/**/*.test.ts'],
    exclude: ['test/core/directions.test.ts', 'test/core/analysis/error-rates.test.ts'],
    setupFiles: ['test/environment.ts'],
    testTimeout: 60_000,
    fileParallelism: false,
    sequence: { sequencer: AsNamed },
  },
});
