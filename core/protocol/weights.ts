/** Computes the weights that a transition decides: for a step forward, and for a rollback. */
import { allOn, fullSlot, otherSlot, type Slot, type Weights } from '../basics/slot.ts';
import type { Plan } from '../plan/plan.ts';
import type { Carries, Holds, ShiftRequest, TurnRequest } from './requests.ts';
import type { Abort, Row } from './row.ts';

export const decideWeights = (row: Row, weights: Weights, now: number): Row['wanted'] => ({
  weights,
  seq: row.wanted.seq + 1,
  since: now,
});

/** `percent` of the traffic to a slot, the rest to the other one. */
const sharedBy = (slot: Slot, percent: number): Weights => ({
  ...allOn(slot),
  [slot]: percent,
  [otherSlot(slot)]: 100 - percent,
});

/** A step forward: the new slot gets the weight that the plan has for this step. */
export const shiftWeights = (row: Row, { step, now }: ShiftRequest): { row: Row } => {
  const plan = row.plan as Plan;
  if (step === row.step) return { row };
  const weight = plan.steps[step - 1]?.weight ?? 100;
  const weights = sharedBy(plan.new.slot, weight);
  const phase = step === plan.steps.length ? 'settling' : 'shifting';
  const wanted = decideWeights(row, weights, now);
  return { row: { ...row, step, phase, question: null, raised: [...row.raised, now], wanted } };
};

/**
 * All traffic returns to the old slot. Exception: the new slot has had traffic, and there is no old fleet or only the new fleet can carry it.
 * `since` is new even if no weight changes: a function that began before may still launch.
 * If the old fleet was made smaller for `maxExtra`, instances that were seen may be ending. It gets what it can surely carry; the holder
 * looks again, and `turn` gives it the rest.
 */
export const rolledBack = (
  row: Row,
  abort: Abort,
  { carries, holds = false, weight = 0 }: { carries?: Carries } & Holds = {},
): Row => {
  const plan = row.plan as Plan;
  const { old, new: fresh } = plan;
  const onlyNewCarries = carries !== undefined && !carries[old.slot] && carries[fresh.slot];
  const keepNew = row.step > 0 && (old.kind === 'none' || onlyNewCarries);
  if (row.step > 0 && old.kind === 'ours' && holds) {
    const back = Math.max(row.wanted.weights[old.slot], weight);
    return {
      ...row,
      phase: 'rollingBack',
      question: null,
      abort: { ...abort, waits: true },
      wanted: decideWeights(row, sharedBy(old.slot, back), abort.at),
    };
  }
  const weights = allOn(keepNew ? fresh.slot : old.slot);
  return { ...row, phase: 'rollingBack', question: null, abort, wanted: decideWeights(row, weights, abort.at) };
};

/** During a rollback: the slots change places, or an old fleet that grows again gets as much as it can carry now. */
export const turnWeights = (row: Row, { carries, weight = 0, silent, now }: TurnRequest): { row: Row } => {
  if (row.abort?.waits !== true)
    return { row: { ...row, wanted: decideWeights(row, allOn(otherSlot(fullSlot(row.wanted.weights))), now) } };
  const { old } = row.plan as Plan;
  const percent = silent !== undefined ? 0 : carries[old.slot] ? 100 : weight;
  const weights = sharedBy(old.slot, percent);
  const abort = { ...row.abort, waits: percent < 100 && silent !== 'lost' };
  return { row: { ...row, abort, wanted: decideWeights(row, weights, now) } };
};
