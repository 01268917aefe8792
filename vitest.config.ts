/** Which tests there are, of what kind, and in which order they run. */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const stories = 'test/scenarios/**/*.test.ts';
const ofGroups = 'test/scenarios/groups-*.test.ts';

/** Needs one, which scripts/test-prometheus.ts finds. */
const ofPrometheus = 'test/prometheus/**/*.test.ts';
const withPrometheus = { extends: true as const, test: { name: 'prometheus', include: [ofPrometheus] } };

/** Needs SST's own components, which scripts/test-infra.ts lays out. */
const ofInfra = 'test/infra/**/*.test.ts';
const withSst = { extends: true as const, test: { name: 'infra', include: [ofInfra] } };

/** Needs moto, which scripts/test-wire.ts installs and starts. Its tests wait more than they work. */
const ofWire = 'test/wire/**/*.test.ts';
const withMoto = { extends: true as const, test: { name: 'wire', include: [ofWire], maxConcurrency: 8 } };

/** Needs what scripts/test-independent.ts installs. */
const ofIndependent = 'test/independent/**/*.test.ts';
const withIndependent = { extends: true as const, test: { name: 'independent', include: [ofIndependent] } };

/** Whole rollouts are told on both kinds of fleet. */
const toldOn = (fleet: string, exclude: string[] = []) => ({
  extends: true as const,
  test: {
    name: fleet,
    include: [stories],
    exclude,
    // Their modules keep nothing that a story depends on: files of one process share them, as importing takes a third of a file's time.
    isolate: false,
    env: { CUTOVER_FLEET: fleet },
    setupFiles: ['test/keep-recordings.ts'],
  },
});

/** What takes longest, so that it is not what everything else has to wait for in the end. */
const longest = [
  'test/scenarios/chaos.test.ts',
  'test/model/protocol.test.ts',
  'test/cli/adopt.test.ts',
  'test/model/guards.test.ts',
  'test/cli/local-up.test.ts',
  'test/scenarios/lacking-answers.test.ts',
  'test/scenarios/fuzzed.test.ts',
  'test/scenarios/redrive.test.ts',
  'test/cli/simulate.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((file) => moduleId.endsWith(file));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    testTimeout: 90_000,
    setupFiles: ['test/environment.ts'],
    pool: 'threads',
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [stories, ofPrometheus, ofInfra, ofWire, ofIndependent],
        },
      },
      toldOn('instances', [ofGroups]),
      toldOn('groups'),
      ...(process.env.CUTOVER_PROMETHEUS === undefined ? [] : [withPrometheus]),
      ...(process.env.CUTOVER_INFRA === undefined ? [] : [withSst]),
      ...(process.env.CUTOVER_INDEPENDENT === undefined ? [] : [withIndependent]),
      ...(process.env.CUTOVER_MOTO === undefined ? [] : [withMoto]),
    ],
  },
});
