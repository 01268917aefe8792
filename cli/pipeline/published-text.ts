/** A wish to roll something out, in one sentence. */
import { Rejected } from '../../core/basics/errors.ts';

import type { Published } from '../../pipeline/operations/publish.ts';

/** Throws Rejected where it was refused. */
export const publishedText = (
  published: Published,
  { service, label, release }: { service: string; label: string; release: string },
): string => {
  const what = `${label} (${release})`;
  switch (published.state) {
    case 'refused':
      throw new Rejected(`${what} is not rolled out to ${service}: ${published.reason}`);
    case 'started':
      return `${what} is being rolled out to ${service}.`;
    case 'merged':
      return `${what} is on its way to ${service}.`;
    case 'waiting':
      return `${what} waits for ${service}: ${published.behind || 'another release'} is being rolled out and comes to its end first.`;
    case 'observed':
      return `${what}: ${published.text}`;
    default:
      return published satisfies never;
  }
};
