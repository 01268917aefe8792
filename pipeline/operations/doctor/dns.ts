/** Doctor's findings about alias records that follow the load balancer's health: an idle slot's empty target group makes it look unhealthy. */
import type { Finding } from '../../../core/basics/finding.ts';
import type { AliasRecord } from '../../ports/inspection.ts';
import { entry } from './entry.ts';

/** Doctor can never see these records, whatever its permissions are. */
export const foreignZones: Finding = {
  problem: 'alias records in hosted zones of other accounts',
  remedy: 'if such a record leads to this load balancer, set EvaluateTargetHealth to false on it',
  unseen: true,
};

export const aliases = entry<AliasRecord>({
  name: 'alias records in Route 53',
  optional: true,
  observe: ({ ports, service }) => ports.inspection.aliases(service),
  problem: ({ name, type, zone, policy }) =>
    `the alias record ${name} ${type}${policy === null ? '' : ` "${policy}"`} of the zone ${zone} evaluates the health of the load balancer. Route 53 calls it unhealthy while one of its target groups is empty, so between rollouts users are sent elsewhere`,
  remedy: () =>
    "set EvaluateTargetHealth to false on it, and give it a Route 53 health check of the service's own address",
});
