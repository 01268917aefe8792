/** One account on two sides, under the same names and ARNs: in moto, behind the real clients, and in the simulated AWS. */
import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand, RegisterImageCommand } from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Service } from '../../core/config/service.ts';
import type { Clients } from '../../local/cloud.ts';
import { cloudForTests, definition, service as shop } from '../local/fixture.ts';
import { client, clientOptions } from './account.ts';

export interface Account {
  service: Service;
  template: string;
  subnets: string[];
  groups: { blue: string; green: string };
  repository: string;
  loadBalancer: string;
  stateMachine: string;
  /** Lets time pass where things take time. */
  pass(seconds: number): Promise<void>;
  /** What the world outside does. */
  push(tag: string, digest: string): Promise<void>;
  setAlarm(name: string, state: 'OK' | 'ALARM', reason: string): Promise<void>;
  putParameter(name: string, value: string): Promise<void>;
}

export type SidesClients = Pick<
  Clients,
  'ec2' | 'elbv2' | 'autoscaling' | 'cloudwatch' | 'ecr' | 'ssm' | 'iam' | 'eventbridge' | 'sfn'
>;
export interface Side {
  clients: SidesClients;
  account: Account;
}
export interface Sides {
  moto: Side;
  simulated: Side;
  /** What the simulated side was sent, by `service:Command`. */
  calls: ReadonlyMap<string, number>;
}

/** Commands, and what comes of them: of the answers what the adapters read, and the codes of errors. */
export interface Sequence {
  name: string;
  run(clients: SidesClients, account: Account): Promise<unknown>;
}

/** The code with which a call is refused. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => {
      // No service's word: whoever answers does not know the command, or fell over it.
      if (['Error', 'TypeError', 'SyntaxError'].includes(error.name)) throw error;
      return error.name;
    },
  );

/** What all sequences share in moto. */
const makeBase = async (name: string) => {
  const [ec2, elbv2] = [client('ec2'), client('elbv2')];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.slice(0, 3).map(({ SubnetId = '' }) => SubnetId);
  const balancer = await elbv2.send(new CreateLoadBalancerCommand({ Name: name, Subnets: subnets }));
  const loadBalancer = balancer.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const listener = await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancer,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
  );
  const { ImageId } = await ec2.send(new RegisterImageCommand({ Name: name, RootDeviceName: '/dev/xvda' }));
  const sfn = new SFNClient(clientOptions());
  const roleArn = 'arn:aws:iam::123456789012:role/rollout';
  const machine = await sfn.send(
    new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }),
  );
  const repository = `acme/${name}`;
  await client('ecr').send(new CreateRepositoryCommand({ repositoryName: repository }));
  return {
    subnets,
    zones: Subnets.slice(0, 3).map(({ AvailabilityZone = '' }) => AvailabilityZone),
    vpc: Subnets[0]?.VpcId,
    image: ImageId,
    loadBalancer,
    listener: listener.Listeners?.[0]?.ListenerArn,
    repository,
    sfn,
    iam: new IAMClient(clientOptions()),
    stateMachine: machine.stateMachineArn ?? '',
  };
};

type Base = Awaited<ReturnType<typeof makeBase>>;
let base: Promise<Base> | undefined;

/** What a sequence has for itself in moto. */
const makeService = async (
  name: string,
  { vpc, listener, image, subnets, repository }: Base,
  grouped: boolean,
): Promise<Service> => {
  const [ec2, elbv2] = [client('ec2'), client('elbv2')];
  const targetGroup = async (slot: string): Promise<string> => {
    const settings = { Protocol: 'HTTP', Port: 8080, VpcId: vpc, Matcher: { HttpCode: '200-399' } } as const;
    const command = new CreateTargetGroupCommand({ Name: `${name}-${slot}`, ...settings, HealthCheckPath: '/health' });
    return (await elbv2.send(command)).TargetGroups?.[0]?.TargetGroupArn ?? '';
  };
  const slots = { blue: await targetGroup('blue'), green: await targetGroup('green') };
  const TargetGroups = [
    { TargetGroupArn: slots.blue, Weight: 100 },
    { TargetGroupArn: slots.green, Weight: 0 },
  ];
  const rule = new CreateRuleCommand({
    ListenerArn: listener,
    Priority: Number(name.split('-').at(-1)) + 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: false } } }],
  });
  const { Rules = [] } = await elbv2.send(rule);
  const LaunchTemplateData = { ImageId: image, InstanceType: 't3.micro' } as const;
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData }));
  for (const slot of grouped ? (['blue', 'green'] as const) : [])
    await client('autoscaling').send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: `${name}-${slot}`,
        MinSize: 0,
        MaxSize: 10,
        VPCZoneIdentifier: subnets.join(','),
        TargetGroupARNs: [slots[slot]],
        HealthCheckType: 'ELB',
        LaunchTemplate: { LaunchTemplateName: name, Version: '1' },
      }),
    );
  return {
    ...shop,
    name,
    image: { kind: 'ecr', repository, tags: ['*'] },
    fleet: { kind: 'instances', launchTemplate: name, subnets, count: 2 },
    rules: [Rules[0]?.RuleArn ?? ''],
    slots,
  };
};

/** `grouped`: with Auto Scaling groups in moto, too. */
export const openSides = async (name: string, grouped: boolean): Promise<Sides> => {
  base ??= makeBase('differential');
  const { sfn, iam, stateMachine, repository, loadBalancer, subnets, zones } = await base;
  const service = await makeService(name, await base, grouped);
  const groups = { blue: `${name}-blue`, green: `${name}-green` };
  const common = { service, template: name, subnets, groups, repository, loadBalancer };
  const [ec2, elbv2, autoscaling] = [client('ec2'), client('elbv2'), client('autoscaling')];
  const [cloudwatch, ecr, ssm, eventbridge] = [
    client('cloudwatch'),
    client('ecr'),
    client('ssm'),
    client('eventbridge'),
  ];
  const moto: Account = {
    ...common,
    stateMachine,
    pass: async () => undefined,
    push: async (imageTag, imageDigest) => {
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, layers: [], annotations: { imageTag } });
      await ecr.send(new PutImageCommand({ repositoryName: repository, imageTag, imageDigest, imageManifest }));
    },
    setAlarm: async (AlarmName, StateValue, StateReason) => {
      const metric = { Namespace: 'AWS/ApplicationELB', MetricName: 'RequestCount', Statistic: 'Sum' } as const;
      const terms = {
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      } as const;
      await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...metric, ...terms }));
      await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason }));
    },
    putParameter: async (Name, Value) => {
      await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    },
  };
  const cloud = cloudForTests({ latency: 'none' });
  cloud.setUp(service, { zones });
  cloud.setUp({ ...service, fleet: { kind: 'groups', ...groups, count: 2 } }, { groups: { max: 10 } });
  const simulated: Account = {
    ...common,
    stateMachine: 'arn:aws:states:eu-west-1:111122223333:stateMachine:rollout',
    pass: cloud.pass,
    push: async (tag, digest) => void cloud.push(repository, { digest, tags: [tag] }),
    setAlarm: async (...alarm) => cloud.setAlarm(...alarm),
    putParameter: async (...parameter) => cloud.putParameter(...parameter),
  };
  return {
    moto: { clients: { ec2, elbv2, autoscaling, cloudwatch, ecr, ssm, iam, eventbridge, sfn }, account: moto },
    simulated: { clients: cloud.clients, account: simulated },
    calls: cloud.calls,
  };
};
