/** The approval before the first weight: who is asked, what was answered, and what happens meanwhile. */
import { formatDuration } from '../../core/basics/duration.ts';
import { formatTime } from '../../core/basics/format.ts';
import { oldCount } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { demandOf } from './demand.ts';
import type { Entered } from './enter.ts';
import { lookAtRelease } from './fleets.ts';
import { go, type StepResult } from './go.ts';
import { longestHistory } from './history-limit.ts';
import { keepFleets } from './old-fleet.ts';
import { recorder } from './record.ts';
import { type Rollout, withProgress } from './rollout.ts';
import { longestPark, untilBooted } from './wait-times.ts';

/** Asks people, on record: until when they are waited for, and how long the first park lasts. */
export const askForApproval = async (
  ports: Pick<Ports, 'ledger' | 'notify' | 'now'>,
  rollout: Rollout,
  within: number,
  now: number,
): Promise<StepResult> => {
  const approveBy = rollout.progress.approveBy || now + within * 1000;
  const text = `waits for approval until ${formatTime(approveBy)}; no user reaches the new version before that, and no answer puts everything back: cutover approve ${rollout.service}, or cutover reject ${rollout.service}`;
  await recorder(ports, rollout, 'AwaitApproval')('waiting', text, { at: now });
  return go(withProgress(rollout, { approveBy }), 'AwaitApproval', {
    seconds: Math.min(longestPark, (approveBy - now) / 1000),
  });
};

/** Null: nobody needs to be asked, or somebody has said yes. */
export const approvalOf = (row: Row, plan: Plan, rollout: Rollout, now: number): StepResult | null => {
  const { approval } = plan.configuration;
  if (approval === null || row.step > 0) return null;
  const answer = row.signals.at(-1);
  if (answer?.kind === 'approve') return null;
  if (answer?.kind === 'reject') return go(rollout, 'RollBack', { why: `rejected by ${answer.by}` });
  const left = (rollout.progress.approveBy - now) / 1000;
  return left > 0
    ? go(rollout, 'AwaitApproval', { seconds: Math.min(longestPark, left) })
    : go(rollout, 'RollBack', { why: `nobody approved it within ${formatDuration(approval.within)}` });
};

/** People take days, and until then everybody is served by the old fleet: nobody else replaces what it loses meanwhile. */
export const keepFleetsMeanwhile = async (
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
