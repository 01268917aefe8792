/** Retire and Discard: takes a slot's fleet away, last of all, and only where no weight can come back to it. */
import * as z from 'zod';
import { StaleToken } from '../../core/basics/errors.ts';
import { fullSlot, otherSlot, type Slot } from '../../core/basics/slot.ts';
import { needed } from '../../core/plan/capacity.ts';
import { protocol, untilInForce } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { carriesBack } from '../shared/capacity.ts';
import { demandOf } from '../shared/demand.ts';
import { type Entered, enter } from '../shared/enter.ts';
import { releaseOfPlan } from '../shared/fleet-release.ts';
import { lookAtRelease } from '../shared/fleets.ts';
import { go, type StepResult } from '../shared/go.ts';
import { recorder } from '../shared/record.ts';
import { replaceUnhealthy } from '../shared/replace-unhealthy.ts';
import { growInRoom, returnTraffic } from '../shared/return-traffic.ts';
import { type Rollout, rolloutInput } from '../shared/rollout.ts';
import { healthy, lookAtTargets } from '../shared/targets.ts';
import { pollSeconds } from '../shared/wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

/** `old`: the old fleet, after commit. `unused`: whichever slot has no weight, after a rollback. */
export const removeInput = rolloutInput.extend({ slot: z.enum(['old', 'unused']) });

export const remove =
  (ports: Needs) =>
  (input: z.infer<typeof removeInput>): Promise<StepResult> =>
    input.slot === 'old' ? retire(ports, input) : discard(ports, input);

const retire = async (ports: Needs, rollout: Rollout): Promise<StepResult> => {
  const { row, plan, service } = await enter(ports.ledger, rollout);
  const record = recorder(ports, rollout, 'Retire');
  const { old } = plan;
  const { fleet, targets } = await lookAtRelease(ports, plan);
  const demand = await demandOf(ports, plan, targets, row.step);
  // To commit, the new fleet is whole; once it has been, one lost instance in four does not hold everything up.
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
    await record('committed', `${plan.release} carries all traffic: no way back from here`);
  }
  const { short } = whole
    ? { short: null }
    : await ports.fleet.ensure(releaseOfPlan(plan), plan.new.slot, needed(demand, 100));
  if (!back[plan.new.slot]) {
    // There is no way back.
    await replaceUnhealthy(ports, service, plan.new.slot, needed(demand, 100), fleet, targets[plan.new.slot]);
    const why = `${healthy(targets[plan.new.slot]).length} of ${needed(demand, 100)} new instances are healthy: the old fleet stays until they are${short === null ? '' : `; ${short}`}`;
    await record('problem', why, { what: 'short' });
    return go(rollout, 'wait', { seconds: pollSeconds(service), why });
  }
  return removeSlot(ports, rollout, await enter(ports.ledger, rollout), old.slot, 'Complete');
};

const discard = async (ports: Needs, rollout: Rollout): Promise<StepResult> => {
  let entered = await enter(ports.ledger, rollout);
  const { plan, service } = entered;
  // A Retire that was late may have committed after all: Admit knows the way on from there.
  if (entered.row.phase !== 'rollingBack')
    throw new StaleToken(`${plan.release} is ${entered.row.phase}, not rolling back`);
  if (entered.row.abort?.waits === true) return returnTraffic(ports, rollout, entered);
  if (entered.row.condemned === null) {
    // Until a slot is condemned the other one may still be needed: health is looked at again on every round.
    const targets = await lookAtTargets(ports, service);
    const demand = await demandOf(ports, plan, targets, entered.row.step);
    const carries = carriesBack(targets, demand);
    await ports.ledger.decide(plan.service, (row) =>
      protocol.turn(row, { token: rollout.token, carries, now: ports.now() }),
    );
    const row = await applyWeights(ports, service);
    const slot = otherSlot(fullSlot(row.wanted.weights));
    const wait = untilInForce(row, ports.now());
    if (wait > 0)
      return go(rollout, 'wait', { seconds: Math.min(wait / 1000, pollSeconds(service)), why: row.abort?.why ?? '' });
    if (slot === plan.new.slot) await keepEvidence(ports, rollout, entered, slot);
    const condemned = await ports.ledger.decide(plan.service, (current) =>
      protocol.condemn(current, { token: rollout.token, slot, now: ports.now() }),
    );
    if (!condemned.ok) return go(rollout, 'wait', { seconds: pollSeconds(service), why: condemned.reason });
    entered = await enter(ports.ledger, rollout);
  }
  const result = await removeSlot(ports, rollout, entered, entered.row.condemned as Slot, 'ReportFailure');
  // Where the traffic has turned to the new fleet after all, it is the old one that goes.
  if (entered.row.abort?.waits === false && entered.row.condemned !== plan.old.slot) {
    // Three quarters of it were enough to turn: the rest follows into the room that there is by now.
    const targets = await lookAtTargets(ports, service);
    await growInRoom(ports, entered, await demandOf(ports, plan, targets, entered.row.step));
  }
  return result;
};

/** One bounded step: quiet, read back as weight 0 on every rule that names it, then deregister, drain and terminate. */
const removeSlot = async (
  ports: Needs,
  rollout: Rollout,
  { row, service }: Entered,
  slot: Slot,
  then: 'Complete' | 'ReportFailure',
): Promise<StepResult> => {
  const record = recorder(ports, rollout, then === 'Complete' ? 'Retire' : 'Discard');
  const why = row.abort?.why ?? '';
  const wait = untilInForce(row, ports.now());
  if (wait > 0) return go(rollout, 'wait', { seconds: Math.min(wait / 1000, pollSeconds(service)), why });
  const weighted = (await ports.traffic.rulesNaming(service)).filter(({ weights }) => weights[slot] > 0);
  if (weighted.length > 0) {
    const stranger = weighted.find(({ rule }) => !service.rules.includes(rule));
    if (stranger !== undefined) {
      const text = `${stranger.rule} is not among the service's rules and gives ${slot} ${stranger.weights[slot]} %: take that away, ${slot} is to be emptied`;
      await record('problem', text, { what: stranger.rule });
    }
    await applyWeights(ports, service);
    return go(rollout, 'wait', {
      seconds: pollSeconds(service),
      why: why || `${weighted.length} rules still give ${slot} a weight`,
    });
  }
  const { left, draining } = await ports.fleet.remove(service, slot);
  if (left > 0)
    return go(rollout, 'wait', {
      // Draining lasts minutes, and nobody waits for its end but this.
      seconds: draining > 0 ? 3 * pollSeconds(service) : pollSeconds(service),
      why: why || `${left} instances left in ${slot}, ${draining} of them draining`,
    });
  await record('removed', `${slot} is empty`, { data: { slot } });
  return go(rollout, then, { why });
};

/** What a failed fleet said, kept before it goes; once. */
const keepEvidence = async (ports: Needs, rollout: Rollout, { service }: Entered, slot: Slot): Promise<void> => {
  const evidence = await ports.fleet.evidence(service, slot, rollout.release);
  const record = recorder(ports, rollout, 'Discard');
  await Promise.all(
    evidence.map(({ instance, said }) => record('evidence', said, { what: instance, data: { instance } })),
  );
};
