/** The account's limits and their use: addresses in subnets, vCPUs, quotas. */
import type * as ec2 from '@aws-sdk/client-ec2';
import type * as quotas from '@aws-sdk/client-service-quotas';
import { type Answer, awsError, type Handlers, only } from '../client.ts';
import type { Instance } from './resources.ts';
import { usualSettings } from './target-group-settings.ts';
import { region, type World } from './world.ts';

/** vCPUs by size; the EC2 instance types page. */
const sizes: Record<string, number> = {
  nano: 2,
  micro: 2,
  small: 2,
  medium: 1,
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
  metal: 64,
};

const vcpus = (type: string): number => sizes[type.split('.')[1] ?? ''] ?? 2;

/** The quotas that are known here: running Standard instances, in vCPUs, On-Demand and Spot. */
const standard = 'L-1216C47A';
const standardSpot = 'L-34B43A08';

const isRunning = ({ state }: Instance): boolean => state === 'pending' || state === 'running';

/** As CloudWatch's usage metric counts them: `Standard/OnDemand`, `Standard/Spot`. */
export const usedVcpus = (world: World, kind: string | undefined): number => {
  const spot = kind === 'Standard/Spot';
  let sum = 0;
  for (const instance of world.instances.values())
    if (isRunning(instance) && instance.spot === spot) sum += vcpus(instance.type);
  return sum;
};

/** Answered by EC2. */
export const limitHandlers = (world: World) =>
  ({
    DescribeSubnets: (input: ec2.DescribeSubnetsCommandInput): Answer<ec2.DescribeSubnetsCommandOutput> => {
      only('ec2 DescribeSubnets', input, ['SubnetIds']);
      return {
        // Asked for none by name, EC2 tells of all.
        Subnets: (input.SubnetIds?.length ? input.SubnetIds : [...world.subnets.keys()]).map((id) => {
          const subnet = world.subnets.get(id);
          if (subnet === undefined) throw awsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
          let used = 0;
          for (const instance of world.instances.values()) if (instance.subnet.id === id && isRunning(instance)) used++;
          return {
            SubnetId: id,
            VpcId: usualSettings.VpcId,
            AvailabilityZone: subnet.zone,
            AvailableIpAddressCount: Math.max(0, (world.addresses.get(id) ?? 4091) - used),
          };
        }),
      };
    },

    DescribeInstanceTypes: (
      input: ec2.DescribeInstanceTypesCommandInput,
    ): Answer<ec2.DescribeInstanceTypesCommandOutput> => {
      only('ec2 DescribeInstanceTypes', input, ['InstanceTypes']);
      return {
        InstanceTypes: (input.InstanceTypes ?? []).map((InstanceType) => {
          const size = InstanceType.split('.')[1] ?? '';
          if (!(size in sizes))
            throw awsError(
              'InvalidInstanceType',
              `The following supplied instance types do not exist: [${InstanceType}]`,
            );
          return { InstanceType, VCpuInfo: { DefaultVCpus: vcpus(InstanceType) } };
        }),
      };
    },
  }) satisfies Handlers;

const quotaView = (Value: number, QuotaCode: string = standard): quotas.ServiceQuota => ({
  ServiceCode: 'ec2',
  QuotaCode,
  QuotaName:
    QuotaCode === standardSpot
      ? 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests'
      : 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
  QuotaArn: `arn:aws:servicequotas:${region}::ec2/${QuotaCode}`,
  Value,
  UsageMetric: {
    MetricNamespace: 'AWS/Usage',
    MetricName: 'ResourceCount',
    MetricDimensions: {
      Class: QuotaCode === standardSpot ? 'Standard/Spot' : 'Standard/OnDemand',
      Resource: 'vCPU',
      Service: 'EC2',
      Type: 'Resource',
    },
    MetricStatisticRecommendation: 'Maximum',
  },
});

/** Without an increase an account has its default, which only the other call tells. */
export const servicequotasHandlers = (world: World) =>
  ({
    GetServiceQuota: (input: quotas.GetServiceQuotaCommandInput): Answer<quotas.GetServiceQuotaCommandOutput> => {
      only('servicequotas GetServiceQuota', input, ['ServiceCode', 'QuotaCode']);
      if (input.QuotaCode !== standard || world.vcpuQuota.raised === undefined)
        throw awsError(
          'NoSuchResourceException',
          `The request failed because the specified quota ${input.QuotaCode} does not exist.`,
        );
      return { Quota: quotaView(world.vcpuQuota.raised) };
    },

    GetAWSDefaultServiceQuota: (
      input: quotas.GetAWSDefaultServiceQuotaCommandInput,
    ): Answer<quotas.GetAWSDefaultServiceQuotaCommandOutput> => {
      only('servicequotas GetAWSDefaultServiceQuota', input, ['ServiceCode', 'QuotaCode']);
      if (input.ServiceCode === 'events')
        return { Quota: { QuotaCode: input.QuotaCode, Value: world.deployment.rules } };
      return { Quota: quotaView(world.vcpuQuota.default, input.QuotaCode) };
    },
  }) satisfies Handlers;
