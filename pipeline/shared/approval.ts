/** The approval before the first weight: asks a person, waits, and reads the answer. */
import { formatDuration } from '../../core/basics/duration.ts';
import { formatTime } from '../../core/basics/format.ts';
import { oldCount } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import { answerCommands } from '../../core/protocol/waiting.ts';
import type { Ports } from '../ports/ports.ts';
import { demandOf } from './demand.ts';
import type { Entered } from './enter-state.ts';
import { lookAtRelease } from './fleets.ts';
import { longestHistory } from './history-limit.ts';
import { keepFleets } from './old-fleet.ts';
import { recorder } from './record.ts';
import type { Rollout } from './rollout.ts';
import { go, type StepResult } from './step-result.ts';
import { longestPark, untilBooted } from './wait-times.ts';

const isReady = 'the new instances are healthy and have passed their smoke tests';

/** Asks people, on record. The answer says how long to park first. If called again, it is the same question. */
const askForApproval = async (
  ports: Pick<Ports, 'ledger' | 'notify' | 'now'>,
  rollout: Rollout,
  within: number,
): Promise<StepResult> => {
  const now = ports.now();
  const decision = await ports.ledger.decide(rollout.service, (row) =>
    protocol.ask(row, {
      token: rollout.token,
      kinds: ['approval'],
      step: 0,
      until: now + within * 1000,
      why: isReady,
      now,
    }),
  );
  const question = decision.ok ? decision.row.question : null;
  // Aborted, or held by another execution: AwaitApproval is woken at once and reads that from the row.
  if (question === null) return go(rollout, 'AwaitApproval');
  const { asked, until } = question;
  const approveBy = until ?? now;
  const answers = answerCommands(rollout.service, question.id);
  const text = `waits for approval until ${formatTime(approveBy)}; no user reaches the new version before that, and no answer puts everything back: ${answers}`;
  await recorder(ports, rollout, 'AwaitApproval')('waiting', text, { at: asked });
  return go(rollout, 'AwaitApproval', { seconds: Math.min(longestPark, (approveBy - now) / 1000) });
};

/** Null: no approval is needed, or somebody has approved. */
export const awaitedApproval = async (
  ports: Pick<Ports, 'ledger' | 'notify' | 'now'>,
  rollout: Rollout,
  row: Row,
  plan: Plan,
): Promise<StepResult | null> => {
  const { approval } = plan.configuration;
  if (approval === null || row.step > 0) return null;
  const no = row.signals.find(({ kind }) => kind === 'reject');
  if (no !== undefined) return go(rollout, 'RollBack', { why: `rejected by ${no.by}` });
  if (row.signals.some(({ kind, kinds }) => kind === 'approve' && kinds?.includes('approval'))) return null;
  if (row.question === null) return askForApproval(ports, rollout, approval.within);
  const left = ((row.question.until ?? 0) - ports.now()) / 1000;
  return left > 0
    ? go(rollout, 'AwaitApproval', { seconds: Math.min(longestPark, left) })
    : go(rollout, 'RollBack', { why: `nobody approved it within ${formatDuration(approval.within)}` });
};

/** A person may take days. Meanwhile the old fleet serves everybody, and only this replaces its lost instances. */
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
  // If launched instances end again and again, frequent checks must not use up the execution's history.
  const isSoon = launched > 0 && rollout.progress.steps < longestHistory / 2;
  return isSoon ? { ...asked, seconds: Math.min(asked.seconds, untilBooted) } : asked;
};
