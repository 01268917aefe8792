/** Metrics from Prometheus, by the user's queries. */
import * as z from 'zod';
import { exactly, nullable, otherwise, part, text as textOf } from '../reader.ts';
import { key, strict, text } from '../values.ts';
import { providerModule } from './provider.ts';

/** PromQL, in which `$slot`, `$targetGroup` (the target group's name) and `$period` are replaced before each query. */
export interface PrometheusSource {
  kind: 'prometheus';
  /** The server's address, without `/api`. */
  url: string;
  /** Two queries with one series each: the requests in a period, and how many of them failed. */
  requests: string;
  errors: string;
  /** A histogram of the answer times, one series per `le`; null: answer times are not compared. */
  durations: string | null;
}
export type WrittenPrometheus = Omit<PrometheusSource, 'durations'> & { durations?: string };

/**
 * Metrics from Prometheus. In queries, `$slot` is blue or green, `$targetGroup` the name of its target group and `$period` the period:
 * `requests: 'sum(increase(http_requests_total{slot="$slot"}[$period]))'`. `durations`: `sum by (le) (increase(…_bucket{…}[$period]))`.
 */
export const prometheus = (source: Omit<WrittenPrometheus, 'kind'>): WrittenPrometheus => ({
  kind: 'prometheus',
  ...source,
});

const promql = (like: string) =>
  text(
    `PromQL with $period and $slot (or $targetGroup) in it, like ${like}`,
    /(?=[\s\S]*\$period\b)(?=[\s\S]*\$(slot|targetGroup)\b)/,
  );

const requests = 'sum(increase(http_requests_total{slot="$slot"}[$period]))';
const errors = 'sum(increase(http_requests_total{slot="$slot",code=~"5.."}[$period]))';
const durations = 'sum by (le) (increase(http_request_duration_seconds_bucket{slot="$slot"}[$period]))';

const schema = () =>
  strict('prometheus({ url, requests, errors })', {
    kind: z.literal('prometheus'),
    url: key(
      text(
        'the address of a Prometheus like "http://prometheus.internal:9090", without credentials',
        /^https?:\/\/[^\s/@?#]+(\/[^\s@?#]*)?$/,
      ),
      'The address of the Prometheus server, without `/api`. The pipeline has to reach it.',
      "'http://prometheus.internal:9090'",
    ),
    requests: key(
      promql(requests),
      'How many requests a version answered in a period: PromQL that gives one series. `$slot` is blue or green, `$targetGroup` the name of its target group, `$period` the period.',
      `'${requests}'`,
    ),
    errors: key(promql(errors), 'How many of these requests failed: PromQL that gives one series.', `'${errors}'`),
    durations: key(
      promql(durations).nullable().default(null),
      'How long answers took: PromQL that gives a histogram, one series for each `le`. `null`: answer times are not compared.',
      `'${durations}'`,
    ),
  });

export const prometheusProvider = providerModule<PrometheusSource>({
  kind: 'prometheus',
  like: 'prometheus(…)',
  schema,
  persisted: part<PrometheusSource>({
    kind: exactly('prometheus'),
    url: textOf,
    requests: textOf,
    errors: textOf,
    durations: otherwise(nullable(textOf), null),
  }),
  byTheMinute: null,
  looksUp: {},
});
