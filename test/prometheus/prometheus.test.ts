/** Against a Prometheus as it is: two versions whose counters it scrapes, and what the comparison then says of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheusOf } from '../../adapters/metrics/prometheus.ts';
import { getHere } from '../../adapters/requests/send.ts';
import { compare } from '../../core/analysis/compare.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { ComparisonSettings, Service } from '../../core/config/service.ts';
import { prometheus } from '../../core/index.ts';
import { service } from '../core/build.ts';

const binary = process.env.CUTOVER_PROMETHEUS ?? '';

/** Seconds of a period; it is scraped every second. */
const period = 5;
const bounds = [0.1, 0.25, 0.5, 1];

interface Counters {
  ok: number;
  failed: number;
  /** How many took at most each bound, and all of them. */
  buckets: number[];
}
const counters: Record<Slot, Counters> = {
  blue: { ok: 0, failed: 0, buckets: [0, 0, 0, 0, 0] },
  green: { ok: 0, failed: 0, buckets: [0, 0, 0, 0, 0] },
};

/** What both versions do in 100 ms: blue gets four times as much; three in ten of green's fail, and all of its answers take 0.4 s. */
const serve = (): void => {
  const { blue, green } = counters;
  blue.ok += 40;
  green.ok += 7;
  green.failed += 3;
  [...bounds, Infinity].forEach((bound, index) => {
    blue.buckets[index] = (blue.buckets[index] as number) + (bound >= 0.25 ? 40 : 36);
    green.buckets[index] = (green.buckets[index] as number) + (bound >= 0.5 ? 10 : 0);
  });
};

const exposed = (): string =>
  Object.entries(counters)
    .flatMap(([slot, { ok, failed, buckets }]) => [
      `requests_total{slot="${slot}",code="200"} ${ok}`,
      `requests_total{slot="${slot}",code="500"} ${failed}`,
      ...[...bounds, '+Inf'].map((le, index) => `duration_bucket{slot="${slot}",le="${le}"} ${buckets[index]}`),
    ])
    .concat('')
    .join('\n');

const folder = mkdtempSync(join(tmpdir(), 'cutover-prometheus-'));
let exporter: Server;
let server: ChildProcess;
let shop: Service;
let began: number;
const stops: (() => void)[] = [];

const free = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
};

beforeAll(async () => {
  exporter = createServer((_, response) => response.end(exposed())).listen(0, '127.0.0.1');
  await once(exporter, 'listening');
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [target] }] }],
    }),
  );
  const address = `127.0.0.1:${await free()}`;
  server = spawn(
    binary,
    ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`],
    { cwd: folder, stdio: 'ignore' },
  );
  const url = `http://${address}`;
  shop = service({
    metrics: prometheus({
      url,
      requests: 'sum(increase(requests_total{slot="$slot"}[$period]))',
      errors: 'sum(increase(requests_total{slot="$slot",code=~"5.."}[$period]))',
      durations: 'sum by (le) (increase(duration_bucket{slot="$slot"}[$period]))',
    }),
    timing: { period, settling: 2 },
  });
  const timer = setInterval(serve, 100);
  stops.push(() => clearInterval(timer));
  const ready = async (): Promise<boolean> => (await fetch(`${url}/-/ready`).catch(() => null))?.ok ?? false;
  while (!(await ready())) await wait(200);
  began = Date.now() + 2 * period * 1000;
  await wait(9 * period * 1000);
}, 120_000);

afterAll(() => {
  for (const stop of stops) stop();
  server.kill();
  exporter.close();
  rmSync(folder, { recursive: true, force: true });
});

const source = prometheusOf({ get: getHere(fetch) });
const settings = () => shop.checks.comparison as ComparisonSettings;

test('its figures are those of the programs, and the comparison fails the one that is worse', async () => {
  const slow = { blue: [0.25], green: [0.275] };
  const { blue, green } = await source.series(shop, began, Date.now(), slow);
  expect(blue.length).toBeGreaterThanOrEqual(5);
  expect(green.map(({ at }) => at)).toEqual(blue.map(({ at }) => at));
  // Timers are late where the machine is busy, and counts are extrapolated.
  for (const one of blue) expect(one.requests / (400 * period)).toBeGreaterThan(0.5);
  for (const one of blue) expect(one.requests / (400 * period)).toBeLessThan(1.3);
  for (const one of blue) expect(one).toMatchObject({ errors: 0, slow: [0] });
  for (const one of green) expect(one.errors / one.requests).toBeCloseTo(0.3, 1);
  for (const one of green) expect(one.slow?.[0]).toBeGreaterThan(one.requests * 0.8);
  const compared = { fresh: green, old: blue, before: blue, thresholds: [{ old: 0.25, fresh: 0.275 }] };
  expect(compare(compared, settings())).toMatchObject({ failedAt: expect.any(Number), contradictions: [] });
  expect(compare({ ...compared, fresh: blue, thresholds: [] }, settings()).failedAt).toBeNull();
});

test('shares of answers take what their buckets say', async () => {
  const [middle = 0, most = 0] = await source.times(shop, 'blue', [0.5, 0.95], began, Date.now());
  expect(middle).toBeCloseTo(0.1 * (0.5 / 0.9), 2);
  expect(most).toBeGreaterThan(0.1);
  expect(most).toBeLessThan(0.25);
});

test.each([
  ['several series', 'increase(requests_total{slot="$slot"}[$period])', /returns 2 series, one was expected/],
  ['no PromQL', 'sum(increase(requests_total{slot="$slot"}[$period]', /refuses with 400: .*parse error/],
])('a query that gives %s is told of', async (_, requests, words) => {
  const wrong = { ...shop, metrics: { ...shop.metrics, requests } } as Service;
  await expect(source.series(wrong, began, Date.now())).rejects.toThrow(words);
});

test('of a slot that nobody scrapes there are no periods', async () => {
  const nobody = { ...shop.metrics, requests: 'sum(increase(gone_total{slot="$slot"}[$period]))' };
  expect(await source.series({ ...shop, metrics: nobody } as Service, began, Date.now())).toEqual({
    blue: [],
    green: [],
  });
});

test('down, it is unreadable, with the reason', async () => {
  server.kill();
  await once(server, 'exit');
  await expect(source.series(shop, began, Date.now())).rejects.toMatchObject({
    name: 'Unreadable',
    message: expect.stringMatching(/does not answer: ECONNREFUSED/),
  });
});
