/** A rollback under `maxExtra`: traffic returns as fast as the old fleet grows, and it grows as fast as the new one is removed. */

import { fullSlot, otherSlot } from '../../core/basics/slot.ts';
import { instanceLimit, needed } from '../../core/plan/capacity.ts';
import { protocol, untilInForce, untilQuiet } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from './apply-weights.ts';
import { carriesBack, only, suffices } from './capacity.ts';
import { demandBack } from './demand.ts';
import type { Entered } from './enter-state.ts';
import { releaseOfPlan } from './fleet-release.ts';
import { lookAtFleets, runningIn } from './fleets.ts';
import { launch } from './launch.ts';
import { growBack } from './old-fleet.ts';
import { replaceUnhealthy } from './replace-unhealthy.ts';
import { type Rollout, withProgress } from './rollout.ts';
import { go, type StepResult } from './step-result.ts';
import { healthy, lookAtTargets, type Targets } from './targets.ts';
import { pollSeconds } from './wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

/** One check and one change: more weight for the old fleet, or room for it. Called again until the rollback no longer waits. */
export const returnTraffic = async (ports: Needs, rollout: Rollout, entered: Entered): Promise<StepResult> => {
  const { row, plan, service } = entered;
  const old = plan.old.slot;
  const fresh = otherSlot(old);
  const targets = await lookAtTargets(ports, service);
  const demand = await demandBack(ports, plan, targets, row.step);
  const wait = (why: string, since = rollout.progress.since): StepResult =>
    go(withProgress(rollout, { since }), 'wait', { seconds: pollSeconds(service), why });

  const { goal, whole, running } = await growInRoom(ports, entered, demand);
  const carries = carriesBack(targets, demand);
  const answering = healthy(targets[old]).length;
  const isLate = isPastDeadline(rollout, entered, ports.now());
  const isSilent = answering === 0 && healthy(targets[fresh]).length > 0;
  // If the new fleet cannot carry its weight, or the old one does not grow in time, traffic goes back at once: a bad version is worse.
  const isDue = isLate || !suffices(targets, fresh, demand, row.wanted.weights[fresh]);
  const all = !isSilent && (carries[old] || isDue);
  const weight = all ? 100 : Math.floor((answering * 100) / demand);
  const turned = await ports.ledger.decide(plan.service, (current) =>
    protocol.turn(current, {
      token: rollout.token,
      carries: all ? only(old) : carries,
      weight,
      ...(isSilent && { silent: isLate && row.wanted.weights[old] === 0 ? 'lost' : 'awaited' }),
      now: ports.now(),
    }),
  );
  if (turned.ok) {
    await applyWeights(ports, service);
    const { weights } = turned.row.wanted;
    return wait(
      isSilent
        ? `all traffic on ${fresh}: ${old} has no healthy target`
        : `${weights[old]} % of the traffic on ${old} again`,
      ports.now(),
    );
  }
  const why = `${old} grows to ${goal} instances, of which ${answering} are healthy`;
  const keeps = needed(demand, row.wanted.weights[fresh]);
  if (goal >= whole || running <= keeps || answering < goal) return wait(why);
  if (untilQuiet(row, ports.now()) > 0) return wait(why, ports.now());
  // If somebody keeps editing a rule, that delays only the removal, not the weights.
  if (untilInForce(row, ports.now()) > 0) return wait(why);
  const { left, short } = await ports.fleet.shrink(service, fresh, keeps, keeps);
  if (short === true) {
    // An instance that serves nobody takes room that the old fleet needs.
    await replaceUnhealthy(ports, service, fresh, keeps, await ports.fleet.observe(service, fresh), targets[fresh]);
    return wait(`${fresh} has lost instances, so none is removed to make room for ${old} yet`);
  }
  return wait(`${fresh} makes room for ${old}: ${left} instances are to be removed`, ports.now());
};

/** Replaces lost instances of the fleet that has all the traffic, if there is room. Nothing else does that before the rollout ends. */
export const keepServing = async (ports: Needs, entered: Entered, targets: Targets, demand: number): Promise<void> => {
  const { row, plan, service } = entered;
  const serving = fullSlot(row.wanted.weights);
  if (healthy(targets[serving]).length >= needed(demand, 100)) return;
  if (serving === plan.old.slot) {
    await growInRoom(ports, entered, demand);
    return;
  }
  const fleets = await lookAtFleets(ports, service);
  const room = Math.max(0, instanceLimit(plan, demand) - runningIn(fleets[plan.old.slot]));
  await launch(ports, releaseOfPlan(plan), serving, Math.min(needed(demand, 100), room));
};

/** Asks the old fleet for as many instances as there is room for. Returns this number, its final number, and the new fleet's number. */
export const growInRoom = async (
  ports: Needs,
  { row, plan, service }: Entered,
  demand: number,
): Promise<{ goal: number; whole: number; running: number }> => {
  const old = plan.old.slot;
  const fleets = await lookAtFleets(ports, service);
  const running = runningIn(fleets[otherSlot(old)]);
  // Instances of the old fleet that are being removed take room until they are gone.
  const leaving = Math.max(0, runningIn(fleets[old]) - fleets[old].number);
  const whole = needed(demand, 100);
  const goal = Math.min(whole, Math.max(0, instanceLimit(plan, demand) - running - leaving));
  await growBack(ports, row, plan, goal);
  return { goal, whole, running };
};

/** The time counts from the last change of weights, or from the last removal. */
const isPastDeadline = ({ progress }: Rollout, { row, service }: Entered, now: number): boolean =>
  now >= Math.max(progress.since, row.wanted.since) + service.checks.readyWithin * 1000;
