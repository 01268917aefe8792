/** Shift: the next weight, if it is approved and its capacity is there; then the rules are made to agree. */

import { powerAt } from '../../core/analysis/power.ts';
import { needed, oldCount } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { carriesAt } from '../shared/capacity.ts';
import { demandOf } from '../shared/demand.ts';
import { type Entered, enter } from '../shared/enter.ts';
import { lookAtRelease } from '../shared/fleets.ts';
import { go, type StepResult } from '../shared/go.ts';
import { longestHistory } from '../shared/history-limit.ts';
import { keepFleets } from '../shared/old-fleet.ts';
import { recorder } from '../shared/record.ts';
import { type Rollout, withProgress } from '../shared/rollout.ts';
import { healthy } from '../shared/targets.ts';
import { longestPark, untilBooted } from '../shared/wait-times.ts';

export const shift =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const entered = await enter(ports.ledger, rollout);
    const { row, plan, service } = entered;
    if (row.abort !== null) return go(rollout, 'RollBack', { why: row.abort.why });
    const now = ports.now();
    const answer = approvalOf(row, plan, rollout, now);
    if (answer?.next === 'AwaitApproval') return keptMeanwhile(ports, rollout, entered, answer);
    if (answer !== null) return answer;

    const { step } = rollout.progress;
    const weight = plan.steps[step - 1]?.weight ?? 100;
    const { targets } = await lookAtRelease(ports, plan);
    const demand = await demandOf(ports, plan, targets, row.step);
    const carries = carriesAt(plan, targets, demand, weight);
    const decision = await ports.ledger.decide(plan.service, (current) =>
      protocol.shift(current, { token: rollout.token, now: ports.now(), step, carries }),
    );
    if (!decision.ok) {
      if (decision.guard === 'carries')
        // Prepared anew, with a time limit of its own: much of it may have gone by while a person was asked.
        return go(withProgress(rollout, { step: 0 }), 'Provision', {
          why: `${weight} % needs ${needed(demand, weight)} healthy instances, ${healthy(targets[plan.new.slot]).length} are`,
        });
      // Aborted, late or no longer ours: entering again says which.
      const { row: current } = await enter(ports.ledger, rollout);
      return current.abort !== null
        ? go(rollout, 'RollBack', { why: current.abort.why })
        : go(rollout, 'Bake', { why: decision.reason });
    }
    const applied = await applyWeights(ports, service);
    const { weights } = applied.wanted;
    const sees = powerAt(plan, step);
    const text = `${weights[plan.new.slot]} % to ${plan.release}${sees === null ? '' : `; ${sees}`}`;
    await recorder(ports, rollout, 'Shift')('shifted', text, {
      at: now,
      what: step,
      data: { step, of: plan.steps.length, weight, weights },
    });
    const bake = plan.steps[step - 1]?.bake ?? 0;
    return go(withProgress(rollout, { heard: row.signals.length }), 'Bake', {
      seconds: Math.min(service.timing.period, bake),
    });
  };

/** Null: nobody needs to be asked, or somebody has said yes. */
const approvalOf = (row: Row, plan: Plan, rollout: Rollout, now: number): StepResult | null => {
  const { approval } = plan.configuration;
  if (approval === null || row.step > 0) return null;
  const answer = row.signals.at(-1);
  if (answer?.kind === 'approve') return null;
  if (answer?.kind === 'reject') return go(rollout, 'RollBack', { why: `rejected by ${answer.by}` });
  const left = (rollout.progress.approveBy - now) / 1000;
  return left > 0
    ? go(rollout, 'AwaitApproval', { seconds: Math.min(longestPark, left) })
    : go(rollout, 'RollBack', { why: `nobody approved it within ${approval.within} s` });
};

/** People take days, and until then everybody is served by the old fleet: nobody else replaces what it loses meanwhile. */
const keptMeanwhile = async (
  ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>,
  rollout: Rollout,
  entered: Entered,
  asked: StepResult,
): Promise<StepResult> => {
  const { row, plan } = entered;
  const { targets } = await lookAtRelease(ports, plan);
  const demand = await demandOf(ports, plan, targets, row.step);
  const launched = await keepFleets(ports, rollout, entered, targets, oldCount(plan, rollout.progress.step, demand));
  // Where what is launched ends again and again, the looks must not use up the history.
  const isSoon = launched > 0 && rollout.progress.steps < longestHistory / 2;
  return isSoon ? { ...asked, seconds: Math.min(asked.seconds, untilBooted) } : asked;
};
