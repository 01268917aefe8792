/** Where moto 5.2.5 and the simulated AWS are known to differ, and which of them AWS's documentation is with. */

interface Source {
  title: string;
  section: string;
  url: string;
}

export interface Difference {
  /** The sequence's name. */
  sequence: string;
  /** What of it differs: what the simulated AWS comes to, and what moto does. */
  differs: Record<string, [simulated: unknown, moto: unknown]>;
  like: 'simulated' | 'moto';
  source: Source;
}

const reference =
  (title: string, folder: string) =>
  (action: string, section: string): Source => ({
    title: `${title}, ${action}`,
    section,
    url: `https://docs.aws.amazon.com/${folder}/API_${action}.html`,
  });
const ec2 = reference('Amazon EC2 API Reference', 'AWSEC2/latest/APIReference');
const elb = reference('Elastic Load Balancing API Reference', 'elasticloadbalancing/latest/APIReference');
const autoScaling = reference('Amazon EC2 Auto Scaling API Reference', 'autoscaling/ec2/APIReference');
const eventBridge = reference('Amazon EventBridge API Reference', 'eventbridge/latest/APIReference');
const stepFunctions = reference('AWS Step Functions API Reference', 'step-functions/latest/apireference');

const idempotency = (section: string): Source => ({
  title: 'Amazon EC2 Developer Guide, Ensuring idempotency in Amazon EC2 API requests',
  section,
  url: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html',
});
const errorCodes = (code: string): Source => ({
  title: 'Amazon EC2 Developer Guide, Error codes for the Amazon EC2 API',
  section: code,
  url: 'https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html',
});

/** Rules' actions, as the sequences show them. */
const toBlue = { Type: 'forward', groups: ['blue 1'], sticky: false };
const toBoth = (blue: number, green: number) => ({ ...toBlue, groups: [`blue ${blue}`, `green ${green}`] });

const refused = (code: string): [string, string] => [code, 'accepted'];

export const differences: Difference[] = [
  {
    sequence: 'RunInstances twice with one client token',
    differs: { again: ['i-1', 'i-2'], many: [1, 2] },
    like: 'simulated',
    source: idempotency('Client token idempotency'),
  },
  {
    sequence: 'RunInstances with one client token and other parameters',
    differs: {
      otherTags: refused('IdempotentParameterMismatch'),
      moreInstances: refused('IdempotentParameterMismatch'),
    },
    like: 'simulated',
    source: idempotency('Client token idempotency'),
  },
  {
    sequence: 'RunInstances with the client token of an instance that has ended',
    differs: { again: refused('IdempotentInstanceTerminated') },
    like: 'simulated',
    source: errorCodes('IdempotentInstanceTerminated'),
  },
  {
    sequence: 'RunInstances from what is not there',
    differs: { image: refused('InvalidAMIID.NotFound') },
    like: 'simulated',
    source: errorCodes('InvalidAMIID.NotFound'),
  },
  {
    sequence: 'RunInstances with a tag that instance metadata cannot show',
    differs: { code: refused('InvalidParameterValue') },
    like: 'simulated',
    source: {
      title: 'Amazon EC2 User Guide, View tags for your EC2 instances using instance metadata',
      section: 'Enable access to tags in instance metadata: which characters a key may have',
      url: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html',
    },
  },
  {
    sequence: 'TerminateInstances twice',
    differs: {
      again: [
        [{ id: 'i-1', from: 'terminated', to: 'terminated' }],
        [{ id: 'i-1', from: 'terminated', to: 'shutting-down' }],
      ],
    },
    like: 'simulated',
    source: ec2('TerminateInstances', 'This operation is idempotent'),
  },
  {
    sequence: 'CreateLaunchTemplateVersion inherits from its source, and does not become the default',
    differs: { inherits: [true, false] },
    like: 'simulated',
    source: ec2('CreateLaunchTemplateVersion', 'SourceVersion'),
  },
  {
    sequence: 'CreateLaunchTemplateVersion twice with one client token',
    differs: {
      versions: [
        [2, 2],
        [2, 3],
      ],
      otherParameters: refused('IdempotentParameterMismatch'),
    },
    like: 'simulated',
    source: ec2('CreateLaunchTemplateVersion', 'ClientToken'),
  },
  {
    sequence: 'DescribeImages, DescribeSnapshots',
    differs: { ofAnother: [[], ['ami-1']], byOtherName: [[], ['ami-1']] },
    like: 'simulated',
    source: ec2('DescribeImages', 'Filter.N, Owner.N'),
  },
  {
    sequence: 'DescribeAutoScalingGroups by name, one of which is not there',
    differs: { sources: [[{ Identifier: 'blue', Type: 'elbv2' }], undefined] },
    like: 'simulated',
    source: autoScaling('AutoScalingGroup', 'TrafficSources'),
  },
  {
    sequence: 'UpdateAutoScalingGroup within and beyond its bounds',
    differs: {
      aboveMax: refused('ValidationError'),
      belowMin: refused('ValidationError'),
      minAboveMax: refused('ValidationError'),
      after: [
        [2, 3, 10],
        [11, 11, 10],
      ],
      minAlone: [
        [5, 5, 10],
        [5, 11, 10],
      ],
    },
    like: 'simulated',
    source: autoScaling('UpdateAutoScalingGroup', 'DesiredCapacity: between the minimum and the maximum size'),
  },
  {
    sequence: 'UpdateAutoScalingGroup of a group, to a version that is not there',
    differs: { version: refused('ValidationError'), template: ['ValidationError', 'InvalidLaunchTemplateId.NotFound'] },
    like: 'simulated',
    source: autoScaling('UpdateAutoScalingGroup', 'Errors: none of EC2; Common Errors: ValidationError'),
  },
  {
    sequence: 'SuspendProcesses of a process that is not there',
    differs: { process: refused('ValidationError') },
    like: 'simulated',
    source: autoScaling('SuspendProcesses', 'ScalingProcesses: one or more of the following'),
  },
  {
    sequence: 'a group that is filled, and its targets',
    differs: { activities: [Array(2).fill('Successful Launching a new EC2 instance'), []] },
    like: 'simulated',
    source: autoScaling('DescribeScalingActivities', 'Activities'),
  },
  {
    sequence: 'AttachLoadBalancerTargetGroups and DetachLoadBalancerTargetGroups, each twice',
    differs: { noTargetGroup: ['ValidationError', 'TargetGroupNotFound'] },
    like: 'simulated',
    source: autoScaling('AttachLoadBalancerTargetGroups', 'Errors: none of ELB; Common Errors: ValidationError'),
  },
  {
    sequence: 'ModifyRule to one target group, in the long form and in the short one',
    differs: {
      long: [[{ ...toBlue, sole: 'blue' }], [toBlue]],
      short: [[{ ...toBlue, sole: 'blue' }], [{ Type: 'forward', sole: 'blue' }]],
    },
    like: 'simulated',
    source: elb('Action', 'TargetGroupArn, ForwardConfig: both, and they agree'),
  },
  {
    sequence: 'ModifyRule with what it does not take',
    differs: {
      negativeWeight: refused('ValidationError'),
      weightOf1000: refused('ValidationError'),
      after: [[toBoth(100, 0)], [toBoth(1000, 0)]],
    },
    like: 'simulated',
    source: elb('TargetGroupTuple', 'Weight: the range is 0 to 999'),
  },
  {
    sequence: 'AddTags and RemoveTags, each twice',
    differs: {
      unknownRule: refused('RuleNotFoundException'),
      unknownTargetGroup: refused('TargetGroupNotFoundException'),
    },
    like: 'simulated',
    source: elb('DescribeTags', 'Errors: RuleNotFound, TargetGroupNotFound'),
  },
  {
    sequence: 'RegisterTargets of what does not run, and where there is no target group',
    differs: {
      unknown: refused('InvalidTargetException'),
      besideOne: refused('InvalidTargetException'),
      health: [[], ['i-1', 'i-2'].map((id) => ({ id, state: 'healthy' }))],
    },
    like: 'simulated',
    source: elb('RegisterTargets', 'Errors: InvalidTarget'),
  },
  {
    sequence: 'DeregisterTargets of one that is registered, of the same again, of one that never was',
    differs: {
      codes: [
        ['accepted', 'accepted'],
        ['accepted', 'InvalidTargetException'],
      ],
      never: ['accepted', 'InvalidTargetException'],
      unknownInstance: ['accepted', 'InvalidTargetException'],
    },
    like: 'simulated',
    source: elb('DeregisterTargets', 'Note: if the specified target does not exist, the action returns successfully'),
  },
  {
    sequence: 'DescribeTargetHealth of a group that no rule names, of targets as they leave, of no group',
    differs: {
      unnamed: [[{ id: 'i-1', state: 'unused', reason: 'Target.NotInUse' }], [{ id: 'i-1', state: 'healthy' }]],
      leaving: [[{ id: 'i-1', state: 'draining', reason: 'Target.DeregistrationInProgress' }], []],
    },
    like: 'simulated',
    source: elb('TargetHealth', 'Reason: Target.NotInUse, Target.DeregistrationInProgress'),
  },
  {
    sequence: 'CreateTargetGroup like another, twice; DeleteTargetGroup, twice',
    differs: { again: ['accepted', 'DuplicateTargetGroupNameException'] },
    like: 'simulated',
    source: elb('CreateTargetGroup', 'This operation is idempotent'),
  },
  {
    sequence: 'CreateTargetGroup like another, twice; DeleteTargetGroup, twice',
    differs: {
      removed: [
        ['accepted', 'accepted'],
        ['accepted', 'TargetGroupNotFoundException'],
      ],
    },
    like: 'simulated',
    source: elb('DeleteTargetGroup', 'Errors: none but ResourceInUse'),
  },
  {
    sequence: 'PutEvents with one entry, none and too many',
    differs: { none: refused('ValidationException') },
    like: 'simulated',
    source: eventBridge('PutEvents', 'Entries: at least one item, at most ten'),
  },
  {
    sequence: 'StartExecution twice under one name, and StopExecution twice',
    // moto has one history for all executions, in its own order.
    differs: {
      newest: [['ExecutionAborted'], ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']],
    },
    like: 'simulated',
    source: stepFunctions('GetExecutionHistory', 'reverseOrder, maxResults'),
  },
  {
    sequence: 'Step Functions asked for what is not there',
    differs: { token: refused('InvalidToken') },
    like: 'simulated',
    source: stepFunctions('SendTaskSuccess', 'Errors: InvalidToken'),
  },
];

/** Commands that are simulated, and that moto does not know, or that nothing here compares with it. */
export const notCompared: string[] = [
  'sfn:RedriveExecution',
  'ec2:DeleteLaunchTemplateVersions',
  'autoscaling:DescribeInstanceRefreshes',
  'cloudwatch:DescribeAlarmHistory',
  'iam:SimulatePrincipalPolicy',
  'iam:GetAccountSummary',
  'eventbridge:ListRules',
  'lambda:GetAccountSettings',
  // moto runs functions in containers, which a test machine has none of.
  'lambda:Invoke',
  // A client of its own, which test/cli/route53.test.ts holds to AWS's signature vectors.
  'route53:ListHostedZones',
  'route53:ListResourceRecordSets',
  'imagebuilder:GetImage',
  'imagebuilder:ListImageBuildVersions',
  'imagebuilder:ListImages',
  'servicequotas:GetAWSDefaultServiceQuota',
  // moto knows another service's quotas only.
  'servicequotas:GetServiceQuota',
];
