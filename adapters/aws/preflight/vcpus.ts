/** Checks that the vCPU quota allows a second fleet beside the first. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  type ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import type { Finding } from '../../../core/basics/finding.ts';
import { codeOf, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';

interface VcpuNeeds {
  /** Instance types that may be launched; none: nobody knows. */
  types: string[];
  market: Market | null;
  /** Instances more than now run. */
  extra: number;
  /** vCPUs of each, where the template sets them by its CPU options; null: the type's own. */
  perInstance: number | null;
  now: number;
}

interface Clients {
  ec2: Client;
  cloudwatch: Client;
  quotas: Client;
}

export type Market = 'onDemand' | 'spot';

/** Running vCPUs are limited by the family of an instance type, each market by itself. EC2 user guide, On-Demand and Spot Instance quotas. */
const families: [RegExp, Partial<Record<Market, string>>][] = [
  // On dedicated hosts alone, which have quotas of their own.
  [/^mac/, {}],
  [/^(u-|u\d)/, { onDemand: 'L-43DA4232' }],
  [/^hpc/, { onDemand: 'L-F7808C92' }],
  [/^inf/, { onDemand: 'L-1945791B', spot: 'L-B5D1601B' }],
  [/^trn/, { onDemand: 'L-2C3B7624', spot: 'L-6B0D517C' }],
  [/^dl/, { onDemand: 'L-6E869C2A', spot: 'L-85EED4F7' }],
  [/^(g|vt)\d/, { onDemand: 'L-DB2E81BA', spot: 'L-3819A6DF' }],
  [/^p[2-4]/, { onDemand: 'L-417A185B', spot: 'L-7212CCBC' }],
  [/^p5/, { onDemand: 'L-417A185B', spot: 'L-C4BD4855' }],
  // Which quota newer ones count against on spot is not documented alike everywhere.
  [/^p\d/, { onDemand: 'L-417A185B' }],
  [/^x\d/, { onDemand: 'L-7295265B', spot: 'L-E3A00192' }],
  [/^f\d/, { onDemand: 'L-74FC7D96', spot: 'L-88CF9481' }],
  [/^[acdhimrtz]/, { onDemand: 'L-1216C47A', spot: 'L-34B43A08' }],
];

/** The one quota that all these types count against; undefined where another type would count against another, or none is known. */
const quotaCodeOf = (types: string[], market: Market): string | undefined => {
  const codes = new Set(types.map((type) => families.find(([family]) => family.test(type))?.[1][market]));
  return codes.size === 1 ? [...codes][0] : undefined;
};

/** What EC2 itself says cannot be known beforehand (free capacity in a zone) is not asked for; and what may not be read says nothing. */
export const vcpuFindings = async (
  clients: Clients,
  { types, extra, market, perInstance, now }: VcpuNeeds,
): Promise<Finding[]> => {
  const code = market === null ? undefined : quotaCodeOf(types, market);
  if (code === undefined || extra === 0) return [];
  const smallest = perInstance ?? (await vcpusOf(clients.ec2, types));
  const quota = await quotaOf(clients.quotas, { ServiceCode: 'ec2', QuotaCode: code });
  if (quota?.Value === undefined || smallest === null) return [];
  const used = await usageOf(clients.cloudwatch, quota, now);
  const more = extra * smallest;
  return used === null || used + more <= quota.Value
    ? []
    : [
        {
          problem: `the account may run ${quota.Value} vCPUs of this family${market === 'spot' ? ' on spot' : ''} and runs ${used}; ${extra} more ${types.join(' or ')} need ${more}`,
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

/** Null: this role may not look. */
export const quotaOf = async (
  quotas: Client,
  named: { ServiceCode: string; QuotaCode: string },
): Promise<ServiceQuota | null> => {
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
