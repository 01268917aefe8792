/** Where cross-zone load balancing is off, checks that each zone of the load balancer has targets at every weight. */
import { DescribeTargetGroupAttributesCommand, type LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Finding } from '../../../core/basics/finding.ts';
import { slots } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import { growthFor } from '../../../core/config/strategies.ts';
import { needed } from '../../../core/plan/capacity.ts';
import { codeOf, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';

/**
 * With cross-zone load balancing off, a node of a zone sends a target group's requests to targets of that zone only, and answers 503 where
 * there is none. So the smallest fleet that gets traffic has to have an instance in each zone. `count`: the new fleet's full number.
 */
export const zoneFindings = async (
  elb: Client,
  { slots: targetGroups, strategy, growth }: Service,
  balancer: LoadBalancer | undefined,
  count: number,
): Promise<Finding[]> => {
  const off: string[] = [];
  for (const slot of slots) if (await isCrossZoneOff(elb, targetGroups[slot])) off.push(targetGroups[slot]);
  if (off.length === 0) return [];
  const zones = balancer?.AvailabilityZones?.length ?? 0;
  const first = strategy.steps[0]?.weight ?? 100;
  const smallest = (growth ?? growthFor(count)) === 'upfront' ? count : needed(count, first);
  if (smallest >= zones) return [];
  return [
    {
      problem: `cross-zone load balancing is off for ${off.join(' and ')}: at ${first} % the new fleet has ${smallest} instances for ${zones} zones, and a zone without one answers its users with 503`,
      remedy: `set load_balancing.cross_zone.enabled to true (or use_load_balancer_configuration) on both target groups${count >= zones ? ", or set growth: 'upfront'" : ''}`,
    },
  ];
};

/** A target group that does not exist is another finding's. */
const isCrossZoneOff = async (elb: Client, TargetGroupArn: string): Promise<boolean> => {
  try {
    const { Attributes = [] } = await send(elb, new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    return Attributes.some(({ Key, Value }) => Key === 'load_balancing.cross_zone.enabled' && Value === 'false');
  } catch (error) {
    if (!/^TargetGroupNotFound/.test(codeOf(error))) throw error;
    return false;
  }
};
