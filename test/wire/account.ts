/** An account in moto: a load balancer with a rule that weighs two target groups, a fleet's parts, a repository, the ledger's table. */
import { createHash } from 'node:crypto';
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Service } from '../../core/config/service.ts';
import { groups, instances, parseServices } from '../../core/index.ts';
import { ledgerTable } from '../ledger-table.ts';

export const region = 'eu-west-1';
const options = () => ({
  region,
  endpoint: process.env.CUTOVER_MOTO ?? '',
  credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  maxAttempts: 3,
});

const made = new Map<string, { send(command: never): Promise<unknown> }>();
const classes = {
  ec2: EC2Client,
  elbv2: ElasticLoadBalancingV2Client,
  autoscaling: AutoScalingClient,
  cloudwatch: CloudWatchClient,
  dynamodb: DynamoDBClient,
  ecr: ECRClient,
  ssm: SSMClient,
  eventbridge: EventBridgeClient,
};

/** The real client of a service, against moto. */
export const client = <Name extends keyof typeof classes>(name: Name): InstanceType<(typeof classes)[Name]> => {
  const known = made.get(name) ?? (new classes[name](options()) as never);
  made.set(name, known);
  return known as never;
};
export const clientOptions = options;

export interface Account {
  service: Service;
  table: string;
  /** What an image of that tag is known by. */
  digestOf(tag: string): string;
  /** Pushes one and answers its digest. */
  push(tag: string): Promise<string>;
}

/** Everything under one name, so that several stand side by side. */
export const createAccount = async (name: string, kind: 'instances' | 'groups', count = 2): Promise<Account> => {
  const ec2 = client('ec2');
  const elb = client('elbv2');
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.slice(0, 3).map(({ SubnetId }) => SubnetId as string);
  const vpc = Subnets[0]?.VpcId as string;
  const targetGroup = async (slot: string): Promise<string> => {
    const { TargetGroups = [] } = await elb.send(
      new CreateTargetGroupCommand({
        Name: `${name}-${slot}`,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: vpc,
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        Tags: [{ Key: 'cutover:service', Value: name }],
      }),
    );
    return TargetGroups[0]?.TargetGroupArn as string;
  };
  const slots = { blue: await targetGroup('blue'), green: await targetGroup('green') };
  const { LoadBalancers = [] } = await elb.send(new CreateLoadBalancerCommand({ Name: name, Subnets: subnets }));
  const { Listeners = [] } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
  );
  const { Rules = [] } = await elb.send(
    new CreateRuleCommand({
      ListenerArn: Listeners[0]?.ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: slots.blue, Weight: 100 },
              { TargetGroupArn: slots.green, Weight: 0 },
            ],
          },
        },
      ],
    }),
  );
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: {
        ImageId: Images[0]?.ImageId,
        InstanceType: 't3.micro',
        MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
      },
    }),
  );
  if (kind === 'groups')
    for (const slot of ['blue', 'green'] as const)
      await client('autoscaling').send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: `${name}-${slot}`,
          MinSize: 0,
          MaxSize: 10,
          DesiredCapacity: 0,
          VPCZoneIdentifier: subnets.join(','),
          TargetGroupARNs: [slots[slot]],
          HealthCheckType: 'ELB',
          LaunchTemplate: { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId, Version: '1' },
          Tags: [{ Key: 'cutover:service', Value: name, PropagateAtLaunch: false }],
        }),
      );
  const repository = `acme/${name}`;
  await client('ecr').send(new CreateRepositoryCommand({ repositoryName: repository }));
  const table = `${name}-ledger`;
  await client('dynamodb').send(ledgerTable(table));
  const parsed = parseServices({
    [name]: {
      image: { kind: 'ecr', repository, tags: ['*'] },
      fleet:
        kind === 'groups'
          ? groups({ blue: `${name}-blue`, green: `${name}-green`, count })
          : instances({ launchTemplate: name, subnets, count }),
      rules: [Rules[0]?.RuleArn],
      slots,
      strategy: { steps: [50, 100].map((weight) => ({ weight, bake: '1 second' })) },
      // Nobody asks moto's instances for anything.
      checks: { decisions: { noTraffic: 'advance' }, readyWithin: '60 seconds' },
      timing: { period: '1 second', settling: '1 second' },
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 2));
  // moto makes the same digest of every manifest.
  const digestOf = (tag: string): string => `sha256:${createHash('sha256').update(`${name} ${tag}`).digest('hex')}`;
  return {
    service: parsed.services[0] as Service,
    table,
    digestOf,
    push: async (tag) => {
      const imageDigest = digestOf(tag);
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, layers: [], annotations: { tag } });
      await client('ecr').send(
        new PutImageCommand({ repositoryName: repository, imageTag: tag, imageDigest, imageManifest }),
      );
      return imageDigest;
    },
  };
};
