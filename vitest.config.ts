import { defineConfig } from 'vitest/config';

const stories = 'test/scenarios/**/*.test.ts';
const ofGroups = 'test/scenarios/groups-*.test.ts';

/** Needs one, which scripts/test-prometheus.ts finds. */
const ofPrometheus = 'test/prometheus/**/*.test.ts';
const withPrometheus = { extends: true as const, test: { name: 'prometheus', include: [ofPrometheus] } };

/** Needs SST's own components, which scripts/test-infra.ts lays out. */
const ofInfra = 'test/infra/**/*.test.ts';
const withSst = { extends: true as const, test: { name: 'infra', include: [ofInfra] } };

/** Needs moto, which scripts/test-wire.ts installs and starts. */
const ofWire = 'test/wire/**/*.test.ts';
const withMoto = { extends: true as const, test: { name: 'wire', include: [ofWire] } };

/** Whole rollouts are told on both kinds of fleet. */
const toldOn = (fleet: string, exclude: string[] = []) => ({
  extends: true as const,
  test: {
    name: fleet,
    include: [stories],
    exclude,
    env: { CUTOVER_FLEET: fleet },
    setupFiles: ['test/keep-recordings.ts'],
  },
});

export default defineConfig({
  test: {
    testTimeout: 90_000,
    pool: 'threads',
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: [stories, ofPrometheus, ofInfra, ofWire] },
      },
      toldOn('instances', [ofGroups]),
      toldOn('groups'),
      ...(process.env.CUTOVER_PROMETHEUS === undefined ? [] : [withPrometheus]),
      ...(process.env.CUTOVER_INFRA === undefined ? [] : [withSst]),
      ...(process.env.CUTOVER_MOTO === undefined ? [] : [withMoto]),
    ],
  },
});
