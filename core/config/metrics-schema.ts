/** The schema of `metrics`: where the figures of both versions come from. */
import * as z from 'zod';
import { key, strict, text } from './values.ts';

const promql = (like: string) =>
  text(
    `PromQL with $period and $slot (or $targetGroup) in it, like ${like}`,
    /(?=[\s\S]*\$period\b)(?=[\s\S]*\$(slot|targetGroup)\b)/,
  );

const requests = 'sum(increase(http_requests_total{slot="$slot"}[$period]))';
const errors = 'sum(increase(http_requests_total{slot="$slot",code=~"5.."}[$period]))';
const durations = 'sum by (le) (increase(http_request_duration_seconds_bucket{slot="$slot"}[$period]))';

export const metrics = z.discriminatedUnion(
  'kind',
  [
    strict('cloudwatch()', { kind: z.literal('cloudwatch') }),
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
    }),
  ],
  { error: 'a source of figures: cloudwatch() or prometheus(…)' },
);
