/** Deploys every function with versions and with its own role, which allows only the commands that the function sends. */
import timeouts from '../statemachines/functions.json' with { type: 'json' };
import commands from './commands.json' with { type: 'json' };
import { type Scope, type Statement, statementsOf } from './grants.ts';

type Name = keyof typeof timeouts;
/** Without a VPC there is no probe, which nothing but the environment names. */
export type Functions = Record<Name, sst.aws.Function>;

export interface FunctionsArgs {
  /** `cutover-production` */
  prefix: string;
  region: $util.Input<string>;
  /** The folder of the bundles, from the app's root. */
  bundles: string;
  scope: $util.Input<Scope>;
  environment: Record<string, $util.Input<string>>;
  /** Dead letters of the functions that events invoke. */
  deadLetters: $util.Input<string>;
  /** Concurrent executions that the account keeps for on-alarm; 0: none. */
  reserved: number;
  /** Where the probe stands; undefined: there is none. */
  vpc: { subnets: string[]; securityGroups: string[]; ipv6?: boolean } | undefined;
}

export const functionsOf = (
  { prefix, region, bundles, scope, environment, deadLetters, reserved, vpc }: FunctionsArgs,
  parent: $util.ComponentResource,
): Functions =>
  Object.fromEntries(
    named(vpc !== undefined).map(([name, { timeout, memory, step }]) => {
      const isProbe = name === 'probe';
      const permissions = $util.all([scope, deadLetters]).apply(([known, queue]) =>
        isProbe
          ? [logged(known, `${prefix}-${name}`), ...standing(known.probe ?? '')]
          : [
              ...statementsOf(commands[name], known),
              logged(known, `${prefix}-${name}`),
              traced,
              // An event that was given up is kept by the function's own role.
              ...(step ? [] : [{ actions: ['sqs:SendMessage'], resources: [queue] }]),
            ],
      );
      return [
        name,
        new sst.aws.Function(
          // A step's name is part of executions that may be redriven for two weeks: it never changes.
          `${prefix}-${name}`,
          {
            name: `${prefix}-${name}`,
            // As it was built and tested: nothing of the app's own node_modules gets into it.
            bundle: `${$cli.paths.root}/${bundles}/${name}`,
            handler: 'index.handler',
            runtime: 'nodejs24.x',
            architecture: 'arm64',
            timeout: `${timeout} seconds`,
            memory: `${memory} MB`,
            // Executions name versions, so that a deployment changes nothing for those that are on their way.
            versioning: true,
            environment: isProbe ? {} : environment,
            permissions,
            logging: { format: 'json', retention: '1 month' },
            transform: {
              role: (args) => {
                args.assumeRolePolicy = assumedByLambda;
                // SST's own policy would let it write to every log of the account.
                args.managedPolicyArns = [];
                // Where `cutover doctor` finds it: names are limited and of the whole account, paths are not.
                args.path = $util.interpolate`/${prefix}/${region}/${name}/`;
              },
              function: (args, opts) => {
                if (!isProbe) args.tracingConfig = { mode: 'Active' };
                if (isProbe && vpc !== undefined) args.vpcConfig = standsIn(vpc);
                // Executions of an earlier version ask by the name alone, and find the newest.
                args.skipDestroy = step;
                if (name === 'on-alarm' && reserved > 0) args.reservedConcurrentExecutions = reserved;
                opts.protect = step && $app.stage === 'production';
              },
            },
          },
          { parent },
        ),
      ];
    }),
  ) as Functions;

/** SST lets the whole account assume a function's role as well; nobody but Lambda has to. */
const assumedByLambda = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** Tracing takes no resource. */
const traced: Statement = { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] };

const named = (hasVpc: boolean) =>
  (Object.entries(timeouts) as [Name, (typeof timeouts)[Name]][]).filter(([name]) => hasVpc || name !== 'probe');

const standsIn = ({ subnets, securityGroups, ipv6 = false }: NonNullable<FunctionsArgs['vpc']>) => ({
  subnetIds: subnets,
  securityGroupIds: securityGroups,
  ipv6AllowedForDualStack: ipv6,
});

/**
 * Lambda developer guide, VPC: the service makes a function's network interfaces with its role; the function itself, which has the same
 * credentials, is denied that.
 */
const standing = (arn: string): Statement[] => {
  const actions = [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const itself = { test: 'ArnEquals' as const, variable: 'lambda:SourceFunctionArn', values: [arn] };
  return [
    { actions, resources: ['*'] },
    { effect: 'deny', actions, resources: ['*'], conditions: [itself] },
  ];
};

/** SST makes the group: a function has only to write to it. */
const logged = ({ partition, region, account }: Scope, name: string): Statement => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [`arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/${name}:*`],
});
