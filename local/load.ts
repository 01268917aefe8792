/** Sends requests at a steady rate, whether or not earlier ones have been answered. */
import { Agent, get } from 'node:http';
import { histogram, type Summary } from './histogram.ts';
import { realTime, type Time } from './time.ts';

export interface Result {
  /** Null: no answer. */
  status: number | null;
  /** The answer's `x-version` header. */
  version: string | null;
  /** Status 500 and above, a broken connection, or no answer in time. */
  failed: boolean;
  /** In words, when there was no answer. */
  error: string | null;
  /** From sending to the last byte. */
  ms: number;
}

export interface Totals {
  /** Answered or failed. */
  requests: number;
  failed: number;
  /** Left out: too many were waiting for an answer already, or this process came far too late to send them. */
  notSent: number;
  byVersion: Record<string, { requests: number; failed: number }>;
  /** Milliseconds, within 4 %. */
  latency: Summary;
}

export interface Load {
  totals(): Totals;
  /** Sends no more; resolves when every request in flight has ended. */
  stop(): Promise<Totals>;
}

/** Requests that are overdue by more milliseconds are left out: sent all at once, they would be a burst that no user makes. */
const LATEST = 250;

/** `perSecond` requests a second to one URL. At most `inFlight` wait at a time: a stalled service must cost requests, not memory. */
export const load = ({
  url,
  perSecond,
  onResult = () => undefined,
  onLate = () => undefined,
  inFlight = 500,
  timeout = 10_000,
  time = realTime(),
}: {
  url: string;
  perSecond: number;
  onResult?: (result: Result) => void;
  /** Told how many milliseconds the oldest request was overdue, whenever some are sent. */
  onLate?: (ms: number) => void;
  inFlight?: number;
  /** Milliseconds for a whole answer. */
  timeout?: number;
  time?: Time;
}): Load => {
  const { hostname, port, pathname, search } = new URL(url);
  // Idle connections are let go long before a server closes them: one that it has just closed would cost a request that nobody failed.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: inFlight, timeout: 20_000 });
  const target = { hostname, port, path: pathname + search, agent };
  const latencies = histogram();
  // Versions are what programs say: one may be called `constructor`.
  const byVersion = new Map<string, Totals['byVersion'][string]>();
  const totals = { requests: 0, failed: 0, notSent: 0 };
  let waiting = 0;
  let idle = (): void => undefined;

  const record = (result: Result): void => {
    totals.requests++;
    latencies.add(result.ms);
    if (result.failed) totals.failed++;
    if (result.version !== null) {
      const version = byVersion.get(result.version) ?? { requests: 0, failed: 0 };
      byVersion.set(result.version, version);
      version.requests++;
      if (result.failed) version.failed++;
    }
    onResult(result);
    if (--waiting === 0) idle();
  };

  const sendOne = (): void => {
    if (waiting >= inFlight) {
      totals.notSent++;
      return;
    }
    waiting++;
    const began = performance.now();
    let status: number | null = null;
    let version: string | null = null;
    let error: string | null = null;
    let whole = false;
    const request = get(target, (response) => {
      status = response.statusCode ?? null;
      version = (response.headers['x-version'] as string | undefined) ?? null;
      response.resume();
      response.on('error', (broken) => {
        error = broken.message;
      });
      response.on('end', () => {
        whole = true;
      });
    });
    const inTime = time.after(timeout, () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.on('error', (broken) => {
      error = broken.message;
    });
    request.on('close', () => {
      inTime();
      const failed = !whole || status === null || status >= 500;
      record({ status, version, failed, error, ms: performance.now() - began });
    });
  };

  // Every request has its own due time from the start on: a timer that is a little late delays requests but never lowers the rate.
  const start = performance.now();
  const dueAt = (request: number): number => (request * 1000) / perSecond;
  let due = 0;
  let cancel = (): void => undefined;
  const tick = (): void => {
    const now = performance.now() - start;
    if (dueAt(due) <= now) onLate(now - dueAt(due));
    for (; dueAt(due) < now - LATEST; due++) totals.notSent++;
    for (; dueAt(due) <= now; due++) sendOne();
    cancel = time.after(Math.ceil(dueAt(due) - now), tick);
  };
  tick();

  const sum = (): Totals => ({
    ...totals,
    byVersion: Object.fromEntries([...byVersion].map(([version, counted]) => [version, { ...counted }])),
    latency: latencies.summary(),
  });
  return {
    totals: sum,
    stop: async () => {
      cancel();
      if (waiting > 0)
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      agent.destroy();
      return sum();
    },
  };
};
