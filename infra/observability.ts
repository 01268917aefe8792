/** Whether the pipeline itself is well: alarms, and a dashboard. */

export interface ObservabilityArgs {
  prefix: string;
  machine: { name: $util.Input<string>; arn: $util.Input<string> };
  /** Names of functions. */
  reconcile: $util.Input<string>;
  onAlarm: $util.Input<string>;
  deadLetters: $util.Input<string>;
  /** Topics that are told. */
  notify: $util.Input<string>[];
}

const minutes = 60;

export const observabilityOf = (
  { prefix, machine, reconcile, onAlarm, deadLetters, notify }: ObservabilityArgs,
  parent: $util.ComponentResource,
) => {
  const options = { parent };
  const alarm = (name: string, why: string, args: Partial<aws.cloudwatch.MetricAlarmArgs>) =>
    new aws.cloudwatch.MetricAlarm(
      `${prefix}-${name}`,
      {
        name: `${prefix}-${name}`,
        alarmDescription: why,
        statistic: 'Sum',
        period: 5 * minutes,
        evaluationPeriods: 1,
        threshold: 0,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
        alarmActions: notify,
        ...args,
      },
      options,
    );
  const ofMachine = { namespace: 'AWS/States', dimensions: { StateMachineArn: machine.arn } };
  const alarms = [
    alarm('stuck', 'An execution has timed out: see its history, and redrive it.', {
      ...ofMachine,
      metricName: 'ExecutionsTimedOut',
    }),
    alarm('stopped', 'An execution was stopped from outside; a recovery puts things right by itself.', {
      ...ofMachine,
      metricName: 'ExecutionsAborted',
    }),
    alarm('dead-letters', 'An event was given up: reconcile finds what it meant, but see why.', {
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      statistic: 'Maximum',
      dimensions: { QueueName: deadLetters },
    }),
    alarm('reconcile-silent', 'reconcile has not run for a quarter of an hour: nothing finds what events miss.', {
      namespace: 'AWS/Lambda',
      metricName: 'Invocations',
      period: 15 * minutes,
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      treatMissingData: 'breaching',
      dimensions: { FunctionName: reconcile },
    }),
    alarm('reconcile-fails', 'reconcile fails: see its log.', {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      period: 15 * minutes,
      threshold: 3,
      dimensions: { FunctionName: reconcile },
    }),
    alarm('on-alarm-fails', 'An alarm could not abort a rollout: see the log of on-alarm.', {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensions: { FunctionName: onAlarm },
    }),
  ];
  const dashboard = new aws.cloudwatch.Dashboard(
    `${prefix}-dashboard`,
    {
      dashboardName: prefix,
      dashboardBody: $util
        .all([machine.arn, reconcile, onAlarm, deadLetters, aws.getRegionOutput().name])
        .apply(([arn, reconciles, aborts, queue, region]) =>
          JSON.stringify({ widgets: widgets({ arn, reconciles, aborts, queue, region }) }),
        ),
    },
    options,
  );
  return { alarms, dashboard };
};

const widgets = ({
  arn,
  reconciles,
  aborts,
  queue,
  region,
}: Record<'arn' | 'reconciles' | 'aborts' | 'queue' | 'region', string>) => {
  const graph = (x: number, y: number, title: string, metrics: unknown[][], stat = 'Sum') => ({
    type: 'metric',
    x,
    y,
    width: 12,
    height: 6,
    properties: { title, region, stat, period: 300, view: 'timeSeries', metrics },
  });
  const states = (name: string, options: object = {}) => ['AWS/States', name, 'StateMachineArn', arn, options];
  return [
    graph(0, 0, 'Rollouts by outcome', [
      states('ExecutionsSucceeded', { label: 'live' }),
      states('ExecutionsFailed', { label: 'rolled back' }),
      states('ExecutionsAborted', { label: 'stopped' }),
      states('ExecutionsTimedOut', { label: 'stuck' }),
    ]),
    graph(12, 0, 'How long a rollout takes', [
      states('ExecutionTime', { stat: 'p50' }),
      states('ExecutionTime', { stat: 'Maximum' }),
    ]),
    graph(0, 6, 'Aborts by alarm', [
      ['AWS/Lambda', 'Invocations', 'FunctionName', aborts],
      ['AWS/Lambda', 'Errors', 'FunctionName', aborts],
      ['AWS/Lambda', 'Duration', 'FunctionName', aborts, { stat: 'Maximum', yAxis: 'right' }],
    ]),
    graph(12, 6, 'What was not handled', [
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', queue, { stat: 'Maximum' }],
      ['AWS/Lambda', 'Errors', 'FunctionName', reconciles],
    ]),
  ];
};
