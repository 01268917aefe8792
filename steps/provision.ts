/** Provision: capacity before weight. The new fleet gets what the next weight needs, by today's demand. */
import { targetCount } from '../core/capacity.ts';
import type { Plan } from '../core/plan.ts';
import { untilQuiet } from '../core/protocol.ts';
import type { Slot } from '../core/row.ts';
import { demandOf, lookAtTargets } from './observe.ts';
import type { FleetRelease, Ports } from './ports.ts';
import { enter, go, type Rollout, type StepResult, withProgress } from './step.ts';
import { eventOf, tell } from './tell.ts';

export const provision =
  (ports: Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const { row, plan, service } = await enter(ports.ledger, rollout);
    if (row.abort !== null) return go(rollout, 'RollBack', { why: row.abort.why });
    const now = ports.now();
    // A fleet is born quiet: nothing that the last rollout began can still reach this slot.
    const wait = row.phase === 'preparing' ? untilQuiet(row, now) : 0;
    const step = Math.min(row.step + 1, plan.steps.length);
    const started =
      rollout.progress.step === step
        ? rollout
        : withProgress(rollout, { step, since: now + wait, passed: 0, short: null });
    if (wait > 0) return go(started, 'wait', { seconds: wait / 1000, why: 'the last rollout has only just ended' });

    const count = targetCount(plan, step, await demandOf(ports, plan, await lookAtTargets(ports, service)));
    const { launched, short } = await ports.fleet.ensure(releaseOfPlan(plan), plan.new.slot, count);
    if (launched > 0)
      await tell(
        ports,
        plan.service,
        eventOf(rollout, now, 'Provision', 'launched', `${launched} launched in ${plan.new.slot}, ${count} needed`, {
          what: `${step}/${count}/${now}`,
          data: { slot: plan.new.slot, launched, count },
        }),
      );
    if (short !== null)
      await tell(
        ports,
        plan.service,
        eventOf(rollout, now, 'Provision', 'problem', short, { what: `${step}/${short.slice(0, 40)}` }),
      );
    return go(withProgress(started, { passed: 0, short }), 'CheckReady');
  };

export const releaseOfPlan = (plan: Plan): FleetRelease => ({
  service: plan.service,
  release: plan.release,
  image: plan.image,
  attempt: plan.attempt,
  template: plan.template,
  fleet: plan.configuration.fleet,
  targetGroup: plan.configuration.slots[plan.new.slot],
});

/** What runs when a live fleet is asked for more of itself. */
export const releaseOfLive = (
  live: { release: string; image: Plan['image']; attempt: number; template: Plan['template']; slot: Slot },
  service: Plan['configuration'],
): FleetRelease => ({
  service: service.name,
  release: live.release,
  image: live.image,
  attempt: live.attempt,
  template: live.template,
  fleet: service.fleet,
  targetGroup: service.slots[live.slot],
});
