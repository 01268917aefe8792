/** Preflight: everything about an account that would make a rollout go wrong, found before anything is touched. */

import type { Slot } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import type { FleetNeeds, Preflight } from '../../../pipeline/ports/preflight.ts';
import type { Client } from '../client.ts';
import { groupNamed } from '../groups/auto-scaling.ts';
import { groupOf } from '../groups/groups-fleet.ts';
import { versionsOf } from '../instances/launch-template.ts';
import { capacityFindings, type Market } from './capacity.ts';
import { groupFindings } from './groups.ts';
import { reachFindings } from './reach.ts';
import { targetGroupFindings } from './target-groups.ts';
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
    // A group that cannot be used at all has no capacity to be looked at.
    const ofGroups = service.fleet.kind === 'groups' ? await groupFindings(clients.autoscaling, service, needs) : [];
    const beyond = [...(await targetGroupFindings(clients.elb, service)), ...(await reachFindings(service, reaches))];
    if (ofGroups.length > 0) return [...ofGroups, ...beyond];
    const subnets = await subnetsOf(clients.autoscaling, service, needs.new);
    const { template, extra } = needs;
    const loadBalancer = loadBalancerOf(service);
    const market = await marketOf(clients, service, needs);
    return [
      ...(await zoneFindings(clients.elb, service, loadBalancer, needs.count)),
      ...(await capacityFindings(clients, { subnets, template, extra, loadBalancer, market, now: now() })),
      ...beyond,
    ];
  };

/** Which quota instances count against; null: some of both, so that neither is certain to be exceeded. */
const marketOf = async (
  { ec2, autoscaling }: Clients,
  { fleet }: Service,
  { template: { id, version }, new: slot }: FleetNeeds,
): Promise<Market | null> => {
  if (fleet.kind === 'groups') {
    const { InstancesDistribution: distribution } =
      (await groupNamed(autoscaling, groupOf(fleet, slot))).MixedInstancesPolicy ?? {};
    const { OnDemandBaseCapacity: base = 0, OnDemandPercentageAboveBaseCapacity: above = 100 } = distribution ?? {};
    if (above < 100) return above === 0 && base === 0 ? 'spot' : null;
  }
  if (id === '') return 'onDemand';
  const [found] = await versionsOf(ec2, { LaunchTemplateId: id }, [version]);
  return found?.LaunchTemplateData?.InstanceMarketOptions?.MarketType === 'spot' ? 'spot' : 'onDemand';
};

const subnetsOf = async (autoscaling: Client, { fleet }: Service, slot: Slot): Promise<string[]> => {
  if (fleet.kind === 'instances') return fleet.subnets;
  const { VPCZoneIdentifier = '' } = await groupNamed(autoscaling, groupOf(fleet, slot));
  return VPCZoneIdentifier.split(',').filter((id) => id !== '');
};

/** `…:loadbalancer/app/<name>/<id>`, as the ARN of each of its rules spells it. */
const loadBalancerOf = ({ rules: [rule = ''] }: Service): string =>
  rule.replace(/:listener-rule\/(app\/[^/]+\/[^/]+)\/.*$/, ':loadbalancer/$1');
