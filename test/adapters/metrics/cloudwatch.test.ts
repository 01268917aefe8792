/** Periods by timestamp, only settled ones, gaps as what they mean; alarms of both kinds. */
import type { DescribeAlarmsCommandInput, GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { cloudwatchOf } from '../../../adapters/metrics/cloudwatch.ts';
import { fakeClient, inputsOf, shop } from '../aws/fake.ts';

const minute = 60_000;
/** Values by series and minute, in two pages, newest first and then oldest. */
const answering = (values: Record<string, Record<number, number>>) => {
  const cloudwatch = fakeClient({
    GetMetricData: ({ MetricDataQueries = [], NextToken }: GetMetricDataCommandInput) => ({
      MetricDataResults: MetricDataQueries.map(({ Id = '' }) => {
        const points = Object.entries(values[Id] ?? {}).filter(([, value]) => value >= 1000 === (NextToken === 'more'));
        return {
          Id,
          StatusCode: NextToken === undefined ? 'PartialData' : 'Complete',
          Timestamps: points.map(([at]) => new Date(Number(at) * minute)).reverse(),
          Values: points.map(([, value]) => value).reverse(),
        };
      }),
      NextToken: NextToken === undefined ? 'more' : undefined,
    }),
  });
  return cloudwatch;
};

describe('answers that took longer', () => {
  const slow = { blue: [0.1, 0.4], green: [0.11, 0.44] };

  test('are counted by each slot’s own thresholds, in the same call', async () => {
    const cloudwatch = answering({
      blue_requests: { 0: 500, 1: 500 },
      blue_slow0: { 0: 250, 1: 240 },
      blue_slow1: { 0: 5 },
      green_requests: { 0: 50 },
    });
    const { blue, green } = await cloudwatchOf({ cloudwatch }).series(shop(), 0, 8 * minute, slow);
    // None in a period is none; of a slot of which nothing is said, nobody knows.
    expect(blue.map((period) => period.slow)).toEqual([
      [250, 5],
      [240, 0],
    ]);
    expect(green.map((period) => period.slow)).toEqual([undefined]);
    const [input] = inputsOf<GetMetricDataCommandInput>(cloudwatch, 'GetMetricData');
    expect(input?.MetricDataQueries?.slice(12).map(({ Id, MetricStat }) => [Id, MetricStat?.Stat])).toEqual([
      ['blue_slow0', 'TC(0.10000:)'],
      ['blue_slow1', 'TC(0.40000:)'],
      ['green_slow0', 'TC(0.11000:)'],
      ['green_slow1', 'TC(0.44000:)'],
    ]);
  });

  test('that CloudWatch will not count are done without', async () => {
    const cloudwatch = fakeClient({
      GetMetricData: ({ MetricDataQueries = [] }: GetMetricDataCommandInput) => {
        if (MetricDataQueries.length > 12)
          throw Object.assign(new Error('The parameter Stat is invalid'), { name: 'InvalidParameterValueException' });
        return {
          MetricDataResults: [{ Id: 'blue_requests', StatusCode: 'Complete', Timestamps: [new Date(0)], Values: [9] }],
        };
      },
    });
    const { blue } = await cloudwatchOf({ cloudwatch }).series(shop(), 0, 8 * minute, slow);
    expect(blue).toEqual([{ at: 0, requests: 9, errors: 0, connectionErrors: 0 }]);
  });

  test('are told by what a share of them took at most, over all the time', async () => {
    const cloudwatch = fakeClient({
      GetMetricData: ({ MetricDataQueries = [] }: GetMetricDataCommandInput) => ({
        MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) => ({
          Id,
          StatusCode: 'Complete',
          Timestamps: [new Date(0)],
          Values: [Number(MetricStat?.Stat?.slice(1)) / 1000],
        })),
      }),
    });
    const metrics = cloudwatchOf({ cloudwatch });
    expect(await metrics.times(shop(), 'blue', [0.5, 0.99], 0, 62 * minute)).toEqual([0.05, 0.099]);
    const [input] = inputsOf<GetMetricDataCommandInput>(cloudwatch, 'GetMetricData');
    expect(input?.MetricDataQueries?.[0]?.MetricStat).toMatchObject({ Period: 3600, Stat: 'p50' });
    expect(await cloudwatchOf({ cloudwatch: answering({}) }).times(shop(), 'blue', [0.5], 0, 62 * minute)).toEqual([]);
  });
});

describe('series', () => {
  test('are put together by timestamp, a missing error being none and a missing period no period', async () => {
    const cloudwatch = answering({
      blue_requests: { 0: 500, 1: 1000, 3: 700, 4: 0 },
      blue_errors: { 1: 7, 2: 9 },
      blue_answers2xx: { 0: 400, 1: 983 },
      blue_answers4xx: { 0: 98 },
      green_requests: { 3: 50 },
      green_connectionErrors: { 3: 2 },
    });
    const series = await cloudwatchOf({ cloudwatch }).series(shop(), 0, 8 * minute);
    expect(series).toEqual({
      blue: [
        { at: 0, requests: 500, errors: 0, connectionErrors: 0, answered: 498 },
        { at: minute, requests: 1000, errors: 7, connectionErrors: 0, answered: 990 },
        { at: 3 * minute, requests: 700, errors: 0, connectionErrors: 0, answered: 0 },
      ],
      green: [{ at: 3 * minute, requests: 50, errors: 0, connectionErrors: 2 }],
    });
  });

  test('are read in one call for both slots, from the first period to the last closed one', async () => {
    const cloudwatch = answering({});
    await cloudwatchOf({ cloudwatch }).series(shop(), 5.5 * minute, 9.5 * minute);
    const [input] = inputsOf<GetMetricDataCommandInput>(cloudwatch, 'GetMetricData');
    expect([input?.StartTime, input?.EndTime]).toEqual([new Date(5 * minute), new Date(7 * minute)]);
    expect(input?.MetricDataQueries).toHaveLength(12);
    expect(input?.MetricDataQueries?.[7]?.MetricStat).toEqual({
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'HTTPCode_Target_5XX_Count',
        Dimensions: [
          { Name: 'LoadBalancer', Value: 'app/edge/50dc' },
          { Name: 'TargetGroup', Value: 'targetgroup/shop-green/0f' },
        ],
      },
      Period: 60,
      Stat: 'Sum',
    });
  });

  test('are empty, without a call, while no period has settled', async () => {
    const cloudwatch = answering({});
    const empty = { blue: [], green: [] };
    expect(await cloudwatchOf({ cloudwatch }).series(shop(), 5 * minute, 7.9 * minute)).toEqual(empty);
    expect(cloudwatch.sent).toEqual([]);
  });

  test('that CloudWatch could not read are Transient, not good news', async () => {
    const cloudwatch = fakeClient({
      GetMetricData: () => ({ MetricDataResults: [{ Id: 'blue_errors', StatusCode: 'InternalError' }] }),
    });
    const reading = cloudwatchOf({ cloudwatch }).series(shop(), 0, 60 * minute);
    await expect(reading).rejects.toMatchObject({ name: 'Transient' });
  });
});

describe('alarms', () => {
  const alarmed = (alarms: object[]) =>
    fakeClient({
      DescribeAlarms: ({ AlarmNames = [] }: DescribeAlarmsCommandInput) => ({
        MetricAlarms: alarms.filter((alarm) => AlarmNames.includes((alarm as { AlarmName: string }).AlarmName)),
        CompositeAlarms: [],
      }),
    });

  test('say when their state began, and when the data behind it began', async () => {
    const since = new Date('2026-01-05T09:10:00Z');
    const base = { StateValue: 'ALARM', StateReason: 'too many', StateUpdatedTimestamp: since };
    const cloudwatch = alarmed([
      {
        ...base,
        AlarmName: 'metric',
        StateReasonData: '{"startDate":"2026-01-05T09:05:00.000+0000","queryDate":"2026-01-05T09:10:00.000+0000"}',
      },
      { ...base, AlarmName: 'queried', StateReasonData: '{"queryDate":"2026-01-05T09:09:00.000+0000"}' },
      { ...base, AlarmName: 'composite', StateReasonData: '{"triggeringAlarms":[]}' },
      { ...base, AlarmName: 'set by hand', StateReasonData: 'no JSON' },
      { ...base, AlarmName: 'silent', StateTransitionedTimestamp: new Date('2026-01-05T09:00:00Z') },
    ]);
    const views = await cloudwatchOf({ cloudwatch }).alarms([
      'metric',
      'queried',
      'composite',
      'set by hand',
      'silent',
    ]);
    const minutes = views.map((view) =>
      [view.name, view.since, view.dataFrom].map((one) =>
        typeof one === 'number' ? new Date(one).getUTCMinutes() : one,
      ),
    );
    expect(minutes).toEqual([
      ['metric', 10, 5],
      ['queried', 10, 9],
      ['composite', 10, 10],
      ['set by hand', 10, 10],
      ['silent', 0, 0],
    ]);
    expect(views[0]).toMatchObject({ state: 'ALARM', reason: 'too many' });
  });

  test('are asked for by a hundred names, of both kinds, and not at all when there are no names', async () => {
    const cloudwatch = alarmed([]);
    const { alarms } = cloudwatchOf({ cloudwatch });
    expect(await alarms([])).toEqual([]);
    await alarms(Array.from({ length: 150 }, (_, index) => `alarm-${index}`));
    const asked = inputsOf<DescribeAlarmsCommandInput>(cloudwatch, 'DescribeAlarms');
    expect(asked.map(({ AlarmNames, AlarmTypes }) => [AlarmNames?.length, AlarmTypes])).toEqual([
      [100, ['MetricAlarm', 'CompositeAlarm']],
      [50, ['MetricAlarm', 'CompositeAlarm']],
    ]);
  });
});

describe('how long an alarm has been OK', () => {
  const changes = (...states: [number, string][]) =>
    fakeClient({
      DescribeAlarmHistory: () => ({
        AlarmHistoryItems: states.map(([at, stateValue]) => ({
          Timestamp: new Date(at * minute),
          HistoryData: JSON.stringify({ newState: { stateValue } }),
        })),
      }),
    });
  const okFor = (cloudwatch: ReturnType<typeof fakeClient>) =>
    cloudwatchOf({ cloudwatch }).okFor('checkout-5xx', 0, 10 * minute);

  test.each<[string, [number, string][], number]>([
    ['never', [], 0],
    [
      'for the longest time of several',
      [
        [1, 'OK'],
        [2, 'ALARM'],
        [4, 'OK'],
        [7, 'ALARM'],
      ],
      3,
    ],
    ['until now', [[4, 'OK']], 6],
    [
      'not where it has no data',
      [
        [1, 'OK'],
        [2, 'INSUFFICIENT_DATA'],
        [9, 'ALARM'],
      ],
      1,
    ],
  ])('%s', async (_, states, minutes) => {
    expect(await okFor(changes(...states))).toBe(minutes * minute);
  });

  test('is not known where the history cannot be read as one', async () => {
    const odd = { AlarmHistoryItems: [{ Timestamp: new Date(0), HistoryData: 'no JSON' }, {}] };
    expect(await okFor(fakeClient({ DescribeAlarmHistory: () => odd }))).toBe(0);
  });
});
