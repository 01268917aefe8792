/** Figures from Prometheus: what is asked, what is made of the answers, and what of those that are none. */
import { describe, expect, test } from 'vitest';
import { prometheusOf } from '../../../adapters/metrics/prometheus.ts';
import { getHere } from '../../../adapters/requests/send.ts';
import { parseServices, prometheus } from '../../../core/index.ts';
import { service, written } from '../../core/build.ts';

const minute = 60_000;
const source = {
  url: 'http://prometheus.internal:9090/',
  requests: 'sum(increase(requests_total{slot="$slot"}[$period]))',
  errors: 'sum(increase(requests_total{group="$targetGroup",code="500"}[$period]))',
  durations: 'sum by (le) (increase(duration_bucket{slot="$slot"}[$period]))',
};
const shop = service({ metrics: prometheus(source) });
const untimed = service({ metrics: prometheus({ ...source, durations: undefined as never }) });

type Series = { metric?: Record<string, string>; values: [number, string][] };

/** Answers by what the query is about; a range's values are about the periods that end then. */
const answering = (by: (query: string) => Series[] | Response | Error) => {
  const asked: URLSearchParams[] = [];
  const fetch = async (address: string | URL | Request): Promise<Response> => {
    const [url, query] = String(address).split('?');
    expect(url).toBe('http://prometheus.internal:9090/api/v1/query_range');
    const parameters = new URLSearchParams(query);
    asked.push(parameters);
    const found = by(parameters.get('query') ?? '');
    if (found instanceof Error) throw found;
    if (found instanceof Response) return found;
    const result = found.map((series) => ({ metric: {}, ...series }));
    return Response.json({ status: 'success', data: { resultType: 'matrix', result } });
  };
  return { asked, source: prometheusOf({ get: getHere(fetch as typeof globalThis.fetch) }) };
};

const values = (...counts: (number | string)[]): [number, string][] =>
  counts.map((value, index) => [60 * (index + 1), String(value)]);

describe('a series', () => {
  test('has a period for each value, by when it began, in whole requests', async () => {
    const { source: prometheus_, asked } = answering((query) =>
      query.includes('500')
        ? query.includes('checkout-green')
          ? [{ values: [[120, '3.02']] }]
          : []
        : [{ values: query.includes('"blue"') ? values(99.7, 101.2) : values(0, 12) }],
    );
    expect(await prometheus_.series(untimed, 0, 4 * minute)).toEqual({
      blue: [
        { at: 0, requests: 100, errors: 0, connectionErrors: 0 },
        { at: minute, requests: 101, errors: 0, connectionErrors: 0 },
      ],
      green: [{ at: minute, requests: 12, errors: 3, connectionErrors: 0 }],
    });
    expect(asked.map((one) => Object.fromEntries(one))).toContainEqual({
      query: 'sum(increase(requests_total{slot="blue"}[60s]))',
      start: '60',
      end: '120',
      step: '60s',
      timeout: '10s',
    });
  });

  test('counts answers beyond a threshold, between two buckets as if they were spread evenly', async () => {
    const { source: prometheus_ } = answering((query) => {
      if (query.includes('500')) return [];
      if (!query.includes('duration')) return [{ values: values(100) }];
      return [
        { metric: { le: '+Inf' }, values: values(100) },
        { metric: { le: '0.1' }, values: values(50) },
        { metric: { le: '0.5' }, values: values(90) },
      ];
    });
    const slow = { blue: [0.1, 0.2, 0.5, 2], green: [] };
    const { blue, green } = await prometheus_.series(shop, 0, 3 * minute, slow);
    expect(blue).toMatchObject([{ requests: 100, slow: [50, 40, 10, 10] }]);
    expect(green[0]).not.toHaveProperty('slow');
    expect(await prometheus_.times(shop, 'blue', [0.25, 0.5, 0.6], 0, 3 * minute)).toEqual([0.05, 0.1, 0.2]);
    expect(await prometheus_.times(shop, 'blue', [0.5, 0.99], 0, 3 * minute)).toEqual([]);
  });

  test('is empty, without a question, while no period has settled', async () => {
    const { source: prometheus_, asked } = answering(() => []);
    expect(await prometheus_.series(shop, 0, minute)).toEqual({ blue: [], green: [] });
    expect(asked).toEqual([]);
  });
});

describe('what is no figure says what it is', () => {
  const timeout = Object.assign(new Error('The operation was aborted'), { name: 'TimeoutError' });
  const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
  const invalid = Response.json({ status: 'error', error: 'parse error: unexpected "}"' }, { status: 400 });
  test.each<[string, Series[] | Response | Error, RegExp]>([
    ['two series', [{ values: values(1) }, { values: values(2) }], /returns 2 series, one was expected: put sum\(…\)/],
    [
      'a server that is down',
      refused,
      /^Prometheus at http:\/\/prometheus.*, asked for requests of .*, does not answer: ECONNREFUSED$/,
    ],
    ['a server that is slow', timeout, /has not answered within 10 s$/],
    ['a query that it does not understand', invalid, /refuses with 400: parse error/],
    ['a page', new Response('<html>'), /answers what is no range of values$/],
    ['another kind of answer', Response.json({ data: { resultType: 'scalar', result: [] } }), /no range of values$/],
  ])('%s', async (_, answer, words) => {
    const { source: prometheus_ } = answering(() => (answer instanceof Response ? answer.clone() : answer));
    await expect(prometheus_.series(untimed, 0, 3 * minute)).rejects.toMatchObject({
      name: 'Unreadable',
      message: expect.stringMatching(words),
    });
  });

  test('a histogram without its buckets', async () => {
    for (const metric of [{}, { le: '0.1' }]) {
      const { source: prometheus_ } = answering(() => [
        { metric, values: values(1) },
        { metric, values: values(2) },
      ]);
      await expect(prometheus_.times(shop, 'blue', [0.5], 0, 3 * minute)).rejects.toThrow(/sum by \(le\)/);
    }
  });

  test('a count that is none stays one, for the comparison to tell of', async () => {
    const { source: prometheus_ } = answering(() => [{ values: values('NaN', -3) }]);
    const { blue } = await prometheus_.series(untimed, 0, 4 * minute);
    expect(blue).toMatchObject([{ requests: Number.NaN }, { requests: -3 }]);
  });
});

describe('a configuration', () => {
  test.each<[string, object, string]>([
    ['an address with a password', { url: 'http://ann:secret@prometheus:9090' }, 'checkout.metrics.url'],
    ['an address of something else', { url: 'prometheus:9090' }, 'checkout.metrics.url'],
    ['a query for no slot', { requests: 'sum(increase(requests_total[$period]))' }, 'checkout.metrics.requests'],
    ['a query for no period', { errors: 'sum(increase(errors{slot="$slot"}[1m]))' }, 'checkout.metrics.errors'],
  ])('refuses %s', (_, different, path) => {
    const parsed = parseServices({ checkout: { ...written(), metrics: prometheus({ ...source, ...different }) } });
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toEqual([path]);
  });
});
