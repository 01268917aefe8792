/** Shift: sets the next weight if it is approved and its capacity is healthy, and applies it to the rules. */
import { powerAt } from '../../core/analysis/power.ts';
import { needed } from '../../core/plan/capacity.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { alarmHold } from '../shared/alarm-hold.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { awaitedApproval, keepFleetsMeanwhile } from '../shared/approval.ts';
import { carriesAt } from '../shared/capacity.ts';
import { demandOf } from '../shared/demand.ts';
import { enter } from '../shared/enter-state.ts';
import { lookAtRelease } from '../shared/fleets.ts';
import { recorder } from '../shared/record.ts';
import { type Rollout, withProgress } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { healthy } from '../shared/targets.ts';

export const shift =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'metrics' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const entered = await enter(ports.ledger, rollout);
    const { row, plan, service } = entered;
    if (row.abort !== null) return go(rollout, 'RollBack', { why: row.abort.why });
    const now = ports.now();
    const answer = await awaitedApproval(ports, rollout, row, plan);
    if (answer?.next === 'AwaitApproval') return keepFleetsMeanwhile(ports, rollout, entered, answer);
    if (answer !== null) return answer;
    const held = await alarmHold(ports, row, plan, recorder(ports, rollout, 'Shift'));
    // CheckReady waits, and takes care of the fleet meanwhile.
    if (held !== null) return go(withProgress(rollout, { step: 0 }), 'Provision', { why: held });

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
        // Prepared again with a new time limit: the old one may have passed while a person was asked.
        return go(withProgress(rollout, { step: 0 }), 'Provision', {
          why: `${weight} % needs ${needed(demand, weight)} healthy instances, ${healthy(targets[plan.new.slot]).length} are`,
        });
      // Aborted, late, or held by another execution: entering again shows which.
      const { row: current } = await enter(ports.ledger, rollout);
      return current.abort !== null
        ? go(rollout, 'RollBack', { why: current.abort.why })
        : go(rollout, 'Bake', { why: decision.reason });
    }
    const applied = await applyWeights(ports, service);
    const { weights } = applied.wanted;
    const sees = powerAt(plan, step);
    const text = `${weights[plan.new.slot]} % of the traffic to ${plan.release}${sees === null ? '' : `; ${sees}`}`;
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
