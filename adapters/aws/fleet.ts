/** The fleet port: chooses the adapter for numbered instances or for Auto Scaling groups by the configuration. */
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { type Slot, slots } from '../../core/basics/slot.ts';
import type { FleetConfiguration } from '../../core/config/service.ts';
import type { Fleet } from '../../pipeline/ports/fleet.ts';
import { send } from './aws-errors.ts';
import type { Client } from './client.ts';
import { groupsFleet } from './groups/groups-fleet.ts';
import { groupTag, interrupted, ownInstances, tagOf } from './instances/instances.ts';
import { instancesFleet } from './instances/instances-fleet.ts';

type Kind = Omit<Fleet, 'slotOf' | 'own'>;

export const fleetOf = (clients: { ec2: Client; elb: Client; autoscaling: Client }): Fleet => {
  const kinds: Record<FleetConfiguration['kind'], Kind> = {
    instances: instancesFleet(clients),
    groups: groupsFleet(clients),
  };
  return {
    observe: (service, slot) => kinds[service.fleet.kind].observe(service, slot),
    ensure: (release, slot, count, proof) => kinds[release.fleet.kind].ensure(release, slot, count, proof),
    pin: (service, slot, count) => kinds[service.fleet.kind].pin(service, slot, count),
    restore: (service, limits) => kinds[service.fleet.kind].restore(service, limits),
    shrink: (service, slot, count, carrying) => kinds[service.fleet.kind].shrink(service, slot, count, carrying),
    replace: (service, slot, instance) => kinds[service.fleet.kind].replace(service, slot, instance),
    remove: (service, slot) => kinds[service.fleet.kind].remove(service, slot),
    own: ({ name }) => ownInstances(clients.ec2, name),
    evict: (service, instances) => kinds[service.fleet.kind].evict(service, instances),
    evidence: (service, slot, release) => kinds[service.fleet.kind].evidence(service, slot, release),
    tidy: (live) => kinds[live.fleet.kind].tidy(live),
    template: (service, slot) => kinds[service.fleet.kind].template(service, slot),
    slotOf: async (services, id) => {
      const { Reservations = [] } = await send(clients.ec2, new DescribeInstancesCommand({ InstanceIds: [id] }));
      const [instance] = Reservations[0]?.Instances ?? [];
      if (instance === undefined) return null;
      const group = instance.Tags?.find(({ Key }) => Key === groupTag)?.Value;
      const isIn = ({ fleet, name }: (typeof services)[number], slot: Slot): boolean =>
        fleet.kind === 'groups'
          ? group === fleet[slot]
          : tagOf(instance, 'service') === name && tagOf(instance, 'slot') === slot;
      for (const service of services)
        for (const slot of slots)
          if (isIn(service, slot))
            return { service, slot, takenBack: (await interrupted(clients.ec2, [instance])).has(id) };
      return null;
    },
  };
};
