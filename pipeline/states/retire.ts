/** Retire: commits, then removes the old fleet. */
import { needed } from '../../core/plan/capacity.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { carriesBack } from '../shared/capacity.ts';
import { demandOf } from '../shared/demand.ts';
import { emptySlot } from '../shared/empty-slot.ts';
import { enter } from '../shared/enter-state.ts';
import { releaseOfPlan } from '../shared/fleet-release.ts';
import { lookAtRelease } from '../shared/fleets.ts';
import { launch } from '../shared/launch.ts';
import { recorder } from '../shared/record.ts';
import { replaceUnhealthy } from '../shared/replace-unhealthy.ts';
import type { Rollout } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { healthy } from '../shared/targets.ts';
import { pollSeconds } from '../shared/wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

export const retire =
  (ports: Needs) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const { row, plan, service } = await enter(ports.ledger, rollout);
    const record = recorder(ports, rollout, 'Retire');
    const { fleet, targets } = await lookAtRelease(ports, plan);
    const demand = await demandOf(ports, plan, targets, row.step);
    // The new fleet has to be complete for the commit. After it, the loss of up to a quarter stops nothing.
    const back = carriesBack(targets, demand);
    const whole = healthy(targets[plan.new.slot]).length >= needed(demand, 100);
    const carries = { ...back, [plan.new.slot]: whole };
    if (row.phase !== 'committed') {
      const commit = await ports.ledger.decide(plan.service, (current) =>
        protocol.commit(current, { token: rollout.token, carries }),
      );
      if (!commit.ok)
        return go(rollout, commit.guard === 'newCarries' ? 'Judge' : 'RollBack', {
          why: row.abort?.why ?? commit.reason,
        });
      await record(
        'committed',
        `${plan.release} carries all traffic; removing the old fleet, so rollback now needs a new rollout`,
      );
    }
    const { short } = whole
      ? { short: null }
      : await launch(ports, releaseOfPlan(plan), plan.new.slot, needed(demand, 100));
    if (!back[plan.new.slot]) {
      // After the commit no rollback is possible.
      await replaceUnhealthy(ports, service, plan.new.slot, needed(demand, 100), fleet, targets[plan.new.slot]);
      const why = `${healthy(targets[plan.new.slot]).length} of ${needed(demand, 100)} new instances are healthy: the old fleet stays until they are${short === null ? '' : `; ${short}`}`;
      await record('problem', why, { what: 'short' });
      return go(rollout, 'wait', { seconds: pollSeconds(service), why });
    }
    const committed = await enter(ports.ledger, rollout);
    const wait = await emptySlot(ports, rollout, committed, plan.old.slot, 'Retire');
    return wait ?? go(rollout, 'Complete', { why: committed.row.abort?.why ?? '' });
  };
