/** Every function: versioned, with a role of its own that allows what it sends and no more. */
import timeouts from '../statemachines/functions.json' with { type: 'json' };
import commands from './commands.json' with { type: 'json' };
import { type Scope, type Statement, statementsOf } from './grants.ts';

export type Functions = Record<keyof typeof timeouts, sst.aws.Function>;

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
}

export const functionsOf = (
  { prefix, region, bundles, scope, environment, deadLetters, reserved }: FunctionsArgs,
  parent: $util.ComponentResource,
): Functions =>
  Object.fromEntries(
    Object.entries(timeouts).map(([name, { timeout, memory, step }]) => {
      const own = $util
        .output(scope)
        .apply((known) => [
          ...statementsOf(commands[name as keyof Functions], known),
          logged(known, `${prefix}-${name}`),
        ]);
      const permissions = $util.all([own, deadLetters]).apply(([all, queue]) => [
        ...all,
        traced,
        // An event that was given up is kept by the function's own role.
        ...(step ? [] : [{ actions: ['sqs:SendMessage'], resources: [queue] }]),
      ]);
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
            environment,
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
                args.tracingConfig = { mode: 'Active' };
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

/** SST makes the group: a function has only to write to it. */
const logged = ({ partition, region, account }: Scope, name: string): Statement => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [`arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/${name}:*`],
});
