/** A rollout in lines: each thing once, and in words. */
import { expect, test } from 'vitest';
import { eventText } from '../../cli/commands/status.ts';
import { eventLines } from '../../cli/live/events.ts';
import { instanceLines, type Seen } from '../../cli/live/instances.ts';
import { trafficLine } from '../../cli/live/traffic.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Totals } from '../../local/load.ts';
import type { Instance } from '../../local/simulated/resources.ts';

const event = (by: string, kind: HistoryEvent['kind'], text: string, data?: HistoryEvent['data']): HistoryEvent => ({
  id: `${by}/${kind}`,
  at: 0,
  release: 'aaaaaaaaaaaa',
  attempt: 1,
  by,
  kind,
  text,
  ...(data && { data }),
});

test('a cause is told once, not by everyone who passes it on', () => {
  const events = [
    event('Judge', 'judged', 'v3 failed 9 of 90 requests', { action: 'rollback' }),
    event('RollBack', 'aborted', 'v3 failed 9 of 90 requests; all traffic on blue'),
    event('finish', 'finished', 'v3 failed 9 of 90 requests', { outcome: 'failed' }),
  ];
  expect(events.flatMap(eventLines()).map(({ by, text }) => `${by}: ${text}`)).toEqual([
    'Judge: v3 failed 9 of 90 requests',
    'RollBack: all traffic on blue',
    'ReportFailure: failed',
  ]);
});

test('of what instances printed, one is shown, and the end of it', () => {
  const printed = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n');
  const events = ['i-1', 'i-2'].map((instance) => event('Discard', 'evidence', printed, { instance }));
  const lines = events.flatMap(eventLines());
  expect(lines).toHaveLength(17);
  expect(lines[0]?.text).toBe('the last output of i-1:');
  expect(lines.at(-1)?.text).toBe('  | line 19');
});

const instance = (id: string, state: Instance['state'], reason?: Instance['reason']): [string, Instance] => [
  id,
  { id, state, reason, tags: { 'cutover:release': 'aaaaaaaaaaaa', 'cutover:slot': 'green' } } as unknown as Instance,
];

test('alike instances come and go in one line', () => {
  const seen: Seen = new Map();
  const look = (...instances: [string, Instance][]) =>
    instanceLines({ instances: new Map(instances) }, seen, () => 'v2');
  const asked = { code: 'Client.UserInitiatedShutdown', message: 'User initiated shutdown' };
  const crashed = { code: 'Client.InstanceInitiatedShutdown', message: 'exited with code 1' };
  expect(look(instance('i-1', 'pending'), instance('i-2', 'running'))).toEqual(['+ 2 instances of v2 in green']);
  expect(look(instance('i-1', 'running'), instance('i-2', 'running'))).toEqual([]);
  expect(look(instance('i-1', 'terminated', asked), instance('i-2', 'terminated', crashed))).toEqual([
    '- 1 instance of v2 in green',
    '- 1 instance of v2 in green: exited with code 1',
  ]);
});

test('traffic is told as rates since the last look and failures since the start', () => {
  const totals = (one: number, two: number, failed: number): Totals => ({
    requests: one + two,
    failed,
    notSent: 0,
    byVersion: { '1': { requests: one, failed: 0 }, '2': { requests: two, failed } },
    latency: { p50: 1, p99: 2, max: 3 },
  });
  expect(trafficLine(totals(1190, 10, 3), totals(1000, 0, 0), 1000)).toBe(
    'v1 190/s  v2 10/s  3 of 1,200 requests failed (0.25 %)',
  );
  expect(trafficLine(totals(1000, 210, 0), totals(1000, 10, 0), 1000)).toBe('v2 200/s  0 of 1,210 requests failed');
});

test('following shows the last lines of what a failed instance said', () => {
  const said = 'instance terminated: exited with code 3\nno database';
  expect(eventText(event('Discard', 'evidence', said, { instance: 'i-1' }))).toEqual([
    'Discard     the last output of i-1:',
    'Discard       | instance terminated: exited with code 3',
    'Discard       | no database',
  ]);
  expect(eventText(event('Judge', 'judged', 'one\ntwo'))).toEqual(['Judge       one']);
});
