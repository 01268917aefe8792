/** One service more, or less, in the configuration that is in force; the others stay as they are. */
import type { Configure } from '../../pipeline/operations/adopt.ts';
import { person } from '../context.ts';
import type { Operated } from '../pipeline/operator.ts';
import { commitOf } from './commit.ts';

/** `file`: where the configuration comes from, for its commit. */
export const configuring =
  ({ ports: { ledger }, configured }: Operated, file: string): Configure =>
  async ({ add, remove }) => {
    const names = await ledger.services();
    const before = (await Promise.all(names.map((name) => ledger.configuration(name)))).filter((one) => one !== null);
    const apply = async (services: typeof before): Promise<void> => {
      await ledger.applyConfiguration(services, { author: person(), commit: commitOf(file), at: Date.now() });
      await configured();
    };
    const others = before.filter(({ name }) => name !== add?.name && name !== remove);
    await apply(add === undefined ? others : [...others, add]);
    return () => apply(before);
  };
