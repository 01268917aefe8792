/** The pages of docs/reference/ that are made from the code, by their paths. */
import { configurationReference } from './configuration.ts';

export const references = async (): Promise<Record<string, string>> => ({
  'docs/reference/configuration.md': configurationReference(),
});
