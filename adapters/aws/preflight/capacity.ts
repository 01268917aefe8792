/** Whether the account has room for a second fleet beside the first: vCPUs, addresses, zones that the load balancer serves. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstanceTypesCommand, DescribeSubnetsCommand, type Subnet } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  type ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import type { Finding } from '../../../core/basics/finding.ts';
import type { Template } from '../../../core/plan/plan.ts';
import type { Client } from '../client.ts';
import { codeOf, ifKnown, send } from '../failure.ts';

export interface CapacityNeeds {
  /** Ids of the subnets that the new fleet is launched in. */
  subnets: string[];
  template: Template;
  loadBalancer: string;
  /** Instances more than now run. */
  extra: number;
  now: number;
}

interface Clients {
  ec2: Client;
  elb: Client;
  cloudwatch: Client;
  quotas: Client;
}

export const capacityFindings = async (clients: Clients, needs: CapacityNeeds): Promise<Finding[]> => {
  const { Subnets = [] } = await send(clients.ec2, new DescribeSubnetsCommand({ SubnetIds: needs.subnets }));
  return [
    ...addressFaults(Subnets, needs),
    ...(await zoneFaults(clients.elb, Subnets, needs)),
    ...(await ifKnown([], () => quotaFaults(clients, needs))),
  ];
};

const addressFaults = (subnets: Subnet[], { extra }: CapacityNeeds): Finding[] => {
  const free = subnets.reduce((sum, { AvailableIpAddressCount = 0 }) => sum + AvailableIpAddressCount, 0);
  return free >= extra
    ? []
    : [
        {
          problem: `${subnets.map(({ SubnetId }) => SubnetId).join(', ')} have ${free} free addresses, ${extra} more instances need one each`,
          remedy: 'add a subnet, or free some',
        },
      ];
};

const zoneFaults = async (elb: Client, subnets: Subnet[], { loadBalancer }: CapacityNeeds): Promise<Finding[]> => {
  const { LoadBalancers: [balancer] = [] } = await send(
    elb,
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [loadBalancer] }),
  );
  const served = new Set((balancer?.AvailabilityZones ?? []).map(({ ZoneName }) => ZoneName));
  const lacking = [...new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone))].filter(
    (zone) => !served.has(zone),
  );
  return lacking.length === 0
    ? []
    : [
        {
          problem: `instances may be launched in ${lacking.join(', ')}, where the load balancer ${balancer?.LoadBalancerName} has no node, so that they would never be used`,
          remedy: 'enable the zone on the load balancer, or take its subnet out',
        },
      ];
};

/** Running vCPUs are limited by the family of an instance type; the code of each limit, for On-Demand and for Spot. EC2 user guide, On-Demand Instance quotas. */
const families: [RegExp, onDemand: string][] = [
  [/^(u-|u\d)/, 'L-43DA4232'],
  [/^hpc/, 'L-F7808C92'],
  [/^inf/, 'L-1945791B'],
  [/^trn/, 'L-2C3B7624'],
  [/^dl/, 'L-6E869C2A'],
  [/^(g|vt)\d/, 'L-DB2E81BA'],
  [/^p\d/, 'L-417A185B'],
  [/^x\d/, 'L-7295265B'],
  [/^f\d/, 'L-74FC7D96'],
  [/^[acdhimrtz]/, 'L-1216C47A'],
];

/** What EC2 itself says cannot be known beforehand (free capacity in a zone) is not asked for; and what may not be read says nothing. */
const quotaFaults = async (clients: Clients, { template, extra, now }: CapacityNeeds): Promise<Finding[]> => {
  const { types } = template;
  const code = families.find(([family]) => family.test(types[0] ?? ''))?.[1];
  if (code === undefined || extra === 0) return [];
  const smallest = await vcpusOf(clients.ec2, types);
  const quota = await quotaOf(clients.quotas, code);
  if (quota?.Value === undefined || smallest === null) return [];
  const used = await usageOf(clients.cloudwatch, quota, now);
  const more = extra * smallest;
  return used === null || used + more <= quota.Value
    ? []
    : [
        {
          problem: `the account may run ${quota.Value} vCPUs of this family and runs ${used}; ${extra} more ${types.join(' or ')} need ${more}`,
          remedy: `raise the quota ${code}, or set maxExtra`,
        },
      ];
};

/** Of several types the smallest: only what is certain to fail is refused. */
const vcpusOf = async (ec2: Client, types: string[]): Promise<number | null> => {
  const { InstanceTypes = [] } = await send(ec2, new DescribeInstanceTypesCommand({ InstanceTypes: types as never[] }));
  const counts = InstanceTypes.flatMap(({ VCpuInfo }) => VCpuInfo?.DefaultVCpus ?? []);
  return counts.length === 0 ? null : Math.min(...counts);
};

const quotaOf = async (quotas: Client, QuotaCode: string): Promise<ServiceQuota | null> => {
  const named = { ServiceCode: 'ec2', QuotaCode };
  try {
    return (await send(quotas, new GetServiceQuotaCommand(named))).Quota ?? null;
  } catch (error) {
    if (unreadable.test(codeOf(error))) return null;
    // One that was never changed has no value of its own.
    if (!/NoSuchResource/.test(codeOf(error))) throw error;
    return (await send(quotas, new GetAWSDefaultServiceQuotaCommand(named))).Quota ?? null;
  }
};

const unreadable = /AccessDenied|NotAuthorized/;

const hour = 3_600_000;

/** The newest of the last hour; null: there is none. */
const usageOf = async (
  cloudwatch: Client,
  { UsageMetric: metric }: ServiceQuota,
  now: number,
): Promise<number | null> => {
  if (metric?.MetricNamespace === undefined) return null;
  const { MetricDataResults: [usage] = [] } = await send(
    cloudwatch,
    new GetMetricDataCommand({
      MetricDataQueries: [
        {
          Id: 'usage',
          MetricStat: {
            Metric: {
              Namespace: metric.MetricNamespace,
              MetricName: metric.MetricName,
              Dimensions: Object.entries(metric.MetricDimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: 300,
            Stat: metric.MetricStatisticRecommendation ?? 'Maximum',
          },
        },
      ],
      StartTime: new Date(now - hour),
      EndTime: new Date(now),
      ScanBy: 'TimestampDescending',
    }),
  );
  return usage?.Values?.[0] ?? null;
};
