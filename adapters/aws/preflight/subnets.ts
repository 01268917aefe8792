/** Preflight findings about subnets: free addresses, the load balancer's zones, and the target groups' VPC. */
import type { Subnet } from '@aws-sdk/client-ec2';
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Finding } from '../../../core/basics/finding.ts';

const idsOf = (subnets: Subnet[]): string => subnets.map(({ SubnetId }) => SubnetId).join(', ');

/** `extra`: instances more than now run. */
export const addressFindings = (subnets: Subnet[], extra: number): Finding[] => {
  // One with IPv6 alone counts no addresses, and has more than anyone needs.
  if (subnets.length === 0 || subnets.some(({ Ipv6Native }) => Ipv6Native === true)) return [];
  const free = subnets.reduce((sum, { AvailableIpAddressCount = 0 }) => sum + AvailableIpAddressCount, 0);
  return free >= extra
    ? []
    : [
        {
          problem: `${idsOf(subnets)} have ${free} free addresses, and ${extra} more instances need one each`,
          remedy: 'add a subnet, or free some',
        },
      ];
};

export const nodeFindings = (subnets: Subnet[], balancer: LoadBalancer | undefined): Finding[] => {
  const served = new Set((balancer?.AvailabilityZones ?? []).map(({ ZoneName }) => ZoneName));
  const lacking = [...new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone))].filter(
    (zone) => !served.has(zone),
  );
  return lacking.length === 0
    ? []
    : [
        {
          problem: `instances may be launched in ${lacking.join(', ')}, where the load balancer ${balancer?.LoadBalancerName} has no node: they would get no requests`,
          remedy: 'enable the zone on the load balancer, or take its subnet out',
        },
      ];
};

/** An instance is registered only with a target group of its own VPC. */
export const vpcFindings = (subnets: Subnet[], targetGroups: TargetGroup[]): Finding[] =>
  targetGroups.flatMap(({ TargetGroupName, VpcId }) => {
    const outside = subnets.filter(
      (subnet) => VpcId !== undefined && subnet.VpcId !== undefined && subnet.VpcId !== VpcId,
    );
    return outside.length === 0
      ? []
      : [
          {
            problem: `the target group ${TargetGroupName} is in ${VpcId}, and ${idsOf(outside)} are in ${outside[0]?.VpcId}: their instances could not be registered`,
            remedy: `name subnets of ${VpcId}: the VPC of a target group cannot be changed`,
          },
        ];
  });
