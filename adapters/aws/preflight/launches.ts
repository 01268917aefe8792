/** Preflight findings about a launch template, and how its instances count against quotas. */
import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { Finding } from '../../../core/basics/finding.ts';
import type { Service } from '../../../core/config/service.ts';
import type { Group } from '../groups/auto-scaling.ts';
import type { Market } from './vcpus.ts';

/** `name`: of the template and its version, for people. */
export const launchFindings = (data: ResponseLaunchTemplateData, name: string, { fleet }: Service): Finding[] => {
  const spot = data.InstanceMarketOptions?.SpotOptions;
  const returns =
    spot?.SpotInstanceType === 'persistent' || (spot?.InstanceInterruptionBehavior ?? 'terminate') !== 'terminate';
  return [
    // A group ends its instances whether they are protected from this or not.
    ...(data.DisableApiTermination === true && fleet.kind === 'instances'
      ? [
          {
            problem: `${name} protects its instances from termination: none could be removed`,
            remedy: 'set DisableApiTermination to false in a new default version',
          },
        ]
      : []),
    ...(returns
      ? [
          {
            problem: `${name} asks for spot instances that come back by themselves: what is removed would return`,
            remedy:
              'set SpotInstanceType to one-time and InstanceInterruptionBehavior to terminate in a new default version',
          },
        ]
      : []),
  ];
};

/** Which quota instances count against; null: some of both, so that neither is certain to be exceeded. `group`: where one launches them. */
export const marketOf = (data: ResponseLaunchTemplateData, group: Group | null): Market | null => {
  const { OnDemandBaseCapacity: base = 0, OnDemandPercentageAboveBaseCapacity: above = 100 } =
    group?.MixedInstancesPolicy?.InstancesDistribution ?? {};
  if (above < 100) return above === 0 && base === 0 ? 'spot' : null;
  return data.InstanceMarketOptions?.MarketType === 'spot' ? 'spot' : 'onDemand';
};

/** EC2 user guide, rules for CPU options: an instance has as many vCPUs as cores times threads. Null: as many as its type. */
export const vcpusSet = ({ CpuOptions }: ResponseLaunchTemplateData): number | null => {
  const { CoreCount, ThreadsPerCore } = CpuOptions ?? {};
  return CoreCount === undefined || ThreadsPerCore === undefined ? null : CoreCount * ThreadsPerCore;
};
