/** Aborts a rollout: decides it in the row, applies the weights, wakes the execution. For alarms and people; RollBack runs in the execution itself. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Weights } from '../../core/basics/slot.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import type { Ports } from '../ports/ports.ts';
import { applyWeights } from '../shared/apply-weights.ts';
import { wayBack } from '../shared/capacity.ts';
import { demandBack } from '../shared/demand.ts';
import { recorder } from '../shared/record.ts';
import { lookAtTargets } from '../shared/targets.ts';
import { wakeAll } from '../shared/wake-executions.ts';
import { currentRollout } from './current-rollout.ts';
import type { Subject } from './subject.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'executions' | 'notify' | 'now'>;

/** Returns null if it was aborted, or the reason why not. */
export const abortRollout = async (
  ports: Needs,
  { service, release, attempt }: { service: string; release: string; attempt: number },
  { why, by }: { why: string; by: string },
): Promise<string | null> => {
  const row = await ports.ledger.row(service);
  if (row?.plan == null) return 'no rollout is under way';
  const { plan } = row;
  // Targets are read again for each try: a person's command lasts for minutes, in which they may change.
  const decision = await ports.ledger.decide(service, async (current) => {
    const targets = await lookAtTargets(ports, plan.configuration);
    const demand = await demandBack(ports, plan, targets, current.step);
    const way = wayBack(current, plan, targets, demand);
    return protocol.abort(current, { release, attempt, kind: 'failed', why, by, ...way, now: ports.now() });
  });
  // It may have been aborted before by a call whose weights or wake-up did not get through. So they are repeated.
  if (!decision.ok && !(await isGoingBack(ports, { service, release, attempt }))) return decision.reason;
  const applied = await applyWeights(ports, plan.configuration).finally(() => wakeHolder(ports, service));
  const now = ports.now();
  await recorder(ports, { service, release, attempt }, by)('aborted', why, {
    at: now,
    data: { weights: applied.wanted.weights, seconds: (now - applied.wanted.since) / 1000 },
  });
  return null;
};

/** Also after a rule could not be edited: the holder keeps trying that. */
const wakeHolder = async (ports: Needs, service: string): Promise<void> => {
  const row = await ports.ledger.row(service);
  if (row !== null) await wakeAll(ports, row);
};

const isGoingBack = async (
  { ledger }: Needs,
  { service, release, attempt }: { service: string; release: string; attempt: number },
): Promise<boolean> => {
  const row = await ledger.row(service);
  return row?.phase === 'rollingBack' && row.plan?.release === release && row.plan.attempt === attempt;
};

/** A person's abort of the current rollout. Throws Rejected if there is none, or if it cannot be aborted any more. */
export const abort = async (
  ports: Needs,
  { service: given, by, reason }: { service: string; by: string; reason?: string | undefined },
): Promise<Subject & { weights: Weights | undefined }> => {
  const { service, publication } = await currentRollout(ports, given);
  const { release, attempt, image } = publication;
  const why = `aborted by ${by}${reason === undefined ? '' : `: ${reason}`}`;
  const refused = await abortRollout(ports, { service, release, attempt }, { why, by });
  if (refused !== null) throw new Rejected(`${image.label} (${release}) cannot be aborted now: ${refused}`);
  const weights = (await ports.ledger.row(service))?.wanted.weights;
  return { service, release, attempt, label: image.label, weights };
};
