/** Discard: after a rollback, removes the fleet of the slot that has no weight. */
import { StaleToken } from '../../core/basics/errors.ts';
import { fullSlot, otherSlot, type Slot } from '../../core/basics/slot.ts';
import { protocol, untilInForce } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { carriesBack } from '../shared/capacity.ts';
import { demandOf } from '../shared/demand.ts';
import { emptySlot } from '../shared/empty-slot.ts';
import { type Entered, enter } from '../shared/enter.ts';
import { go, type StepResult } from '../shared/go.ts';
import { recorder } from '../shared/record.ts';
import { growInRoom, returnTraffic } from '../shared/return-traffic.ts';
import type { Rollout } from '../shared/rollout.ts';
import { lookAtTargets } from '../shared/targets.ts';
import { pollSeconds } from '../shared/wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

export const discard =
  (ports: Needs) =>
  async (rollout: Rollout): Promise<StepResult> => {
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
      const rest = untilInForce(row, ports.now());
      if (rest > 0)
        return go(rollout, 'wait', { seconds: Math.min(rest / 1000, pollSeconds(service)), why: row.abort?.why ?? '' });
      if (slot === plan.new.slot) await keepEvidence(ports, rollout, entered, slot);
      const condemned = await ports.ledger.decide(plan.service, (current) =>
        protocol.condemn(current, { token: rollout.token, slot, now: ports.now() }),
      );
      if (!condemned.ok) return go(rollout, 'wait', { seconds: pollSeconds(service), why: condemned.reason });
      entered = await enter(ports.ledger, rollout);
    }
    const wait = await emptySlot(ports, rollout, entered, entered.row.condemned as Slot, 'Discard');
    // Where the traffic has turned to the new fleet after all, it is the old one that goes.
    if (entered.row.abort?.waits === false && entered.row.condemned !== plan.old.slot) {
      // Three quarters of it were enough to turn: the rest follows into the room that there is by now.
      const targets = await lookAtTargets(ports, service);
      await growInRoom(ports, entered, await demandOf(ports, plan, targets, entered.row.step));
    }
    return wait ?? go(rollout, 'ReportFailure', { why: entered.row.abort?.why ?? '' });
  };

/** What a failed fleet said, kept before it goes; once. */
const keepEvidence = async (ports: Needs, rollout: Rollout, { service }: Entered, slot: Slot): Promise<void> => {
  const evidence = await ports.fleet.evidence(service, slot, rollout.release);
  const record = recorder(ports, rollout, 'Discard');
  await Promise.all(
    evidence.map(({ instance, said }) => record('evidence', said, { what: instance, data: { instance } })),
  );
};
