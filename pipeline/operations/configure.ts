/** Adds or removes one service in the current configuration, and leaves the others unchanged. */
import type { Configurations } from '../ports/configurations.ts';
import type { Configure } from './adopt.ts';

export interface Author {
  author: string;
  commit: string;
}

/** `configured` tells the pipeline that configurations have changed. */
export const configurer =
  (
    { ledger, now }: { ledger: Configurations; now: () => number },
    by: Author,
    configured: () => Promise<unknown>,
  ): Configure =>
  async ({ add, remove }) => {
    const names = await ledger.services();
    const before = (await Promise.all(names.map((name) => ledger.configuration(name)))).filter((one) => one !== null);
    const apply = async (services: typeof before): Promise<void> => {
      await ledger.applyConfiguration(services, { ...by, at: now() });
      await configured();
    };
    const others = before.filter(({ name }) => name !== add?.name && name !== remove);
    await apply(add === undefined ? others : [...others, add]);
    return () => apply(before);
  };
