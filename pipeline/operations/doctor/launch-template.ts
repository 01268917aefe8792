/** Settings of a launch template that a rollout is blinder for. */
import type { TemplateFlags } from '../../ports/inspection.ts';
import { entry } from './entry.ts';

export const metadata = entry<TemplateFlags>({
  name: 'metadata',
  observe: ({ flags }) => flags(),
  problem: ({ name, metadata }) =>
    metadata ? null : `${name} switches instance metadata off, from where an instance learns its release`,
  remedy: () => 'set MetadataOptions.HttpEndpoint to enabled in a new default version',
});
