/** Keeps the figures that Judge has seen, for people who ask later. They decide nothing, so nothing waits for them or fails with them. */
import { periodFigures } from '../../core/analysis/period-figures.ts';
import type { Ports } from '../ports/ports.ts';
import { withProgress } from './rollout.ts';
import type { StepResult } from './step-result.ts';

/** More than a look has, unless this execution has begun in mid-rollout and finds most of them kept. */
const atOnce = 100;

type Looked = Parameters<typeof periodFigures>[0];

/** The same answer, with the mark of what has been kept. What could not be written is written after the next look. */
export const withFigures = async (
  { ledger }: Pick<Ports, 'ledger'>,
  result: StepResult,
  looked: Looked,
): Promise<StepResult> => {
  const { plan } = looked;
  try {
    const found = periodFigures(looked, result.rollout.progress.figures).slice(-atOnce);
    const last = found.at(-1);
    if (last === undefined) return result;
    await ledger.keepFigures(plan.service, plan, found);
    return { ...result, rollout: withProgress(result.rollout, { figures: last.at }) };
  } catch {
    return result;
  }
};
