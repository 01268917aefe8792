/** The state machine, from the same file as the local cloud's, with this deployment's function versions. */
import rollout from '../statemachines/rollout.asl.json' with { type: 'json' };
import type { Functions } from './functions.ts';

export interface MachineArgs {
  name: string;
  functions: Functions;
}

/** `"${judge}"` becomes the ARN of a version. */
const bound = (functions: Functions): $util.Output<string> =>
  $util
    .all(Object.entries(functions).map(([name, { nodes }]) => nodes.function.qualifiedArn.apply((arn) => [name, arn])))
    .apply((arns) =>
      arns.reduce((text, [name, arn]) => text.replaceAll(`\${${name}}`, arn as string), JSON.stringify(rollout)),
    );

export const machineOf = ({ name, functions }: MachineArgs, parent: $util.ComponentResource) => {
  const options = { parent };
  const logs = new aws.cloudwatch.LogGroup(
    `${name}-logs`,
    // This prefix keeps the account's log policy from growing beyond what it may hold.
    { name: `/aws/vendedlogs/states/${name}`, retentionInDays: 90 },
    options,
  );
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
      inlinePolicies: [
        {
          name: 'machine',
          policy: $util.all(steps(functions).map(({ arn }) => arn)).apply((arns) =>
            JSON.stringify({
              Version: '2012-10-17',
              Statement: [
                // Each function and every version of it: a rollout that began before this deployment goes on, and back, on its own.
                {
                  Effect: 'Allow',
                  Action: ['lambda:InvokeFunction'],
                  Resource: arns.flatMap((one) => [one, `${one}:*`]),
                },
                // Neither log delivery nor tracing takes a resource.
                { Effect: 'Allow', Action: [...delivery, ...tracing], Resource: ['*'] },
              ],
            }),
          ),
        },
      ],
    },
    options,
  );
  const machine = new aws.sfn.StateMachine(
    name,
    {
      name,
      type: 'STANDARD',
      roleArn: role.arn,
      definition: bound(functions),
      publish: true,
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: true,
        logDestination: $util.interpolate`${logs.arn}:*`,
      },
      tracingConfiguration: { enabled: true },
    },
    { ...options, protect: $app.stage === 'production' },
  );
  const alias = new aws.sfn.Alias(
    `${name}-live`,
    { name: 'live', routingConfigurations: [{ stateMachineVersionArn: machine.stateMachineVersionArn, weight: 100 }] },
    options,
  );
  return { machine, alias, role, logs };
};

const steps = (functions: Functions): sst.aws.Function[] =>
  Object.entries(functions).flatMap(([name, made]) => (JSON.stringify(rollout).includes(`\${${name}}`) ? [made] : []));

/** Step Functions developer guide, logging with CloudWatch Logs. */
const delivery = [
  'logs:CreateLogDelivery',
  'logs:CreateLogStream',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutLogEvents',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
const tracing = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];
