/** The figures of rollouts, an item for each closed period: for people, so they expire, and what is damaged is left out. */

import { readFigures } from '../../core/protocol/persisted-events.ts';
import type { PeriodFigures } from '../../core/release/figures.ts';
import type { Attempt, Ledger } from '../../pipeline/ports/ledger.ts';
import { attemptKey } from './keys.ts';
import type { Change, Store } from './store.ts';

/** Seconds. Longer than any rollout takes, and than people ask about one. */
const keptFor = 90 * 86_400;

const prefixOf = ({ release, attempt }: Attempt): string => `${attemptKey('figures', release, attempt)}#`;

/** By the period's beginning: with periods of a minute, one item a minute. */
const changeOf = (service: string, of: Attempt, { at, ...figures }: PeriodFigures): Change => ({
  pk: `service#${service}`,
  sk: `${prefixOf(of)}${String(at).padStart(15, '0')}`,
  value: figures,
  when: 'once',
  expires: Math.floor(at / 1000) + keptFor,
});

export const figuresOf = (store: Store): Pick<Ledger, 'keepFigures' | 'figures'> => ({
  // A conflict is another transaction at the same period: who wrote it has it.
  keepFigures: async (service, of, figures) => {
    if (figures.length > 0) await store.write(figures.map((one) => changeOf(service, of, one)));
  },

  figures: async (service, of, limit) => {
    const prefix = prefixOf(of);
    const options = { newestFirst: true, ...(limit !== undefined && { limit }) };
    const items = await store.query(`service#${service}`, prefix, options);
    return items
      .map(({ sk, value }) => readFigures(Number(sk.slice(prefix.length)), value))
      .filter((read) => read !== null)
      .reverse();
  },
});
