/** Makes the figures of each closed period of a rollout, with the weight and the evidence, out of what Judge has looked at. */
import type { Slot } from '../basics/slot.ts';
import { weightOf } from '../plan/capacity.ts';
import type { Plan } from '../plan/plan.ts';
import type { PeriodFigures, VersionFigures } from '../release/figures.ts';
import type { EvidenceAt } from './compare.ts';
import type { PeriodCounts } from './samples.ts';

interface Looked {
  plan: Plan;
  /** The step in force, when its weight was decided, and when each so far was. */
  step: number;
  since: number;
  raised: readonly number[];
  /** Closed periods of this rollout. */
  series: Record<Slot, readonly PeriodCounts[]>;
  /** The evidence after each period that was compared. */
  trace: readonly EvidenceAt[];
}

/** JSON knows no infinity. */
const highest = 300;

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const versionOf = (counts: PeriodCounts | undefined): VersionFigures | null => {
  if (counts === undefined) return null;
  const { requests, errors, connectionErrors, slow } = counts;
  const failed = errors + connectionErrors;
  // Interpolated counts have fractions, and late metrics can bring a period's errors before its requests.
  return {
    requests: rounded(Math.max(requests, failed), 1),
    errors: rounded(failed, 1),
    ...(slow !== undefined && slow.length > 0 && { slow: slow.map((one) => rounded(one, 1)) }),
  };
};

/** Oldest first: the periods that begin after `after` and lie in the rollout's traffic, from the period of its first weight on. */
export const periodFigures = (
  { plan, step, since, raised, series, trace }: Looked,
  after: number = Number.NEGATIVE_INFINITY,
): PeriodFigures[] => {
  const length = plan.configuration.timing.period * 1000;
  const first = Math.floor((raised[0] ?? since) / length) * length;
  const bySlot = (slot: Slot) => new Map(series[slot].map((counts) => [counts.at, counts]));
  const [fresh, old] = [bySlot(plan.new.slot), plan.old.kind === 'none' ? null : bySlot(plan.old.slot)];
  const evidences = new Map(trace.map(({ at, evidence }) => [at, evidence]));
  const weightAt = (end: number): number =>
    weightOf(plan, raised.length === 0 ? step : raised.filter((decided) => decided < end).length);
  return [...new Set([...fresh.keys(), ...(old?.keys() ?? [])])]
    .filter((at) => at >= first && at > after)
    .sort((a, b) => a - b)
    .map((at) => {
      const evidence = evidences.get(at);
      return {
        at,
        weight: weightAt(at + length),
        new: versionOf(fresh.get(at)),
        old: versionOf(old?.get(at)),
        evidence: evidence === undefined ? null : rounded(Math.min(highest, Math.log10(evidence)), 3),
      };
    });
};
