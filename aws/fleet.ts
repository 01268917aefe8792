/** The fleet port: each kind of fleet behind the one word that a configuration says. No caller knows which. */
import type { FleetConfiguration } from '../core/configuration.ts';
import type { Fleet } from '../steps/ports.ts';
import type { Client } from './client.ts';
import { instancesFleet } from './instances-fleet.ts';

export const fleetOf = (clients: { ec2: Client; elb: Client }): Fleet => {
  const kinds: Record<FleetConfiguration['kind'], Fleet> = { instances: instancesFleet(clients) };
  return {
    observe: (service, slot) => kinds[service.fleet.kind].observe(service, slot),
    ensure: (release, slot, count) => kinds[release.fleet.kind].ensure(release, slot, count),
    remove: (service, slot) => kinds[service.fleet.kind].remove(service, slot),
    evidence: (service, slot, release) => kinds[service.fleet.kind].evidence(service, slot, release),
    template: (service) => kinds[service.fleet.kind].template(service),
  };
};
