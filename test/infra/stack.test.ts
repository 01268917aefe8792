/** The stack as it is deployed: what there is, who may do what, and that nothing is left unbound. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import commands from '../../infra/commands.json' with { type: 'json' };
import { grants } from '../../infra/grants.ts';
import { matches, type Pattern } from '../../local/events.ts';
import { isAllowed } from '../../local/simulated/iam.ts';
import type { Statement as Evaluated } from '../../local/simulated/resources.ts';
import timeouts from '../../statemachines/functions.json' with { type: 'json' };
import triggers from '../../statemachines/triggers.json' with { type: 'json' };
import { blocksOf } from '../documented.ts';
import { everySent } from '../recorded.ts';
import { type Stack, synthesised } from './synth.ts';

const role = 'arn:aws:iam::111122223333:role/shop-instance';
const ours = 'arn:aws:';
let stack: Stack;

const root = join(import.meta.dirname, '..', '..');

/** The component as it is published, which is what sst.config.ts uses. */
const made = (args: object = {}, options: object = {}) =>
  synthesised(async () => {
    const { Cutover } = await import(join(root, 'dist', 'infra', 'cutover.js'));
    const { table, machine } = new Cutover('Rollouts', { bundles: 'dist/lambda', instanceRoles: [role], ...args });
    return { table, machine };
  }, options);

beforeAll(async () => {
  stack = await made();
}, 240_000);

const named = (type: string, name: string) => {
  const found = stack.of(type).find(({ inputs, name: logical }) => inputs.name === name || logical === name);
  if (found === undefined) throw new Error(`there is no ${type} ${name}`);
  return found.inputs;
};

/** A function's own policy. */
const policyOf = (name: string): Evaluated[] => {
  const { inlinePolicies } = named('aws:iam/role:Role', `cutover-test-${name}Role`);
  return JSON.parse(inlinePolicies[0].policy).statements;
};

/** Of a pipeline without a function in the VPC. */
const names = (Object.keys(timeouts) as (keyof typeof timeouts)[]).filter((name) => name !== 'probe');

describe('every function', () => {
  test('is there, and no other', () => {
    const deployed = stack.of('aws:lambda/function:Function').map(({ inputs }) => inputs.name);
    expect(deployed.sort()).toEqual(names.map((name) => `cutover-test-${name}`).sort());
  });

  test.each(names)('%s runs as it does in the local cloud, published and traced', (name) => {
    const { timeout, memory, step } = timeouts[name];
    expect(named('aws:lambda/function:Function', `cutover-test-${name}`)).toMatchObject({
      architectures: ['arm64'],
      runtime: 'nodejs24.x',
      timeout,
      memorySize: memory,
      publish: true,
      skipDestroy: step,
      tracingConfig: { mode: 'Active' },
      environment: {
        variables: {
          CUTOVER_TABLE: 'cutover-test-ledger',
          CUTOVER_MACHINE: 'arn:aws:states:eu-west-1:111122223333:stateMachine:cutover-test-rollout',
        },
      },
    });
  });

  test.each(names)('%s is a small bundle that keeps the error names that the machine catches', (name) => {
    const file = join(root, 'dist', 'lambda', name, 'index.mjs');
    expect(stack.bundles).toContain(dirname(file));
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/["'`]Rejected["'`]/);
    const usesEc2 = text.includes('com.amazonaws.ec2');
    expect(statSync(file).size).toBeLessThan(usesEc2 ? 1_100_000 : 520_000);
  });

  test('is assumed by Lambda and nobody else', () => {
    for (const name of names) {
      const { assumeRolePolicy } = named('aws:iam/role:Role', `cutover-test-${name}Role`);
      expect(JSON.parse(assumeRolePolicy).Statement).toEqual([
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
    }
  });
});

describe('least privilege', () => {
  const own = (name: string): string[] => commands[name as keyof typeof commands];

  test('is what the stories need: infra/commands.json is what they have sent, both ways', () => {
    expect(commands).toEqual(Object.fromEntries(Object.entries(everySent()).sort()));
    expect(Object.keys(commands).sort()).toEqual([...names, 'probe'].sort());
  });

  test('has a grant for every command, and none that nothing uses', () => {
    const used = new Set(Object.values(commands).flat());
    expect(Object.keys(grants).sort()).toEqual([...used].sort());
  });

  test.each(names)('%s: its policy is its commands, tracing and what it could not handle', async (name) => {
    const { statementsOf } = await import('../../infra/grants.ts');
    const scope = {
      partition: 'aws',
      region: 'eu-west-1',
      account: '111122223333',
      table: `${ours}dynamodb:eu-west-1:111122223333:table/cutover-test-ledger`,
      machine: `${ours}states:eu-west-1:111122223333:stateMachine:cutover-test-rollout`,
      probe: null,
      instanceRoles: [role],
    };
    const expected = [
      ...statementsOf(own(name), scope),
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [`${ours}logs:eu-west-1:111122223333:log-group:/aws/lambda/cutover-test-${name}:*`],
      },
      { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] },
      ...(timeouts[name].step
        ? []
        : [
            {
              actions: ['sqs:SendMessage'],
              resources: [`${ours}sqs:eu-west-1:111122223333:cutover-test-dead-letters`],
            },
          ]),
    ];
    expect(policyOf(name).map(({ effect: _, ...statement }) => JSON.parse(JSON.stringify(statement)))).toEqual(
      JSON.parse(JSON.stringify(expected)),
    );
    expect(named('aws:iam/role:Role', `cutover-test-${name}Role`).managedPolicyArns).toEqual([]);
    // The group that it logs to is the one that it may write to.
    expect(named('aws:lambda/function:Function', `cutover-test-${name}`).loggingConfig.logGroup).toBe(
      `/aws/lambda/cutover-test-${name}`,
    );
  });

  test('is on no resource of somebody else’s, unless the table says why', () => {
    const scope = {
      partition: 'aws',
      region: 'r',
      account: 'a',
      table: 't',
      machine: 'm',
      probe: 'p',
      instanceRoles: [],
    };
    for (const [command, { statements, wide }] of Object.entries(grants)) {
      const open = statements(scope).some(
        ({ resources, conditions }) => conditions === undefined && resources.some((one) => /[:/]\*$|^\*$/.test(one)),
      );
      const isOwn = ['sfn:DescribeExecution', 'sfn:GetExecutionHistory', 'sfn:StopExecution'].includes(command);
      expect([command, open && !isOwn]).toEqual([command, wide !== undefined]);
    }
  });

  const ec2 = `${ours}ec2:eu-west-1:111122223333`;
  const elb = `${ours}elasticloadbalancing:eu-west-1:111122223333`;
  const executions = `${ours}states:eu-west-1:111122223333:execution`;
  const tag = { 'aws:ResourceTag/cutover:service': 'shop' };
  test.each<[string, string, string, Record<string, string>, boolean]>([
    ['remove', 'ec2:TerminateInstances', `${ec2}:instance/i-1`, tag, true],
    ['remove', 'ec2:TerminateInstances', `${ec2}:instance/i-1`, {}, false],
    ['judge', 'ec2:TerminateInstances', `${ec2}:instance/i-1`, tag, false],
    ['shift', 'elasticloadbalancing:ModifyRule', `${elb}:listener-rule/app/a/1/2/3`, tag, true],
    ['shift', 'elasticloadbalancing:ModifyRule', `${elb}:listener-rule/app/a/1/2/3`, {}, false],
    ['shift', 'elasticloadbalancing:ModifyRule', `${elb}:listener-rule/net/a/1/2/3`, tag, false],
    ['smoke', 'elasticloadbalancing:ModifyRule', `${elb}:listener-rule/app/a/1/2/3`, tag, false],
    ['provision', 'elasticloadbalancing:RegisterTargets', `${elb}:targetgroup/other/1`, {}, false],
    ['provision', 'elasticloadbalancing:RegisterTargets', `${elb}:targetgroup/shop/1`, tag, true],
    [
      'judge',
      'autoscaling:UpdateAutoScalingGroup',
      `${ours}autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/other`,
      {},
      false,
    ],
    [
      'judge',
      'autoscaling:UpdateAutoScalingGroup',
      `${ours}autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/shop`,
      tag,
      true,
    ],
    [
      'judge',
      'autoscaling:DeleteAutoScalingGroup',
      `${ours}autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/shop`,
      tag,
      false,
    ],
    ['park', 'dynamodb:UpdateItem', `${ours}dynamodb:eu-west-1:111122223333:table/cutover-test-ledger`, {}, true],
    ['park', 'dynamodb:GetItem', `${ours}dynamodb:eu-west-1:111122223333:table/users`, {}, false],
    ['park', 'dynamodb:DeleteItem', `${ours}dynamodb:eu-west-1:111122223333:table/cutover-test-ledger`, {}, false],
    ['provision', 'iam:PassRole', role, { 'iam:PassedToService': 'ec2.amazonaws.com' }, true],
    ['provision', 'iam:PassRole', role, { 'iam:PassedToService': 'lambda.amazonaws.com' }, false],
    [
      'provision',
      'iam:PassRole',
      'arn:aws:iam::111122223333:role/admin',
      { 'iam:PassedToService': 'ec2.amazonaws.com' },
      false,
    ],
    ['provision', 'ec2:CreateTags', `${ec2}:instance/i-1`, { 'ec2:CreateAction': 'RunInstances' }, true],
    ['provision', 'ec2:CreateTags', `${ec2}:instance/i-1`, {}, false],
    ['on-alarm', 'ec2:RunInstances', `${ec2}:instance/i-1`, { 'aws:RequestTag/cutover:service': 'shop' }, false],
    ['finish', 'states:StartExecution', `${ours}states:eu-west-1:111122223333:stateMachine:other`, {}, false],
    ['reconcile', 'states:StopExecution', `${executions}:cutover-test-rollout:shop-1`, {}, true],
    ['reconcile', 'states:StopExecution', `${executions}:other:shop-1`, {}, false],
    ['on-stopped', 'states:StopExecution', `${executions}:cutover-test-rollout:shop-1`, {}, false],
  ])('%s: %s on %s with %j: %s', (name, action, resource, context, allowed) => {
    expect(isAllowed(policyOf(name), { action, resource, context })).toBe(allowed);
  });

  test('the evaluator refuses what it does not know', () => {
    const odd = [
      { actions: ['a'], resources: ['*'], conditions: [{ test: 'Bool' as never, variable: 'v', values: [] }] },
    ];
    expect(() => isAllowed(odd, { action: 'a', resource: 'r' })).toThrow(/Bool/);
    const denied = [
      { actions: ['a'], resources: ['*'] },
      { actions: ['a'], resources: ['*'], effect: 'Deny' },
    ];
    expect(isAllowed(denied, { action: 'a', resource: 'r' })).toBe(false);
  });
});

describe('with a VPC', () => {
  const vpc = { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-1'] };

  test('one function stands there, without AWS rights, and the others may ask through it', async () => {
    const { of } = await made({ vpc });
    const find = (type: string, name: string) =>
      of(type).find((one) => one.inputs.name === name || one.name === name)?.inputs;
    const probe = find('aws:lambda/function:Function', 'cutover-test-probe');
    expect(probe?.vpcConfig).toEqual({
      subnetIds: vpc.subnets,
      securityGroupIds: vpc.securityGroups,
      ipv6AllowedForDualStack: false,
    });
    // SST's own words: the app's name and stage, and where its resources would stand.
    const given = Object.keys(probe?.environment?.variables ?? {});
    expect(given.filter((name) => !name.startsWith('SST_'))).toEqual([]);
    const role = find('aws:iam/role:Role', 'cutover-test-probeRole');
    expect(role?.managedPolicyArns).toEqual([]);
    const statements = JSON.parse(role?.inlinePolicies[0].policy).statements as Evaluated[];
    const allowed = statements.filter(({ effect }) => effect === 'Allow').flatMap(({ actions }) => actions);
    const denied = statements.filter(({ effect }) => effect === 'Deny');
    const own = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect(denied).toHaveLength(1);
    expect(denied[0]?.conditions).toEqual([
      {
        test: 'ArnEquals',
        variable: 'lambda:SourceFunctionArn',
        values: [`${ours}lambda:eu-west-1:111122223333:function:cutover-test-probe`],
      },
    ]);
    expect(allowed.filter((action) => !own.includes(action)).sort()).toEqual([...(denied[0]?.actions ?? [])].sort());
    for (const name of names) {
      const { environment, vpcConfig } = find('aws:lambda/function:Function', `cutover-test-${name}`) ?? {};
      expect(vpcConfig).toBeUndefined();
      expect(environment.variables.CUTOVER_PROBE).toBe(
        `${ours}lambda:eu-west-1:111122223333:function:cutover-test-probe`,
      );
      const policy = JSON.parse(find('aws:iam/role:Role', `cutover-test-${name}Role`)?.inlinePolicies[0].policy);
      const resource = `${ours}lambda:eu-west-1:111122223333:function:cutover-test-probe`;
      expect([name, isAllowed(policy.statements, { action: 'lambda:InvokeFunction', resource })]).toEqual([
        name,
        commands[name].includes('lambda:Invoke'),
      ]);
    }
  }, 240_000);

  test('without a subnet or a security group it is refused', async () => {
    await expect(made({ vpc: { ...vpc, securityGroups: [] } })).rejects.toThrow(/one subnet and one security group/);
  }, 240_000);
});

describe('the state machine', () => {
  const machine = () => named('aws:sfn/stateMachine:StateMachine', 'cutover-test-rollout');

  test('is wholly bound, to versions', () => {
    const { definition } = machine();
    expect(definition).not.toContain('${');
    const bound = [...definition.matchAll(/arn:aws:lambda:[^"]+/g)].map(([arn]) => arn);
    expect(new Set(bound)).toEqual(
      new Set(
        names
          .filter((name) => timeouts[name].step)
          .map((name) => `arn:aws:lambda:eu-west-1:111122223333:function:cutover-test-${name}:7`),
      ),
    );
  });

  test('logs everything, is traced, and is published under an alias', () => {
    expect(machine()).toMatchObject({
      type: 'STANDARD',
      publish: true,
      tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'ALL', includeExecutionData: true },
    });
    expect(stack.of('aws:sfn/alias:Alias')[0]?.inputs.routingConfigurations).toEqual([
      {
        stateMachineVersionArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:cutover-test-rollout:3',
        weight: 100,
      },
    ]);
    const [logs] = stack
      .of('aws:cloudwatch/logGroup:LogGroup')
      .filter(({ inputs }) => inputs.name?.includes('vendedlogs'));
    expect(logs?.inputs.retentionInDays).toBe(90);
  });

  test('may call the steps, in every version, and nothing else', () => {
    const { inlinePolicies } = named('aws:iam/role:Role', 'cutover-test-rollout-role');
    const [invoke] = JSON.parse(inlinePolicies[0].policy).Statement;
    const step = 'arn:aws:lambda:eu-west-1:111122223333:function:cutover-test-judge';
    expect(invoke.Resource).toEqual(expect.arrayContaining([step, `${step}:*`]));
    expect(invoke.Resource.some((arn: string) => arn.includes('on-image'))).toBe(false);
    expect(invoke.Resource).not.toContain('*');
  });
});

describe('events', () => {
  test('have a rule for each trigger, with the pattern that the local cloud matches', () => {
    for (const { name, ...trigger } of triggers as { name: string; pattern?: Pattern; schedule?: string }[]) {
      const rule = named('aws:cloudwatch/eventRule:EventRule', `cutover-test-${name}`);
      expect(rule.eventBusName).toBeUndefined();
      if (trigger.pattern === undefined) expect(rule.scheduleExpression).toBe(trigger.schedule);
      else expect(rule.eventPattern).not.toContain('${');
    }
    const { eventPattern } = named('aws:cloudwatch/eventRule:EventRule', 'cutover-test-execution-stopped');
    const stopped = (machine: string, account = '111122223333') => ({
      account,
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { stateMachineArn: machine, status: 'ABORTED' },
    });
    const pattern = JSON.parse(eventPattern) as Pattern;
    expect(matches(pattern, stopped('arn:aws:states:eu-west-1:111122223333:stateMachine:cutover-test-rollout'))).toBe(
      true,
    );
    expect(matches(pattern, stopped('arn:aws:states:eu-west-1:111122223333:stateMachine:other'))).toBe(false);
  });

  test('count from the pipeline’s own account alone', () => {
    for (const { name, pattern } of triggers as { name: string; pattern?: Pattern }[]) {
      if (pattern === undefined) continue;
      const { eventPattern } = named('aws:cloudwatch/eventRule:EventRule', `cutover-test-${name}`);
      expect([name, (JSON.parse(eventPattern) as Pattern).account]).toEqual([name, ['111122223333']]);
    }
  });

  test('go to a version, are tried again, and end in a queue', () => {
    const targets = stack.of('aws:cloudwatch/eventTarget:EventTarget');
    expect(targets).toHaveLength(triggers.length);
    for (const { inputs } of targets) {
      expect(inputs.arn).toMatch(/:function:cutover-test-[a-z-]+:7$/);
      expect(inputs.deadLetterConfig.arn).toMatch(/dead-letters$/);
      expect(inputs.retryPolicy.maximumRetryAttempts).toBeGreaterThan(0);
    }
    for (const { inputs } of stack.of('aws:lambda/permission:Permission'))
      expect(inputs).toMatchObject({
        principal: 'events.amazonaws.com',
        qualifier: '7',
        sourceArn: expect.stringContaining(':rule/'),
      });
    // reconcile comes again by itself.
    for (const { inputs, name } of stack.of('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig'))
      if (name.includes('reconcile'))
        expect([inputs.maximumRetryAttempts, inputs.destinationConfig]).toEqual([0, undefined]);
      else expect(inputs.destinationConfig.onFailure.destination).toMatch(/dead-letters$/);
  });

  test('an event goes to a new version only once it may be invoked and keeps its failures', () => {
    const of = (type: string, name: string) => {
      const found = stack.of(type).find((one) => one.name === `cutover-test-${name}`);
      if (found?.asked === undefined || found.there === undefined) throw new Error(`there is no ${type} ${name}`);
      return { asked: found.asked, there: found.there };
    };
    for (const { name, function: target } of triggers) {
      const { asked } = of('aws:cloudwatch/eventTarget:EventTarget', `${name}-target`);
      const permission = of('aws:lambda/permission:Permission', `${name}-invoke`);
      const kept = of('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig', `${target}-events`);
      expect([name, permission.there <= asked, kept.there <= asked]).toEqual([name, true, true]);
    }
  });

  test('an alarm’s event is no use for long', () => {
    expect(named('aws:lambda/function:Function', 'cutover-test-on-alarm').reservedConcurrentExecutions).toBeUndefined();
    expect(named('aws:cloudwatch/eventTarget:EventTarget', 'cutover-test-alarm-on-target').retryPolicy).toMatchObject({
      maximumEventAgeInSeconds: 120,
    });
    expect(
      named('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig', 'cutover-test-on-alarm-events'),
    ).toMatchObject({ maximumEventAgeInSeconds: 120 });
  });
});

describe('docs/deploying.md', () => {
  const blocks = blocksOf(readFileSync(join(root, 'docs', 'deploying.md'), 'utf8'));

  test('says of every block of commands what is known about it', () => {
    expect(blocks.filter(({ mark }) => mark === null)).toEqual([]);
  });

  test.each(blocks.filter(({ mark }) => mark === 'Synthesised'))(
    'synthesised: $commands',
    async ({ commands }) => {
      const [, stage = ''] = /^npx --no-install sst (?:deploy|remove) --stage (\w+)$/.exec(commands) ?? [];
      const { resources, outputs } = await made({}, { stage });
      expect(outputs.table).toBe(`cutover-${stage}-ledger`);
      expect(resources.length).toBeGreaterThan(50);
    },
    240_000,
  );
});

describe('beside it', () => {
  test('the ledger is encrypted and restorable, and alarms and a dashboard watch the pipeline', () => {
    expect(named('aws:dynamodb/table:Table', 'cutover-test-ledger')).toMatchObject({
      billingMode: 'PAY_PER_REQUEST',
      hashKey: 'pk',
      rangeKey: 'sk',
      ttl: { attributeName: 'expires', enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: false,
    });
    expect(
      stack
        .of('aws:cloudwatch/metricAlarm:MetricAlarm')
        .map(({ inputs }) => inputs.name)
        .sort(),
    ).toEqual(
      [
        'dead-letters',
        'problem',
        'reconcile-silent',
        'rollback-failed',
        'stopped',
        'stuck',
        'waiting-long',
        ...names.filter((name) => name !== 'roll-back').map((name) => `${name}-fails`),
      ]
        .map((name) => `cutover-test-${name}`)
        .sort(),
    );
    const [dashboard] = stack.of('aws:cloudwatch/dashboard:Dashboard');
    const { widgets } = JSON.parse(dashboard?.inputs.dashboardBody);
    expect(widgets.map(({ properties }: { properties: { title: string } }) => properties.title)).toHaveLength(6);
  });

  test('what the dashboard shows of rollouts is counted out of lines that functions write', () => {
    const filters = stack.of('aws:cloudwatch/logMetricFilter:LogMetricFilter').map(({ inputs }) => inputs);
    for (const { logGroupName, pattern, metricTransformation } of filters) {
      expect(names.map((name) => `/aws/lambda/cutover-test-${name}`)).toContain(logGroupName);
      expect(pattern).toContain('$.message = "told"');
      expect(metricTransformation.namespace).toBe('cutover-test');
    }
    const [dashboard] = stack.of('aws:cloudwatch/dashboard:Dashboard');
    for (const name of ['RolloutsLive', 'RolloutsFailed', 'SecondsToLive', 'SecondsToSafe', 'RequestsFailed']) {
      expect(filters.map(({ metricTransformation }) => metricTransformation.name)).toContain(name);
      expect(dashboard?.inputs.dashboardBody).toContain(`"cutover-test","${name}"`);
    }
  });

  test('what needs a person is counted in the log of every function that records events, and pages', () => {
    const recording = names.filter((name) =>
      readFileSync(join(root, 'functions', `${name}.ts`), 'utf8').includes('notify'),
    );
    const filters = stack.of('aws:cloudwatch/logMetricFilter:LogMetricFilter').map(({ inputs }) => inputs);
    for (const [alarm, kind, logs] of [
      ['stuck', 'stuck', recording],
      ['problem', 'problem', recording],
      ['waiting-long', 'waiting', ['reconcile']],
    ] as const) {
      const { metricName, namespace, threshold } = named(
        'aws:cloudwatch/metricAlarm:MetricAlarm',
        `cutover-test-${alarm}`,
      );
      expect([namespace, threshold]).toEqual(['cutover-test', 0]);
      const counting = filters.filter(({ metricTransformation }) => metricTransformation.name === metricName);
      expect(counting.map(({ logGroupName }) => logGroupName.replace('/aws/lambda/cutover-test-', '')).sort()).toEqual(
        [...logs].sort(),
      );
      for (const { pattern } of counting) expect(pattern).toContain(`$.kind = "${kind}"`);
    }
  });

  test('a deployment without a topic says that nobody will be told', async () => {
    const said: string[] = [];
    const spies = (['error', 'warn', 'log'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...words) => void said.push(words.join(' '))),
    );
    try {
      await made();
      expect(said.join('\n')).toContain('Nobody will be told when cutover-test needs a person');
      said.length = 0;
      const told = await made({ notify: ['arn:aws:sns:eu-west-1:111122223333:on-call'] });
      expect(said.join('\n')).not.toContain('Nobody will be told');
      for (const { inputs } of told.of('aws:cloudwatch/metricAlarm:MetricAlarm'))
        expect(inputs.alarmActions).toEqual(['arn:aws:sns:eu-west-1:111122223333:on-call']);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }, 240_000);

  test('room for an abort is reserved where it is asked for, and only a whole number of executions', async () => {
    const { of } = await made({ reserved: 5 });
    expect(
      of('aws:lambda/function:Function').find(({ inputs }) => inputs.name === 'cutover-test-on-alarm')?.inputs
        .reservedConcurrentExecutions,
    ).toBe(5);
    await expect(made({ reserved: 0.5 })).rejects.toThrow(/whole number of concurrent executions, found 0.5/);
  }, 240_000);

  test('in every partition, roles are passed to its EC2, and every ARN is of it', async () => {
    for (const [partition, ec2] of [
      ['aws-cn', 'ec2.amazonaws.com.cn'],
      ['aws-us-gov', 'ec2.amazonaws.com'],
    ] as const) {
      const other = await made({ instanceRoles: [role.replace('aws', partition)] }, { partition });
      const policies = other.of('aws:iam/role:Role').map(({ inputs }) => JSON.stringify(inputs.inlinePolicies));
      expect(policies.join()).toContain(ec2);
      for (const policy of policies.map((one) => one.replaceAll(/arn:aws:(lambda|sqs|dynamodb)/g, 'arn:known:$1')))
        expect(policy).not.toContain('arn:aws:');
    }
  }, 240_000);

  /** AWS's limits on names, by type and property. */
  const longest: Record<string, [property: string, most: number]> = {
    'aws:lambda/function:Function': ['name', 64],
    'aws:iam/role:Role': ['name', 64],
    'aws:cloudwatch/eventRule:EventRule': ['name', 64],
    'aws:sfn/stateMachine:StateMachine': ['name', 80],
    'aws:sfn/alias:Alias': ['name', 80],
    'aws:sqs/queue:Queue': ['name', 80],
    'aws:dynamodb/table:Table': ['name', 255],
    'aws:cloudwatch/metricAlarm:MetricAlarm': ['name', 255],
    'aws:cloudwatch/dashboard:Dashboard': ['dashboardName', 255],
    'aws:cloudwatch/logGroup:LogGroup': ['name', 512],
    'aws:cloudwatch/logMetricFilter:LogMetricFilter': ['name', 512],
  };
  /** Named by what they are on, or by nothing. */
  const nameless = [
    'aws:cloudwatch/eventTarget:EventTarget',
    'aws:lambda/permission:Permission',
    'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
    'aws:sqs/queuePolicy:QueuePolicy',
    'aws:s3/bucketObjectv2:BucketObjectv2',
  ];

  test('under the longest names that are let through, every resource’s name is one that AWS takes', async () => {
    const { resources } = await made({}, { stage: 'a'.repeat(43 - 'cutover-'.length) });
    const ours = resources.filter(({ type }) => type.startsWith('aws:') && !nameless.includes(type));
    expect([...new Set(ours.map(({ type }) => type))].filter((type) => !(type in longest))).toEqual([]);
    const lengths = ours.map(({ type, name, inputs }) => {
      const [property, most] = longest[type] as [string, number];
      // Pulumi makes a name of what it is called here, a hyphen and seven characters.
      const actual: string = inputs[property] ?? `${name}-1234567`;
      return { type, actual, over: actual.length - most };
    });
    expect(lengths.filter(({ over }) => over > 0)).toEqual([]);
    // And no more would do.
    expect(Math.max(...lengths.map(({ over }) => over))).toBe(0);
  }, 240_000);

  test('in production the ledger cannot be deleted', async () => {
    const production = await made({}, { stage: 'production' });
    expect(production.of('aws:dynamodb/table:Table')[0]?.inputs.deletionProtectionEnabled).toBe(true);
  }, 240_000);

  test('it is a component of somebody else’s app, from the installed package', async () => {
    const app = mkdtempSync(join(tmpdir(), 'cutover-app-'));
    try {
      mkdirSync(join(app, 'node_modules'));
      symlinkSync(root, join(app, 'node_modules', 'cutover'));
      const installed = createRequire(join(app, 'package.json')).resolve('cutover/sst');
      const theirs = await synthesised(
        async () => {
          const { Cutover } = await import(installed);
          const { table } = new Cutover('Rollouts');
          return { table };
        },
        { app, name: 'shop' },
      );
      expect(theirs.outputs.table).toBe('shop-test-ledger');
      expect([...theirs.bundles].sort()).toEqual(
        names.map((name) => join(app, 'node_modules', 'cutover', 'dist', 'lambda', name)).sort(),
      );
    } finally {
      rmSync(app, { recursive: true, force: true });
    }
  }, 240_000);

  test.each<[string, object, object, RegExp]>([
    ['names too long for AWS', {}, { stage: 'a'.repeat(60) }, /come to 68 characters, AWS leaves 43/],
    ['a role that is none', { instanceRoles: ['admin'] }, {}, /expected the ARN of a role or a topic, found admin/],
  ])('%s are refused before anything is made', async (_, args, options, words) => {
    await expect(made(args, options)).rejects.toThrow(words);
  });
});
