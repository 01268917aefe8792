/** Discard: after a rollback, removes the fleet without weight, and keeps the fleet that has the traffic complete. */
import { StaleToken } from '../../core/basics/errors.ts';
import { fullSlot, otherSlot, type Slot } from '../../core/basics/slot.ts';
import { protocol, untilInForce } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { carriesBack, only } from '../shared/capacity.ts';
import { demandBack } from '../shared/demand.ts';
import { emptySlot } from '../shared/empty-slot.ts';
import { type Entered, enter } from '../shared/enter-state.ts';
import { recorder } from '../shared/record.ts';
import { keepServing, returnTraffic } from '../shared/return-traffic.ts';
import { returnWeights } from '../shared/return-weights.ts';
import { type Rollout, withProgress } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { healthy, lookAtTargets, type Targets } from '../shared/targets.ts';
import { pollSeconds } from '../shared/wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

export const discard =
  (ports: Needs) =>
  async (rollout: Rollout): Promise<StepResult> => {
    let entered = await enter(ports.ledger, rollout);
    const { plan, service } = entered;
    // A late Retire may have committed after all. Admit knows how to continue from there.
    if (entered.row.phase !== 'rollingBack')
      throw new StaleToken(`${plan.release} is ${entered.row.phase}, not rolling back`);
    if (entered.row.abort?.waits === true) return returnTraffic(ports, rollout, entered);
    // Before the rollout ends, nothing else replaces lost instances of the serving fleet.
    const targets = await lookAtTargets(ports, service);
    const demand = await demandBack(ports, plan, targets, entered.row.step);
    await keepServing(ports, entered, targets, demand);
    if (entered.row.condemned === null) {
      const undecided = await condemn(ports, rollout, entered, targets, demand);
      if (undecided !== null) return undecided;
      entered = await enter(ports.ledger, rollout);
    }
    const wait = await emptySlot(ports, rollout, entered, entered.row.condemned as Slot, 'Discard');
    return wait ?? go(rollout, 'ReportFailure', { why: entered.row.abort?.why ?? '' });
  };

/** Decides which slot is removed. Until then the other one may still be needed, so health is read again each time. Null: it is decided. */
const condemn = async (
  ports: Needs,
  rollout: Rollout,
  entered: Entered,
  targets: Targets,
  demand: number,
): Promise<StepResult | null> => {
  const { plan, service } = entered;
  const record = recorder(ports, rollout, 'Discard');
  const answers = { blue: healthy(targets.blue).length > 0, green: healthy(targets.green).length > 0 };
  const serving = fullSlot(entered.row.wanted.weights);
  const other = otherSlot(serving);
  const isDark = entered.row.step > 0 && !answers[serving] && answers[other];
  const looked = withProgress(rollout, { passed: isDark ? rollout.progress.passed + 1 : 0 });
  const wait = (why: string, seconds = pollSeconds(service)): StepResult => go(looked, 'wait', { seconds, why });
  // A serving fleet that has not been healthy within `readyWithin` is given up: the other, healthy one gets the traffic.
  const isLost = isDark && looked.progress.passed * pollSeconds(service) >= service.checks.readyWithin;
  const carries = isLost ? only(other) : carriesBack(targets, demand);
  await ports.ledger.decide(plan.service, (row) =>
    protocol.turn(row, { token: rollout.token, carries, now: ports.now() }),
  );
  const { row, refused } = await returnWeights(ports, rollout, service, record);
  if (refused !== null) return wait(refused);
  const slot = otherSlot(fullSlot(row.wanted.weights));
  const unsettled = untilInForce(row, ports.now());
  if (unsettled > 0) return wait(row.abort?.why ?? '', Math.min(unsettled / 1000, pollSeconds(service)));
  if (slot === plan.new.slot) await keepEvidence(ports, rollout, entered, slot);
  const condemned = await ports.ledger.decide(plan.service, (current) =>
    protocol.condemn(current, { token: rollout.token, slot, answers, now: ports.now() }),
  );
  if (condemned.ok) return null;
  if (condemned.guard === 'otherAnswers')
    await record(
      'problem',
      `${serving} has all the traffic and no healthy target; ${other} stays until instances launched in ${serving} answer`,
      { what: 'dark' },
    );
  return wait(condemned.reason);
};

/** Keeps the last output of a failed fleet before it is removed; once. */
const keepEvidence = async (ports: Needs, rollout: Rollout, { service }: Entered, slot: Slot): Promise<void> => {
  const evidence = await ports.fleet.evidence(service, slot, rollout.release);
  const record = recorder(ports, rollout, 'Discard');
  await Promise.all(
    evidence.map(({ instance, said }) => record('evidence', said, { what: instance, data: { instance } })),
  );
};
