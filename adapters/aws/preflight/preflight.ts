/** Preflight: finds everything in an account that would make a rollout fail, before anything is changed. */
import { DescribeSubnetsCommand, type ResponseLaunchTemplateData, type Subnet } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, type LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Service } from '../../../core/config/service.ts';
import type { Template } from '../../../core/plan/plan.ts';
import type { Preflight } from '../../../pipeline/ports/preflight.ts';
import { ifKnown, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';
import { type Group, groupNamed } from '../groups/auto-scaling.ts';
import { groupOf } from '../groups/groups-fleet.ts';
import { versionsOf } from '../instances/launch-template.ts';
import { loadBalancersOf } from '../load-balancer/load-balancer-arn.ts';
import { groupFindings } from './groups.ts';
import { launchFindings, marketOf, vcpusSet } from './launches.ts';
import { reachFindings } from './reach.ts';
import { addressFindings, nodeFindings, vpcFindings } from './subnets.ts';
import { targetGroupFindings, targetGroupsOf } from './target-groups.ts';
import { vcpuFindings } from './vcpus.ts';
import { zoneFindings } from './zones.ts';

interface Clients {
  ec2: Client;
  elb: Client;
  autoscaling: Client;
  cloudwatch: Client;
  quotas: Client;
}

export const preflightOf =
  (clients: Clients, now: () => number, reaches: () => Promise<boolean>): Preflight =>
  async (service, needs) => {
    const { ec2, elb, autoscaling } = clients;
    // A group that cannot be used at all has no capacity to be looked at.
    const ofGroups = service.fleet.kind === 'groups' ? await groupFindings(autoscaling, service, needs) : [];
    const targetGroups = await targetGroupsOf(elb, service);
    const beyond = [...targetGroupFindings(targetGroups), ...(await reachFindings(service, reaches))];
    if (ofGroups.length > 0) return [...ofGroups, ...beyond];
    const { template, extra, count } = needs;
    const group =
      service.fleet.kind === 'groups' ? await groupNamed(autoscaling, groupOf(service.fleet, needs.new)) : null;
    const subnets = await subnetsOf(ec2, service, group);
    const balancer = await balancerOf(elb, service);
    const { name, data } = await launchedFrom(ec2, template);
    const vcpus = {
      types: template.types,
      extra,
      market: marketOf(data, group),
      perInstance: vcpusSet(data),
      now: now(),
    };
    return [
      ...(await zoneFindings(elb, service, balancer, count)),
      ...addressFindings(subnets, extra),
      ...nodeFindings(subnets, balancer),
      ...vpcFindings(subnets, targetGroups),
      ...launchFindings(data, name, service),
      ...(await ifKnown([], () => vcpuFindings(clients, vcpus))),
      ...beyond,
    ];
  };

/** Nothing, where nobody could say what is launched from. */
const launchedFrom = async (
  ec2: Client,
  { id, version }: Template,
): Promise<{ name: string; data: ResponseLaunchTemplateData }> => {
  const [found] = id === '' ? [] : await versionsOf(ec2, { LaunchTemplateId: id }, [version]);
  return {
    name: `launch template ${found?.LaunchTemplateName ?? id} version ${version}`,
    data: found?.LaunchTemplateData ?? {},
  };
};

/** None for a group of a default VPC that names zones alone: asked for no subnet, EC2 would tell of all that there are. */
const subnetsOf = async (ec2: Client, { fleet }: Service, group: Group | null): Promise<Subnet[]> => {
  const ofGroup = (group?.VPCZoneIdentifier ?? '').split(',').filter((id) => id !== '');
  const SubnetIds = fleet.kind === 'instances' ? fleet.subnets : ofGroup;
  if (SubnetIds.length === 0) return [];
  return (await send(ec2, new DescribeSubnetsCommand({ SubnetIds }))).Subnets ?? [];
};

const balancerOf = async (elb: Client, service: Service): Promise<LoadBalancer | undefined> => {
  const named = new DescribeLoadBalancersCommand({ LoadBalancerArns: loadBalancersOf(service).slice(0, 1) });
  return (await send(elb, named)).LoadBalancers?.[0];
};
