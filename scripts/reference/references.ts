/** The generated pages by their paths. */
import { cliReference } from './cli.ts';
import { configurationReference } from './configuration.ts';
import { eventsReference } from './events.ts';
import { troubleshooting } from './troubleshooting.ts';

export const references = async (): Promise<Record<string, string>> => ({
  'docs/reference/cli.md': cliReference(),
  'docs/reference/configuration.md': configurationReference(),
  'docs/reference/events.md': eventsReference(),
  'docs/troubleshooting.md': troubleshooting(),
});
