/** The demo: its claims are checked against what was measured, and it ends cleanly. The whole of it runs beside the tests, not in them. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { acts, type Measured } from '../../cli/demo/acts.ts';
import { strainGauge, tooBusy } from '../../cli/demo/busy-machine.ts';
import type { Ended } from '../../cli/demo/measure.ts';
import type { Outcome } from '../../core/release/publications.ts';
import { folderWith, start } from './command-line.ts';

/** No process has this id. */
const gone = 2 ** 22 + 1;

const measured = (
  outcome: Outcome,
  {
    weights = [5],
    live = 'two',
    ...changes
  }: Partial<Omit<Measured, 'live'>> & { weights?: number[]; live?: string } = {},
): Measured => ({
  ended: {
    record: { outcome },
    row: { live: { release: live, slot: 'blue' }, wanted: { weights: { blue: 100, green: 0 } } },
    rollout: { steps: weights.map((weight, index) => ({ step: index + 1, weight, at: 0 })) },
    said: ['printed'],
    started: new Set([gone]),
  } as unknown as Ended,
  release: 'two',
  live: 'two',
  requests: 1000,
  failed: 0,
  failedShare: 0,
  notSent: 0,
  byVersion: {},
  afterwards: { '2': { requests: 200, failed: 0 } },
  before: [gone],
  ...changes,
});

const failing = (version: string, value: Measured): string[] =>
  (acts.find((act) => act.version === version)?.claims(value) ?? []).filter(({ ok }) => !ok).map(({ claim }) => claim);

/** Requests of version 3 that failed. */
const lost = (failed: number) => ({
  failed,
  failedShare: failed / 1000,
  byVersion: { '3': { requests: 100, failed } },
});

test('a demo in which all went as it should has no claim that fails', () => {
  expect(failing('2', measured('live'))).toEqual([]);
  expect(failing('3', measured('failed', lost(4)))).toEqual([]);
  expect(failing('4', measured('failed', { weights: [] }))).toEqual([]);
});

test('each claim of a good version fails by itself', () => {
  expect(failing('2', measured('failed'))).toEqual(['it is live on version 2']);
  expect(failing('2', measured('live', { before: [process.pid] }))).toEqual(["version 1's processes are gone"]);
  expect(failing('2', measured('live', { failed: 1 }))).toEqual(['no request failed']);
  expect(failing('2', measured('live', { requests: 0 }))).toEqual(['no request failed']);
  const both = { '1': { requests: 1, failed: 0 }, '2': { requests: 199, failed: 0 } };
  expect(failing('2', measured('live', { afterwards: both }))).toEqual(['version 2 serves 100 % of the requests']);
});

test('a failing version that came further than 25 %, or stays live, does not pass', () => {
  expect(failing('3', measured('failed', { weights: [5, 25, 50], ...lost(4) }))).toEqual([
    'it was caught at 5 or 25 %',
  ]);
  expect(failing('3', measured('failed', { live: 'three', ...lost(4) }))).toEqual([
    'weights are back at 100 to 0 and version 2 is live',
  ]);
});

test('what users lose to a failing version is bounded, and is its own', () => {
  expect(failing('3', measured('failed', lost(21)))).toEqual([
    'at most 2 % of the requests failed: 25 % went to version 3, which fails 8 % of them',
  ]);
  const others = { ...lost(4), failed: 5 };
  expect(failing('3', measured('failed', others))).toEqual(["every failed request was one of version 3's"]);
});

test('requests that the machine had no time to send are lost to no user', () => {
  expect(failing('2', measured('live', { notSent: 100 }))).toEqual([]);
});

test.each([
  ['nothing', { slowest: 900, latest: 900 }, 20, null],
  ['a slow answer', { slowest: 1500, latest: 0 }, 0, 'an answer took 1.5 s'],
  ['a late request', { slowest: 0, latest: 3210 }, 0, 'requests left up to 3.2 s late'],
  ['requests left out', { slowest: 0, latest: 0 }, 21, '21 of 1,021 requests could not be sent in time'],
])('of a machine’s strain, %s is told as it is', (_, strain, notSent, told) => {
  expect(tooBusy(strain, notSent, 1000)).toBe(told);
});

test('a gauge of strain begins anew when it is read', () => {
  const gauge = strainGauge();
  gauge.answered({ ms: 30 });
  gauge.answered({ ms: 20 });
  gauge.late(5);
  expect(gauge.take()).toEqual({ slowest: 30, latest: 5 });
  expect(gauge.take()).toEqual({ slowest: 0, latest: 0 });
});

test('a version that never started and yet got a request does not pass', () => {
  const byVersion = { '4': { requests: 1, failed: 0 } };
  expect(failing('4', measured('failed', { weights: [], byVersion }))).toEqual(['it never got a request']);
});

test('Ctrl-C ends it at once, and nothing is left', async () => {
  const demo = start(folderWith(), 'demo');
  const [, data = ''] = await demo.says(/its data in (\S+)/);
  await demo.says(/\+ 4 instances of v1/);
  demo.child.kill('SIGINT');
  const { code, errors } = await demo.ended;
  expect({ code, errors }).toEqual({ code: 130, errors: '' });
  expect(existsSync(data)).toBe(false);
});
