/** The dashboard: rollouts by outcome, their duration, and failures. */

export const widgets = ({
  prefix,
  arn,
  reconciles,
  aborts,
  queue,
  region,
}: Record<'prefix' | 'arn' | 'reconciles' | 'aborts' | 'queue' | 'region', string>) => {
  const graph = (x: number, y: number, title: string, metrics: unknown[][], stat = 'Sum') => ({
    type: 'metric',
    x,
    y,
    width: 12,
    height: 6,
    properties: { title, region, stat, period: 300, view: 'timeSeries', metrics },
  });
  const own = (name: string, options: object = {}) => [prefix, name, options];
  const states = (name: string, options: object = {}) => ['AWS/States', name, 'StateMachineArn', arn, options];
  return [
    graph(0, 0, 'Rollouts by outcome', [
      own('RolloutsLive', { label: 'live' }),
      own('RolloutsFailed', { label: 'rolled back' }),
      states('ExecutionsAborted', { label: 'stopped' }),
      own('Stuck', { label: 'stuck' }),
    ]),
    graph(12, 0, 'Seconds to live, from admission', [
      own('SecondsToLive', { stat: 'p50' }),
      own('SecondsToLive', { stat: 'Maximum' }),
    ]),
    graph(0, 12, 'Seconds to safe, from the decision until every rule has its weights back', [
      own('SecondsToSafe', { stat: 'p50' }),
      own('SecondsToSafe', { stat: 'Maximum' }),
    ]),
    graph(12, 12, 'Requests that new versions failed, of the worst rollout', [
      own('RequestsFailed', { stat: 'Maximum' }),
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
