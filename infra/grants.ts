/** For each command that a function sends: the actions, resources and conditions that its role needs, and why they are not narrower. */
import { inTheRegion, type Looked, notKnownBefore } from '../core/config/permissions.ts';
import { metricsProviders } from '../core/config/providers/providers.ts';
import { imageSources } from '../core/config/sources/sources.ts';

export interface Statement {
  effect?: 'deny';
  actions: string[];
  resources: string[];
  conditions?: { test: 'StringEquals' | 'StringLike' | 'ArnEquals'; variable: string; values: string[] }[];
}

/** What resources are named by. */
export interface Scope {
  partition: string;
  region: string;
  account: string;
  /** ARNs. */
  table: string;
  machine: string;
  /** Of the function that stands in the VPC; null: there is none. */
  probe: string | null;
  /** Roles that instances run as: those of the launch templates' instance profiles. */
  instanceRoles: string[];
}

export interface Grant {
  statements: (scope: Scope) => Statement[];
  /** Why it is not on a resource of a service's own: what IAM cannot do, or what a service's data would have to say. */
  wide?: string;
}

const arn = ({ partition, region, account }: Scope, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

/** Whatever a service's data names carries its tag: examples/terraform sets it, `cutover adopt` does, launches do. */
const ofAService: Statement['conditions'] = [
  { test: 'StringLike', variable: 'aws:ResourceTag/cutover:service', values: ['?*'] },
];

/** CloudWatch API reference, DescribeAlarms and DescribeAlarmHistory: a narrower scope is not refused, it leaves composite alarms out of the answer. */
const composite = 'an answer under a narrower scope leaves out composite alarms; it only reads';

const everywhere = (action: string, wide = inTheRegion): Grant => ({
  wide,
  statements: () => [{ actions: [action], resources: ['*'] }],
});

const on = (action: string, service: string, resource: string, wide = notKnownBefore): Grant => ({
  wide,
  statements: (scope) => [{ actions: [action], resources: [arn(scope, service, resource)] }],
});

const onTagged = (action: string, service: string, resource: string): Grant => ({
  statements: (scope) => [{ actions: [action], resources: [arn(scope, service, resource)], conditions: ofAService }],
});

const onTable = (action: string): Grant => ({
  statements: ({ table }) => [{ actions: [action], resources: [table] }],
});

const onExecutions = (action: string): Grant => ({
  statements: ({ machine }) => [
    { actions: [action], resources: [`${machine.replace(':stateMachine:', ':execution:')}:*`] },
  ],
});

const onMachine = (action: string): Grant => ({
  statements: ({ machine }) => [{ actions: [action], resources: [machine] }],
});

/** The parts of an instance that are launched from what exists, which carries no tag of ours. */
const ingredients = [
  'capacity-reservation',
  'image',
  'key-pair',
  'launch-template',
  'network-interface',
  'placement-group',
  'security-group',
  'snapshot',
  'spot-instances-request',
  'subnet',
  'volume',
];

/**
 * Service Authorization Reference, EC2: RunInstances needs CreateTags where it tags, and PassRole where the template has an instance profile.
 * Images belong to other accounts as well, and their ARNs name none.
 */
const launches = (scope: Scope): Statement[] => [
  {
    actions: ['ec2:RunInstances'],
    resources: [arn(scope, 'ec2', 'instance/*')],
    conditions: [{ test: 'StringLike', variable: 'aws:RequestTag/cutover:service', values: ['?*'] }],
  },
  {
    actions: ['ec2:RunInstances'],
    resources: ingredients.map((kind) =>
      kind === 'image' || kind === 'snapshot'
        ? `arn:${scope.partition}:ec2:${scope.region}::${kind}/*`
        : arn(scope, 'ec2', `${kind}/*`),
    ),
  },
  {
    actions: ['ec2:CreateTags'],
    resources: ['instance', 'network-interface', 'volume'].map((kind) => arn(scope, 'ec2', `${kind}/*`)),
    conditions: [{ test: 'StringEquals', variable: 'ec2:CreateAction', values: ['RunInstances'] }],
  },
  ...passed(scope),
];

/** EC2's is the one of the services here whose principal is another one in China: its domain is the partition's. */
const ec2In = (partition: string): string => (partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com');

const passed = ({ partition, instanceRoles }: Scope): Statement[] =>
  instanceRoles.length === 0
    ? []
    : [
        {
          actions: ['iam:PassRole'],
          resources: instanceRoles,
          conditions: [{ test: 'StringEquals', variable: 'iam:PassedToService', values: [ec2In(partition)] }],
        },
      ];

/** What a source of images or of figures says that looking it up takes. */
const lookedUp = ({ looksUp }: { looksUp: Looked }): Record<string, Grant> =>
  Object.fromEntries(
    Object.entries(looksUp).map(([command, { on: where, wide }]) => [
      command,
      {
        wide,
        statements: ({ partition, region, account }): Statement[] => {
          const named = (one: string) => one.replaceAll('{region}', region).replaceAll('{account}', account);
          return [
            {
              actions: [command],
              resources: where.map((one) => (one === '*' ? one : `arn:${partition}:${named(one)}`)),
            },
          ];
        },
      },
    ]),
  );

/** EC2 resolves a template's image that is written as `resolve:ssm:` with the caller's rights (EC2 user guide, launch templates and parameters). */
const templatesDescribed = ({ partition, region, account }: Scope): Statement[] => [
  { actions: ['ec2:DescribeLaunchTemplateVersions'], resources: ['*'] },
  {
    actions: ['ssm:GetParameters'],
    resources: [`${region}:${account}:parameter/*`, `${region}::parameter/aws/service/*`].map(
      (one) => `arn:${partition}:ssm:${one}`,
    ),
  },
];

const templates =
  'a launch template is its owner’s and may carry no tag; a new version of it changes nothing that runs, and only versions that say that they were made here are deleted';

/** Every command that any function sends, and no other. */
export const grants: Record<string, Grant> = {
  ...Object.assign({}, ...[...imageSources, ...metricsProviders].map(lookedUp)),
  'autoscaling:DescribeAutoScalingGroups': everywhere('autoscaling:DescribeAutoScalingGroups'),
  'autoscaling:DescribeInstanceRefreshes': everywhere('autoscaling:DescribeInstanceRefreshes'),
  'autoscaling:DescribeScalingActivities': everywhere('autoscaling:DescribeScalingActivities'),
  'autoscaling:DescribeScheduledActions': everywhere('autoscaling:DescribeScheduledActions'),
  'autoscaling:DescribeWarmPool': everywhere('autoscaling:DescribeWarmPool'),
  'autoscaling:SetInstanceProtection': onTagged(
    'autoscaling:SetInstanceProtection',
    'autoscaling',
    'autoScalingGroup:*',
  ),
  'autoscaling:SuspendProcesses': onTagged('autoscaling:SuspendProcesses', 'autoscaling', 'autoScalingGroup:*'),
  'autoscaling:ResumeProcesses': onTagged('autoscaling:ResumeProcesses', 'autoscaling', 'autoScalingGroup:*'),
  'autoscaling:UpdateAutoScalingGroup': {
    wide: 'Auto Scaling tries a launch with the caller’s rights, of instances that the group tags, not the call',
    statements: (scope) => [
      {
        actions: ['autoscaling:UpdateAutoScalingGroup'],
        resources: [arn(scope, 'autoscaling', 'autoScalingGroup:*')],
        conditions: ofAService,
      },
      // Amazon EC2 Auto Scaling user guide, launch template permissions.
      {
        actions: ['ec2:RunInstances'],
        resources: [arn(scope, 'ec2', 'instance/*')],
        conditions: [
          { test: 'StringLike', variable: 'ec2:LaunchTemplate', values: [arn(scope, 'ec2', 'launch-template/*')] },
        ],
      },
      ...launches(scope),
    ],
  },
  'cloudwatch:DescribeAlarmHistory': everywhere('cloudwatch:DescribeAlarmHistory', composite),
  'cloudwatch:DescribeAlarms': everywhere('cloudwatch:DescribeAlarms', composite),
  'dynamodb:GetItem': onTable('dynamodb:GetItem'),
  'dynamodb:Query': onTable('dynamodb:Query'),
  // DynamoDB developer guide, transactions: the rights are those of what is in it, and the ledger only updates.
  'dynamodb:TransactWriteItems': onTable('dynamodb:UpdateItem'),
  'ec2:CreateLaunchTemplateVersion': on('ec2:CreateLaunchTemplateVersion', 'ec2', 'launch-template/*', templates),
  'ec2:DeleteLaunchTemplateVersions': on('ec2:DeleteLaunchTemplateVersions', 'ec2', 'launch-template/*', templates),
  'ec2:DescribeImages': everywhere('ec2:DescribeImages'),
  'ec2:DescribeInstanceTypes': everywhere('ec2:DescribeInstanceTypes'),
  'ec2:DescribeInstances': everywhere('ec2:DescribeInstances'),
  'ec2:DescribeLaunchTemplateVersions': { wide: notKnownBefore, statements: templatesDescribed },
  'ec2:DescribeSpotInstanceRequests': everywhere('ec2:DescribeSpotInstanceRequests'),
  'ec2:DescribeSubnets': everywhere('ec2:DescribeSubnets'),
  'ec2:GetConsoleOutput': onTagged('ec2:GetConsoleOutput', 'ec2', 'instance/*'),
  'ec2:RunInstances': { wide: 'images, subnets and security groups are their owners’', statements: launches },
  'ec2:TerminateInstances': onTagged('ec2:TerminateInstances', 'ec2', 'instance/*'),
  'elbv2:DeregisterTargets': onTagged(
    'elasticloadbalancing:DeregisterTargets',
    'elasticloadbalancing',
    'targetgroup/*',
  ),
  'elbv2:DescribeListeners': everywhere('elasticloadbalancing:DescribeListeners'),
  'elbv2:DescribeLoadBalancers': everywhere('elasticloadbalancing:DescribeLoadBalancers'),
  'elbv2:DescribeRules': everywhere('elasticloadbalancing:DescribeRules'),
  'elbv2:DescribeTargetGroupAttributes': everywhere('elasticloadbalancing:DescribeTargetGroupAttributes'),
  'elbv2:DescribeTargetGroups': everywhere('elasticloadbalancing:DescribeTargetGroups'),
  'elbv2:DescribeTargetHealth': everywhere('elasticloadbalancing:DescribeTargetHealth'),
  'elbv2:ModifyRule': onTagged('elasticloadbalancing:ModifyRule', 'elasticloadbalancing', 'listener-rule/app/*'),
  'elbv2:RegisterTargets': onTagged('elasticloadbalancing:RegisterTargets', 'elasticloadbalancing', 'targetgroup/*'),
  'eventbridge:PutEvents': {
    statements: (scope) => [{ actions: ['events:PutEvents'], resources: [arn(scope, 'events', 'event-bus/default')] }],
  },
  'lambda:Invoke': {
    statements: ({ probe }) => (probe === null ? [] : [{ actions: ['lambda:InvokeFunction'], resources: [probe] }]),
  },
  'servicequotas:GetAWSDefaultServiceQuota': everywhere('servicequotas:GetAWSDefaultServiceQuota'),
  'servicequotas:GetServiceQuota': on('servicequotas:GetServiceQuota', 'servicequotas', 'ec2/*'),
  'sfn:DescribeExecution': onExecutions('states:DescribeExecution'),
  'sfn:GetExecutionHistory': onExecutions('states:GetExecutionHistory'),
  'sfn:ListExecutions': onMachine('states:ListExecutions'),
  'sfn:SendTaskSuccess': everywhere(
    'states:SendTaskSuccess',
    'the action takes no resource; a token is its own secret',
  ),
  'sfn:StartExecution': onMachine('states:StartExecution'),
  'sfn:StopExecution': onExecutions('states:StopExecution'),
};

/** The statements of a function that sends these commands, the same one once. */
export const statementsOf = (commands: readonly string[], scope: Scope): Statement[] => {
  const all = commands.flatMap((command) => {
    const grant = grants[command];
    if (grant === undefined) throw new Error(`nothing says what a role must allow for ${command}: infra/grants.ts`);
    return grant.statements(scope);
  });
  return [...new Map(all.map((statement) => [JSON.stringify(statement), statement])).values()];
};
