/** Admits an execution that is reserved or holds the service, that follows a holder that ended, or that a person started. Any other execution ends with a reason. */
import { isSameImage } from '../../core/basics/image.ts';
import type { Service } from '../../core/config/service.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { beforeCommit, type Decision, protocol } from '../../core/protocol/protocol.ts';
import { isContinuation, type Row } from '../../core/protocol/row.ts';
import { holderOf, type Publication } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { observesOnly } from '../shared/announce-plan.ts';
import { continueByPhase } from '../shared/continue-by-phase.ts';
import { finishAttempt } from '../shared/finish-attempt.ts';
import { rowFromRules } from '../shared/first-row.ts';
import { planOrReason } from '../shared/plan-or-reason.ts';
import { eventOf, recorder } from '../shared/record.ts';
import { nobodyAsks, wantedAttempt } from '../shared/redrive.ts';
import type { AskedRollout } from '../shared/rollout.ts';
import type { StepResult } from '../shared/step-result.ts';
import { takeOver } from '../shared/take-over.ts';
import { endWith, isFor, whoHolds } from '../shared/who-holds.ts';

type Needs = Pick<
  Ports,
  'ledger' | 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'images' | 'executions' | 'notify' | 'now'
>;

export const admit =
  (ports: Needs) =>
  async (input: AskedRollout): Promise<StepResult> => {
    const { service: name } = input;
    const kept = await ports.ledger.row(name);
    // With the configuration of its admission, not the current one.
    if (kept?.lock.state === 'held')
      return kept.lock.execution === input.execution ? goOn(ports, input, kept) : takeOver(ports, input, kept);
    const service = await ports.ledger.configuration(name);
    if (service === null)
      return endWith(
        input,
        kept === null ? `${name} is no configured service` : `${name} has no configuration any more`,
      );
    const row = kept ?? (await rowFromRules(ports, service));
    if (row.lock.state === 'reserved')
      return isFor(row, input) ? admitReserved(ports, input, row, service) : endWith(input, whoHolds(row));
    return admitAnew(ports, input, row, service);
  };

/** Continues what another execution began, perhaps long ago. The image is looked up again here; Judge and Provision check capacity and alarms. */
const goOn = async ({ images }: Needs, input: AskedRollout, row: Row): Promise<StepResult> => {
  const on = continueByPhase(input, row);
  const { plan } = row;
  if (!isContinuation(input.execution) || plan === null || !beforeCommit(row)) return on;
  const found = await images.find(plan.configuration, plan.image.reference);
  const why = `vanished: ${plan.image.label} is not in its registry any more, so no instance of it can be launched`;
  return found === null || !isSameImage(found, plan) ? { ...on, next: 'RollBack', why } : on;
};

/** The reserved attempt. The function that refuses publications decides again, with everything as it is now. */
const admitReserved = async (ports: Needs, input: AskedRollout, row: Row, service: Service): Promise<StepResult> => {
  const publication = holderOf(row) as Publication;
  const plan =
    service.mode === 'observe' ? observesOnly(service) : await planOrReason(ports, row, service, publication);
  if (typeof plan === 'string') {
    await recorder(ports, input, 'Admit')('refused', plan);
    await finishAttempt(ports, input, row, 'refused', plan);
    return endWith(input, plan);
  }
  return enterUnder(ports, input, plan, (current) =>
    protocol.admit(current, { ...publication, execution: input.execution, plan, now: ports.now() }),
  );
};

/** The service is free: only a person's request starts something here, as a new attempt. */
const admitAnew = async (ports: Needs, input: AskedRollout, row: Row, service: Service): Promise<StepResult> => {
  const wanted = await wantedAttempt(ports, input);
  if (wanted === null) {
    const records = await ports.ledger.records(input.service, input.release);
    const mine = records.find(({ attempt }) => attempt === input.attempt);
    return endWith(input, mine === undefined ? whoHolds(row) : `this attempt ended ${mine.outcome}: ${mine.reason}`);
  }
  if (service.mode === 'observe') return endWith(input, observesOnly(service));
  const plan = await planOrReason(ports, row, service, wanted.publication);
  if (typeof plan === 'string') return endWith(input, plan);
  const decide = async (current: Row): Promise<Decision> => {
    // Read again after the row: a record that was written meanwhile has taken the attempt's number.
    const still = await wantedAttempt(ports, input);
    if (still === null) return nobodyAsks;
    const { execution } = input;
    return protocol.admitAnew(current, { ...still, token: row.token, execution, plan, now: ports.now() });
  };
  return enterUnder(ports, input, plan, decide, () => rowFromRules(ports, service));
};

/** In characters, of at most three bytes each: an item has 400 kB at most. The bus is sent no plan at all. */
const largestPlan = 100_000;

const enterUnder = async (
  ports: Needs,
  input: AskedRollout,
  plan: Plan,
  decide: (row: Row) => Decision | Promise<Decision>,
  first?: () => Promise<Row>,
): Promise<StepResult> => {
  const now = ports.now();
  const text = `${plan.image.label} is rolled out into ${plan.new.slot}, with ${plan.steps.map(({ weight }) => `${weight} %`).join(', ')} of the traffic`;
  const data = { execution: input.execution, steps: plan.steps, old: plan.old, new: plan.new, label: plan.image.label };
  const admitted = eventOf(plan, now, 'Admit', 'admitted', text, { data });
  const kept = JSON.stringify(plan).length > largestPlan ? admitted : { ...admitted, data: { ...data, plan } };
  const decision = await ports.ledger.decide(input.service, decide, { event: () => kept, ...(first && { first }) });
  if (!decision.ok) return endWith(input, decision.reason);
  await ports.notify({ ...admitted, service: input.service });
  return continueByPhase(input, decision.row);
};
