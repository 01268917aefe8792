/** What each release was admitted with: an item of its own beside the row, written with the decision and never read by it. */

import type { Admitted } from '../../core/plan/admitted.ts';
import type { Row } from '../../core/protocol/row.ts';
import { attemptId } from '../../core/release/history.ts';
import { attemptKey, markKey } from './keys.ts';
import type { Change, Store } from './store.ts';

const keyOf = (service: string, release: string, attempt: number) => ({
  pk: `service#${service}`,
  sk: attemptKey('admitted', release, attempt),
});

type Named = { release: string; attempt: number } | null;
const isSame = (one: Named, other: Named): boolean =>
  one?.release === other?.release && one?.attempt === other?.attempt;

/** Of a plan that this decision makes, and of a fleet that it adopts; what the row had before says nothing new. */
export const admissionChanges = (before: Row | undefined, after: Row): Change[] => {
  const { plan, live } = after;
  const admitted = (of: { release: string; attempt: number }, value: Admitted): Change => ({
    ...keyOf(after.service, of.release, of.attempt),
    value,
    when: 'any',
  });
  if (plan !== null && !isSame(plan, before?.plan ?? null)) {
    const { image, template, configuration } = plan;
    const { fleet, slots, rules } = configuration;
    return [admitted(plan, { image, template, from: { fleet, slots, rules } })];
  }
  const isAdopted = live !== null && live.attempt === 0 && live.since !== before?.live?.since;
  return isAdopted ? [admitted(live, { image: live.image, template: live.template, from: null })] : [];
};

export interface Admissions {
  admitted(service: string, release: string, attempt: number): Promise<Admitted | 'unrecorded' | null>;
}

/** Versions that kept no such item left the record of how the attempt ended, or the mark of its admission. */
const marksOf = (release: string, attempt: number): string[] => [
  attemptKey('record', release, attempt),
  markKey(`${attemptId({ release, attempt })}/Admit/admitted`),
];

export const admissionsOf = (
  store: Store,
  read: (name: string, key: string, value: unknown) => Admitted,
): Admissions => ({
  admitted: async (service, release, attempt) => {
    const { pk, sk } = keyOf(service, release, attempt);
    const kept = await store.get(pk, sk);
    if (kept !== undefined) return read(service, sk, kept.value);
    for (const mark of marksOf(release, attempt)) if ((await store.get(pk, mark)) !== undefined) return 'unrecorded';
    return null;
  },
});
