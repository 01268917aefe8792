/** Doctor's findings about launch template settings that hide information from a rollout. */
import type { TemplateFlags } from '../../ports/inspection.ts';
import { entry } from './entry.ts';

export const metadata = entry<TemplateFlags>({
  name: 'metadata',
  observe: ({ flags }) => flags(),
  problem: ({ name, metadata }) =>
    metadata ? null : `${name} switches instance metadata off, from which an instance reads its release`,
  remedy: () => 'set MetadataOptions.HttpEndpoint to enabled in a new default version',
});
