/** Reads figures from Prometheus with the user's queries: requests, errors and response times of each slot in each period. */
import * as z from 'zod';
import { closedPeriods } from '../../core/analysis/closed-periods.ts';
import { messageOf, Unreadable } from '../../core/basics/errors.ts';
import { outsideLine } from '../../core/basics/outside-text.ts';
import { type Slot, slots } from '../../core/basics/slot.ts';
import type { PrometheusSource } from '../../core/config/providers/prometheus.ts';
import type { Service } from '../../core/config/service.ts';
import type { SlotCounts, Source } from '../../pipeline/ports/metrics.ts';
import type { Get } from '../requests/get.ts';

/** Milliseconds that an answer may take: a judgement has a minute. */
const patience = 10_000;
/** Bytes that an answer may have: Lambda hands over six million. */
const mostBody = 4_000_000;

/** Prometheus HTTP API, range queries: a matrix of [seconds, "value"]. */
const answered = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});
type Result = z.infer<typeof answered>['data']['result'];

type Query = 'requests' | 'errors' | 'durations';

/** Counts by the start of their period: a value at t is about the period that ends then. */
type Counts = Map<number, number>;
/** Upper bound in seconds → how many answers took at most that. */
type Buckets = { bound: number; counts: Counts }[];

export const prometheusOf = ({ get }: { get: Get }): Source => {
  const ask = async (url: string, parameters: Record<string, string>, what: string): Promise<Result> => {
    const asked = `Prometheus at ${url}, asked for ${what}`;
    const fail = (how: string): never => {
      throw new Unreadable(`${asked}, ${how}`);
    };
    try {
      const query = new URLSearchParams(parameters).toString();
      const { status, body } = await get({
        url: `${url.replace(/\/+$/, '')}/api/v1/query_range?${query}`,
        within: patience / 1000,
        most: mostBody,
        speaks: 'http1',
        verify: true,
      });
      const answer = jsonIn(body);
      if (status < 200 || status > 299) {
        const { error } = (answer ?? {}) as { error?: unknown };
        fail(`refuses with ${status}${typeof error === 'string' ? `: ${outsideLine(error, 200)}` : ''}`);
      }
      const parsed = answered.safeParse(answer);
      return parsed.success ? parsed.data.data.result : fail('answers what is no range of values');
    } catch (error) {
      if (error instanceof Unreadable) throw error;
      const timedOut = (error as Error).name === 'TimeoutError';
      return fail(
        timedOut
          ? `has not answered within ${patience / 1000} s`
          : `does not answer: ${outsideLine(messageOf(error), 200)}`,
      );
    }
  };

  /** One query about one slot, for whole periods of so many seconds between two times (milliseconds). */
  const read = async (service: Service, slot: Slot, query: Query, seconds: number, start: number, end: number) => {
    const source = service.metrics as PrometheusSource;
    const written = source[query];
    if (written === null) return [];
    const given: Record<string, string> = {
      slot,
      period: `${seconds}s`,
      targetGroup: service.slots[slot].split('/').at(-2) ?? '',
    };
    return ask(
      source.url,
      {
        query: written.replaceAll(/\$(slot|period|targetGroup)\b/g, (_, name: string) => given[name] ?? ''),
        start: String(start / 1000 + seconds),
        end: String(end / 1000),
        step: `${seconds}s`,
        timeout: `${patience / 1000}s`,
      },
      `${query} of ${slot}`,
    );
  };

  const one = async (...[service, slot, query, seconds, start, end]: Parameters<typeof read>): Promise<Counts> => {
    const found = await read(service, slot, query, seconds, start, end);
    if (found.length > 1)
      throw new Unreadable(
        `the query for ${query} of ${slot} returns ${found.length} series, one was expected: put sum(…) around it`,
      );
    return countsIn(found[0], seconds);
  };

  const buckets = async (...[service, slot, seconds, start, end]: BucketsAsked): Promise<Buckets> => {
    const found = await read(service, slot, 'durations', seconds, start, end);
    const parsed = found.map((series) => ({
      bound: Number((series.metric.le ?? 'none').replace('+Inf', 'Infinity')),
      counts: countsIn(series, seconds),
    }));
    const bounds = new Set(parsed.map(({ bound }) => bound));
    if (bounds.has(Number.NaN) || bounds.size < parsed.length)
      throw new Unreadable(
        `the query for durations of ${slot} has to return one series for each le: put sum by (le) (…) around it`,
      );
    return parsed.toSorted((a, b) => a.bound - b.bound);
  };

  return {
    series: async (service, from, now, slow = { blue: [], green: [] }) => {
      const { start, end } = closedPeriods(service, from, now);
      if (end <= start) return { blue: [], green: [] };
      const { period } = service.timing;
      const of = async (slot: Slot): Promise<SlotCounts[]> => {
        const [requests, errors, histogram] = await Promise.all([
          one(service, slot, 'requests', period, start, end),
          one(service, slot, 'errors', period, start, end),
          slow[slot].length === 0 ? [] : buckets(service, slot, period, start, end),
        ]);
        return [...requests]
          .map(([at, count]) => ({
            at,
            // Prometheus extrapolates to the edges of a period, so that counts are not whole.
            requests: Math.round(count),
            errors: Math.round(errors.get(at) ?? 0),
            connectionErrors: 0,
            ...(histogram.length > 0 && { slow: slow[slot].map((bound) => Math.round(above(histogram, at, bound))) }),
          }))
          .filter((one) => one.requests !== 0)
          .sort((a, b) => a.at - b.at);
      };
      const [blue, green] = await Promise.all(slots.map(of));
      return { blue: blue ?? [], green: green ?? [] };
    },

    times: async (service, slot, shares, from, now) => {
      const { start, end } = closedPeriods(service, from, now);
      if (end <= start) return [];
      const histogram = await buckets(service, slot, (end - start) / 1000, start, end);
      const found = shares.map((share) => quantile(histogram, start, share));
      return found.every((value) => value !== null) ? found : [];
    },
  };
};

type BucketsAsked = [service: Service, slot: Slot, seconds: number, start: number, end: number];

/** Null where it is none, or has been cut. */
const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const countsIn = (series: Result[number] | undefined, seconds: number): Counts =>
  new Map((series?.values ?? []).map(([at, value]) => [Math.round((at - seconds) * 1000), Number(value)]));

/** How many answers took at most so long: between two bounds as many as if they were spread evenly, as histogram_quantile has it. */
const within = (histogram: Buckets, at: number, seconds: number): number => {
  let [bound, count] = [0, 0];
  for (const bucket of histogram) {
    const next = bucket.counts.get(at) ?? 0;
    if (bucket.bound >= seconds)
      return bucket.bound === Infinity ? count : count + ((next - count) * (seconds - bound)) / (bucket.bound - bound);
    [bound, count] = [bucket.bound, next];
  }
  return count;
};

const above = (histogram: Buckets, at: number, seconds: number): number =>
  Math.max(0, (histogram.at(-1)?.counts.get(at) ?? 0) - within(histogram, at, seconds));

/** Null where there are no answers, or the last bucket with a bound does not reach so far. */
const quantile = (histogram: Buckets, at: number, share: number): number | null => {
  const rank = share * (histogram.at(-1)?.counts.get(at) ?? 0);
  if (!(rank > 0)) return null;
  let [bound, count] = [0, 0];
  for (const bucket of histogram) {
    const next = bucket.counts.get(at) ?? 0;
    if (next >= rank)
      return bucket.bound === Infinity ? null : bound + ((bucket.bound - bound) * (rank - count)) / (next - count);
    [bound, count] = [bucket.bound, next];
  }
  return null;
};
