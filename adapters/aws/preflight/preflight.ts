/** Preflight: everything about an account that would make a rollout go wrong, found before anything is touched. */

import type { Slot } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import type { Preflight } from '../../../pipeline/ports/preflight.ts';
import type { Client } from '../client.ts';
import { groupNamed } from '../groups/auto-scaling.ts';
import { groupOf } from '../groups/groups-fleet.ts';
import { capacityFindings } from './capacity.ts';
import { groupFindings } from './groups.ts';
import { reachFindings } from './reach.ts';
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
    const beyond = await reachFindings(service, reaches);
    if (ofGroups.length > 0) return [...ofGroups, ...beyond];
    const subnets = await subnetsOf(clients.autoscaling, service, needs.new);
    const { template, extra } = needs;
    const loadBalancer = loadBalancerOf(service);
    return [
      ...(await zoneFindings(clients.elb, service, loadBalancer, needs.count)),
      ...(await capacityFindings(clients, { subnets, template, extra, loadBalancer, now: now() })),
      ...beyond,
    ];
  };

const subnetsOf = async (autoscaling: Client, { fleet }: Service, slot: Slot): Promise<string[]> => {
  if (fleet.kind === 'instances') return fleet.subnets;
  const { VPCZoneIdentifier = '' } = await groupNamed(autoscaling, groupOf(fleet, slot));
  return VPCZoneIdentifier.split(',').filter((id) => id !== '');
};

/** `…:loadbalancer/app/<name>/<id>`, as the ARN of each of its rules spells it. */
const loadBalancerOf = ({ rules: [rule = ''] }: Service): string =>
  rule.replace(/:listener-rule\/(app\/[^/]+\/[^/]+)\/.*$/, ':loadbalancer/$1');
