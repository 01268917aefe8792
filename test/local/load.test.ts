/** The load generator: what it sends and what it counts. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { histogram } from '../../local/histogram.ts';
import { load, type Result } from '../../local/load.ts';
import { realTime, type Time } from '../../local/time.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 5 });

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`;
};

test('requests leave at the rate asked for, over few connections, whatever the answers take', async () => {
  const connections = new Set<unknown>();
  let paths = '';
  const url = await serve((request, response) => {
    connections.add(request.socket);
    paths = request.url ?? '';
    setTimeout(() => response.end('ok'), 20);
  });
  const began = performance.now();
  const traffic = load({ url, perSecond: 200, timeout: 600_000 });
  await until(() => expect(traffic.totals().requests).toBeGreaterThan(150));
  const totals = await traffic.stop();
  const due = ((performance.now() - began) / 1000) * 200;
  expect(totals.requests + totals.notSent).toBeLessThanOrEqual(due + 1);
  expect(paths).toBe('/path?query');
  expect(connections.size).toBeLessThan(totals.requests);
  expect(totals.failed).toBe(0);
  expect(totals.latency.p50).toBeGreaterThan(15);
});

test('requests that are long overdue are left out and counted: no burst follows a pause', async () => {
  const late: number[] = [];
  const url = await serve((_, response) => response.end('ok'));
  const began = performance.now();
  const traffic = load({ url, perSecond: 1000, timeout: 600_000, inFlight: 5000, onLate: (ms) => late.push(ms) });
  await until(() => expect(traffic.totals().requests).toBeGreaterThan(0));
  const before = traffic.totals().notSent;
  const paused = performance.now();
  while (performance.now() - paused < 1500);
  await until(() => expect(traffic.totals().notSent).toBeGreaterThan(before));
  const totals = await traffic.stop();
  expect(Math.max(...late)).toBeGreaterThan(1000);
  expect(totals.notSent - before).toBeGreaterThanOrEqual(1000);
  expect(totals.requests + totals.notSent).toBeLessThanOrEqual(performance.now() - began + 1);
  expect(totals.failed).toBe(0);
});

test('failures are counted by version: errors, broken answers and none in time, but not a 404', async () => {
  let number = 0;
  let unanswered = 0;
  const url = await serve((_, response) => {
    const kind = number++ % 5;
    if (kind === 4) unanswered++;
    if (kind === 0) response.writeHead(500, { 'x-version': '2' }).end();
    else if (kind === 1) response.destroy();
    else if (kind === 2)
      response.writeHead(200, { 'x-version': '2', 'content-length': 10 }).write('half', () => response.destroy());
    else if (kind === 3) response.writeHead(404, { 'x-version': '1' }).end();
  });
  const results: Result[] = [];
  // The test ends the time-outs, when all that the server answers has arrived: no machine is too slow for that.
  const real = realTime();
  const open = new Set<() => void>();
  const time: Time = {
    ...real,
    after: (ms, run) => {
      if (ms !== 50) return real.after(ms, run);
      open.add(run);
      return () => open.delete(run);
    },
  };
  const traffic = load({ url, perSecond: 500, timeout: 50, time, onResult: (result) => results.push(result) });
  await until(() => expect(number).toBeGreaterThan(50));
  const stopped = traffic.stop();
  await until(() => expect(open.size).toBe(unanswered));
  for (const end of open) end();
  const totals = await stopped;
  expect(totals.requests).toBe(number);
  expect(results).toHaveLength(totals.requests);
  expect(totals.failed).toBe(results.filter(({ status, error }) => status !== 404 || error !== null).length);
  expect(totals.byVersion['1']).toEqual({ requests: expect.any(Number), failed: 0 });
  expect(totals.byVersion['2']?.failed).toBe(totals.byVersion['2']?.requests);
  expect(results.some(({ error, status }) => status === null && error === 'no answer within 0.05 s')).toBe(true);
});

test('a service that stalls costs requests, not memory; those in flight are awaited at the end', async () => {
  const waiting: (() => void)[] = [];
  const url = await serve((_, response) => waiting.push(() => response.end()));
  const traffic = load({ url, perSecond: 1000, inFlight: 20 });
  await until(() => expect(traffic.totals().notSent).toBeGreaterThan(100));
  await until(() => expect(waiting).toHaveLength(20));
  const stopped = traffic.stop();
  for (const answer of waiting) answer();
  expect(await stopped).toMatchObject({ requests: 20, failed: 0 });
});

test('a service that is not there is a failure for each request, and no more', async () => {
  const traffic = load({ url: 'http://127.0.0.1:1/', perSecond: 200 });
  await until(() => expect(traffic.totals().failed).toBeGreaterThan(5));
  const totals = await traffic.stop();
  expect(totals.failed).toBe(totals.requests);
  expect(totals.byVersion).toEqual({});
});

test('latencies come out of the histogram within 4 %, the largest exactly', () => {
  const latencies = histogram();
  expect(latencies.summary()).toEqual({ p50: 0, p99: 0, max: 0 });
  for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
  const { p50, p99, max } = latencies.summary();
  expect(Math.abs(p50 / 500 - 1)).toBeLessThan(0.04);
  expect(Math.abs(p99 / 990 - 1)).toBeLessThan(0.04);
  expect(max).toBe(1000);
  for (const extreme of [0, 1e12]) latencies.add(extreme);
  expect(latencies.summary().max).toBe(1e12);
});
