/** Provision: launches the capacity that the next weight needs, by the present demand. */
import { oldCount, targetCount } from '../../core/plan/capacity.ts';
import { untilQuiet } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { demandOf } from '../shared/demand.ts';
import { enter } from '../shared/enter-state.ts';
import { yieldToNewer } from '../shared/give-way.ts';
import { growFleet } from '../shared/grow-fleet.ts';
import { keepFleets, makeRoom } from '../shared/old-fleet.ts';
import { type Rollout, withProgress } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { lookAtTargets } from '../shared/targets.ts';
import { pollSeconds } from '../shared/wait-times.ts';

/** More checks than any configuration requires. */
const alreadyReady = 1_000_000;

export const provision =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const entered = await enter(ports.ledger, rollout);
    const { row, plan, service } = entered;
    if (row.abort !== null) return go(rollout, 'RollBack', { why: row.abort.why });
    // While the attempt was only reserved, nobody could ask it to yield.
    const aside = await yieldToNewer(ports, row, 'Provision');
    if (aside !== null) return go(rollout, 'RollBack', { why: aside.abort?.why ?? '' });
    const now = ports.now();
    // Wait until quiet before the first launch, so that nothing from the last rollout can still reach this slot.
    const wait = row.phase === 'preparing' ? untilQuiet(row, now) : 0;
    const step = Math.min(row.step + 1, plan.steps.length);
    const since = rollout.progress.step === step ? rollout.progress.since : now + wait;
    const preparing = withProgress(rollout, { step, since, passed: 0 });
    if (wait > 0)
      return go(preparing, 'wait', {
        seconds: wait / 1000,
        why: 'the last rollout has just ended: waits until none of its functions can still act',
      });
    if (row.phase === 'preparing') {
      // A target group that no rule names is not health-checked. So every rule has to name both before anything waits for health.
      await applyWeights(ports, service, { naming: true });
      const { instances } = await ports.fleet.observe(service, plan.new.slot);
      const others = instances.filter(({ state, release }) => state !== 'gone' && release !== plan.release);
      if (others.some(({ state }) => state !== 'stopping')) {
        const { left } = await ports.fleet.remove(service, plan.new.slot);
        const why = `${left} instances of an earlier release are left in ${plan.new.slot}`;
        return go(preparing, 'wait', { seconds: pollSeconds(service), why });
      }
    }
    const targets = await lookAtTargets(ports, service);
    const demand = await demandOf(ports, plan, targets, row.step);
    // The number that the old fleet keeps beside this step's new instances. Once it has been made smaller, it is never grown above that.
    await keepFleets(ports, rollout, entered, targets, oldCount(plan, step, demand));
    const isLate = now >= since + service.checks.readyWithin * 1000;
    const room = await makeRoom(ports, entered, targets, { step, demand, isLate });
    if (room.state === 'none') return go(rollout, 'RollBack', { why: room.why });
    if (room.state === 'short') return go(preparing, 'wait', room);
    // Time spent making room does not count against the time limit for becoming ready.
    if (room.state === 'making') return go(withProgress(preparing, { since: now + room.seconds * 1000 }), 'wait', room);
    const { launched, short } = await growFleet(ports, preparing, plan, step, targetCount(plan, step, demand));
    // A fleet that has served the last weight is known to work: one check is enough.
    if (launched === 0 && row.step > 0) return go(withProgress(preparing, { passed: alreadyReady }), 'CheckReady');
    // New instances are not ready, and may not even be listed yet.
    return go(preparing, launched > 0 ? 'launched' : 'CheckReady', { seconds: pollSeconds(service), why: short ?? '' });
  };
