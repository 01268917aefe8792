import {
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { cloudForTests, service, type TestCloud } from './fixture.ts';

const group = service.slots.green;

const query = (MetricName: string, Period = 60) => ({
  Id: MetricName.toLowerCase(),
  MetricStat: {
    Metric: {
      Namespace: 'AWS/ApplicationELB',
      MetricName,
      Dimensions: [
        { Name: 'LoadBalancer', Value: 'app/web/1' },
        { Name: 'TargetGroup', Value: 'targetgroup/shop-green/2' },
      ],
    },
    Period,
    Stat: 'Sum',
  },
});

/** Metrics of the time from the cloud's start on, in minutes. */
const read = async (
  cloud: TestCloud,
  start: number,
  names: string[],
  more: Partial<GetMetricDataCommandInput> = {},
) => {
  const command = new GetMetricDataCommand({
    MetricDataQueries: names.map((name) => query(name)),
    StartTime: new Date(start),
    EndTime: new Date(cloud.time.now()),
    ...more,
  });
  const page = await cloud.done(cloud.clients.cloudwatch.send(command));
  const series = (page.MetricDataResults ?? []).map(({ Timestamps = [], Values = [] }) =>
    Timestamps.map((at, index) => [(at.getTime() - start) / 60_000, Values[index]]),
  );
  return { series, next: page.NextToken, status: page.MetricDataResults?.[0]?.StatusCode };
};

describe('GetMetricData', () => {
  it('has a period two minutes after its end, newest first, and leaves out what did not happen', async () => {
    const cloud = cloudForTests();
    const start = cloud.time.now();
    cloud.world.count(group, { requests: 10, errors: 0, connectionErrors: 0 });
    await cloud.pass(120);
    cloud.world.count(group, { requests: 20, errors: 2, connectionErrors: 1 });
    cloud.world.count(group, { requests: 5, errors: 0, connectionErrors: 0 });
    await cloud.pass(90);
    const names = ['RequestCount', 'HTTPCode_Target_5XX_Count', 'TargetConnectionErrorCount'];
    expect((await read(cloud, start, names)).series).toEqual([[[0, 10]], [], []]);
    await cloud.pass(90);
    const all = [
      [
        [2, 25],
        [0, 10],
      ],
      [[2, 2]],
      [[2, 1]],
    ];
    expect((await read(cloud, start, names)).series).toEqual(all);
    const ascending = await read(cloud, start, ['RequestCount'], { ScanBy: 'TimestampAscending' });
    expect(ascending.series).toEqual([
      [
        [0, 10],
        [2, 25],
      ],
    ]);
  });

  it('sums over longer periods, includes the start and excludes the end', async () => {
    const cloud = cloudForTests();
    const start = cloud.time.now();
    for (let minute = 0; minute < 10; minute++) {
      cloud.world.count(group, { requests: 1, errors: 0, connectionErrors: 0 }, start + minute * 60_000);
    }
    await cloud.pass(3600);
    const MetricDataQueries = [query('RequestCount', 300)];
    expect((await read(cloud, start, [], { MetricDataQueries })).series).toEqual([
      [
        [5, 5],
        [0, 5],
      ],
    ]);
    const EndTime = new Date(start + 4 * 60_000);
    const { series } = await read(cloud, start + 60_000, ['RequestCount'], { EndTime });
    expect(series[0]).toHaveLength(3);
  });

  it('comes in pages', async () => {
    const cloud = cloudForTests();
    const start = cloud.time.now();
    for (let minute = 0; minute < 3; minute++) {
      cloud.world.count(group, { requests: minute, errors: 1, connectionErrors: 0 }, start + minute * 60_000);
    }
    await cloud.pass(600);
    const names = ['RequestCount', 'HTTPCode_Target_5XX_Count'];
    const first = await read(cloud, start, names, { MaxDatapoints: 4 });
    expect(first).toMatchObject({ status: 'PartialData', series: [{ length: 3 }, { length: 1 }] });
    const second = await read(cloud, start, names, { MaxDatapoints: 4, NextToken: first.next as string });
    expect(second).toMatchObject({ status: 'Complete', next: undefined, series: [{ length: 0 }, { length: 2 }] });
  });

  it('forgets after a day', async () => {
    const cloud = cloudForTests();
    for (let hour = 0; hour < 100; hour++) {
      cloud.world.count(group, { requests: 1, errors: 0, connectionErrors: 0 });
      await cloud.pass(3600);
    }
    expect(cloud.world.targetGroups.get(group)?.counts.size).toBe(25);
  });

  it('refuses metrics that are not simulated, by name', async () => {
    const cloud = cloudForTests();
    await expect(read(cloud, cloud.time.now(), ['ActiveConnectionCount'])).rejects.toThrow(/ActiveConnectionCount/);
  });
});

describe('DescribeAlarms', () => {
  const alarms = async (cloud: TestCloud, input: DescribeAlarmsCommandInput) =>
    cloud.done(cloud.clients.cloudwatch.send(new DescribeAlarmsCommand(input)));

  it('leaves out composite alarms unless they are asked for', async () => {
    const cloud = cloudForTests();
    cloud.setAlarm('all', 'ALARM', 'both are on', { kind: 'CompositeAlarm' });
    const AlarmNames = ['shop-5xx', 'all'];
    const metric = await alarms(cloud, { AlarmNames });
    expect(metric.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['shop-5xx']);
    expect(metric.CompositeAlarms).toEqual([]);
    const both = await alarms(cloud, { AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
    expect(both.CompositeAlarms?.map(({ StateValue }) => StateValue)).toEqual(['ALARM']);
  });

  it('says in JSON in a string when the data behind the state began', async () => {
    const cloud = cloudForTests();
    const dataFrom = cloud.time.now() - 300_000;
    cloud.setAlarm('shop-5xx', 'ALARM', '7 is above 5', { dataFrom });
    const { MetricAlarms } = await alarms(cloud, { AlarmNames: ['shop-5xx'] });
    expect(MetricAlarms?.[0]).toMatchObject({ StateValue: 'ALARM', StateReason: '7 is above 5' });
    const { startDate } = JSON.parse(MetricAlarms?.[0]?.StateReasonData ?? '') as { startDate: string };
    expect(startDate).toBe(new Date(dataFrom).toISOString().replace('Z', '+0000'));
  });
});
