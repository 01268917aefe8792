/** Settings of a launch template that a rollout cannot live with. */

import type { TemplateFlags } from '../../ports/inspection.ts';
import { entry } from './entry.ts';

export const metadata = entry<TemplateFlags>({
  name: 'metadata',
  observe: ({ flags }) => flags(),
  problem: ({ name, metadata }) =>
    metadata ? null : `${name} switches instance metadata off, from where an instance learns its release`,
  remedy: () => 'set MetadataOptions.HttpEndpoint to enabled in a new default version',
});

export const terminationProtection = entry<TemplateFlags>({
  name: 'termination protection',
  observe: ({ flags }) => flags(),
  problem: ({ name, protected: kept }, { service }) =>
    kept && service.fleet.kind === 'instances'
      ? `${name} protects its instances from termination: none could be removed`
      : null,
  remedy: () => 'set DisableApiTermination to false in a new default version',
});

export const spotRequests = entry<TemplateFlags>({
  name: 'spot requests',
  observe: ({ flags }) => flags(),
  problem: ({ name, returning }) =>
    returning ? `${name} asks for spot instances that come back by themselves: what is removed would return` : null,
  remedy: () =>
    'set SpotInstanceType to one-time and InstanceInterruptionBehavior to terminate in a new default version',
});
