/** Admit: the first step of every execution, and the only one that may make it the holder. Reserved for it, its own already, a dead one's, or a person's wish; else it is told and ends. */
import * as z from 'zod';
import type { Service } from '../../core/config/service.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { beforeCommit, type Decision, protocol } from '../../core/protocol/protocol.ts';
import { isContinuation, type Row } from '../../core/protocol/row.ts';
import { heldBy, type Publication } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { observesOnly } from '../shared/announce-plan.ts';
import { wayBack } from '../shared/capacity.ts';
import { demandOf } from '../shared/demand.ts';
import { rowFromRules } from '../shared/first-row.ts';
import { go, type StepResult } from '../shared/go.ts';
import { planOrReason } from '../shared/plan-or-reason.ts';
import { eventOf, recorder } from '../shared/record.ts';
import { isRecovery } from '../shared/recover.ts';
import { type Rollout, rolloutInput, withProgress } from '../shared/rollout.ts';
import { lookAtTargets } from '../shared/targets.ts';
import { letGo } from './finish.ts';

export const admitInput = rolloutInput.extend({
  /** When a person last asked for this execution, ISO 8601: its redrive, else its start. */
  askedAt: z.iso.datetime({ offset: true }),
});
type AdmitInput = z.infer<typeof admitInput>;

type Needs = Pick<
  Ports,
  'ledger' | 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'images' | 'executions' | 'notify' | 'now'
>;

export const admit =
  (ports: Needs) =>
  async (input: AdmitInput): Promise<StepResult> => {
    const { service: name } = input;
    const kept = await ports.ledger.row(name);
    // By the configuration that it was admitted with, whatever is configured now.
    if (kept?.lock.state === 'held')
      return kept.lock.execution === input.execution ? goOn(ports, input, kept) : takeOver(ports, input, kept);
    const service = await ports.ledger.configuration(name);
    if (service === null)
      return told(
        input,
        kept === null
          ? `${name} is nobody's service: it has no configuration`
          : `${name} has no configuration any more`,
      );
    const row = kept ?? (await rowFromRules(ports, service));
    if (row.lock.state === 'reserved')
      return isFor(row, input) ? admitReserved(ports, input, row, service) : told(input, whoHolds(row));
    return admitAnew(ports, input, row, service);
  };

const told = (rollout: Rollout, why: string): StepResult => go(rollout, 'Ended', { why });

const isFor = (row: Row, { release, attempt }: Rollout): boolean => {
  const publication = heldBy(row);
  return publication?.release === release && publication.attempt === attempt;
};

const whoHolds = (row: Row): string => {
  const publication = heldBy(row);
  return publication === null
    ? `${row.service} is free`
    : `${row.service} is ${row.lock.state} by ${publication.release} attempt ${publication.attempt}`;
};

/** Where an execution that holds the service goes on, whatever it did before. */
const onByPhase = (rollout: Rollout, row: Row): StepResult => {
  const publication = heldBy(row);
  const mine: Rollout = {
    ...rollout,
    release: publication?.release ?? rollout.release,
    attempt: publication?.attempt ?? rollout.attempt,
    token: row.token,
  };
  switch (row.phase) {
    case 'preparing':
      // A fresh attempt in an old execution: what its variables remember is of the attempt before.
      return go(withProgress(mine, { step: 0, since: 0, passed: 0, approveBy: 0, heard: 0 }), 'Provision');
    case 'shifting':
    case 'settling':
      return go(withProgress(mine, { step: row.step }), 'Judge');
    case 'committed':
      return go(mine, 'Retire');
    case 'rollingBack':
      return go(mine, 'RollBack', { why: row.abort?.why ?? '' });
    case 'free':
      return told(rollout, `${row.service} is free`);
    default:
      return row.phase satisfies never;
  }
};

/** What another execution began long ago is looked at anew: capacity and alarms by Judge and Provision, before the next weight, and the image here. */
const goOn = async ({ images }: Needs, input: AdmitInput, row: Row): Promise<StepResult> => {
  const on = onByPhase(input, row);
  const { plan } = row;
  if (!isContinuation(input.execution) || plan === null || !beforeCommit(row)) return on;
  const found = await images.find(plan.configuration, plan.image.reference);
  const why = `vanished: ${plan.image.label} is not in its registry any more, so that no instance of it can be launched`;
  return found === null ? { ...on, next: 'RollBack', why } : on;
};

/** Derived names are for the machine; whatever else is started was started by a person, or is a recovery. */
const isPersons = ({ service, release, execution }: AdmitInput): boolean =>
  !isRecovery(execution) &&
  !isContinuation(execution) &&
  !(execution.startsWith(`${service}-${release}-`) && /-\d+$/.test(execution));

/** Of the release that is under way: whatever attempt a person has written beside it, or none. */
const isOf = (row: Row, { release }: AdmitInput): boolean => heldBy(row)?.release === release;

/** Held by another execution: only a closed one can be followed, by a recovery, a person, or an execution of the same attempt. */
const takeOver = async (ports: Needs, input: AdmitInput, row: Row): Promise<StepResult> => {
  if (row.lock.state !== 'held') return told(input, whoHolds(row));
  if (!isRecovery(input.execution) && !isPersons(input) && !isFor(row, input)) return told(input, whoHolds(row));
  if ((await ports.executions.status(row.lock.execution)) === 'running')
    return told(input, `${whoHolds(row)}, and running`);
  if (isPersons(input) && !isOf(row, input)) {
    // What the person asked for is not lost: it waits behind the rollout that this execution now brings to its end.
    const asked = await ports.ledger.decide(input.service, async (current) => {
      const wanted = await wantedAnew(ports, input);
      // An execution that comes here again after its own end has asked for nothing since.
      if (wanted === null || wanted.publication.order <= wanted.endedAt) return nobodyAsks;
      return protocol.publish(current, { publication: wanted.publication, now: ports.now() });
    });
    if (!asked.ok) return told(input, whoHolds(row));
  }
  const way = await wayBackNow(ports, row);
  const decision = await ports.ledger.decide(input.service, (current) => {
    const now = ports.now();
    const { execution } = input;
    const taken = protocol.takeOver(current, { token: row.token, execution, closed: true, ...way, now });
    return isPersons(input) && isOf(current, input) ? andAnew(taken, input, now) : taken;
  });
  if (!decision.ok) return told(input, decision.reason);
  return onByPhase(input, decision.row);
};

/** A person's New execution of an attempt that it can only bring back: after that comes a fresh one, in the same write. */
const andAnew = (taken: Decision, { askedAt }: AdmitInput, now: number): Decision => {
  const held = taken.ok ? heldBy(taken.row) : null;
  if (!taken.ok || held === null || taken.row.abort === null) return taken;
  const order = Date.parse(askedAt);
  const publication = { ...held, attempt: held.attempt + 1, order, asked: true, by: 'the console' };
  const published = protocol.publish(taken.row, { publication, now });
  return published.ok ? { ...published, changed: true } : taken;
};

const wayBackNow = async (ports: Needs, row: Row): Promise<ReturnType<typeof wayBack>> => {
  const { plan } = row;
  // What has its way already, forward or back, is not decided anew.
  if (plan === null || !beforeCommit(row)) return { carries: { blue: false, green: false } };
  const targets = await lookAtTargets(ports, plan.configuration);
  return wayBack(row, plan, targets, await demandOf(ports, plan, targets, row.step));
};

/** The reserved attempt: the same function that refuses publications has the last word, on the world as it is now. */
const admitReserved = async (ports: Needs, input: AdmitInput, row: Row, service: Service): Promise<StepResult> => {
  const publication = heldBy(row) as Publication;
  const plan =
    service.mode === 'observe' ? observesOnly(service) : await planOrReason(ports, row, service, publication);
  if (typeof plan === 'string') {
    await recorder(ports, input, 'Admit')('refused', plan);
    await letGo(ports, input, row, 'refused', plan);
    return told(input, plan);
  }
  return enterUnder(ports, input, plan, (current) =>
    protocol.admit(current, { ...publication, execution: input.execution, plan, now: ports.now() }),
  );
};

/** Free: nothing starts here but by a person's wish, as a fresh attempt. */
const admitAnew = async (ports: Needs, input: AdmitInput, row: Row, service: Service): Promise<StepResult> => {
  const wanted = await wantedAnew(ports, input);
  if (wanted === null) {
    const records = await ports.ledger.records(input.service, input.release);
    const mine = records.find(({ attempt }) => attempt === input.attempt);
    return told(input, mine === undefined ? whoHolds(row) : `this attempt ended ${mine.outcome}: ${mine.reason}`);
  }
  if (service.mode === 'observe') return told(input, observesOnly(service));
  const plan = await planOrReason(ports, row, service, wanted.publication);
  if (typeof plan === 'string') return told(input, plan);
  const decide = async (current: Row): Promise<Decision> => {
    // Read again, after the row: a record that was written meanwhile has taken the attempt's number.
    const still = await wantedAnew(ports, input);
    if (still === null) return nobodyAsks;
    const { execution } = input;
    return protocol.admitAnew(current, { ...still, token: row.token, execution, plan, now: ports.now() });
  };
  return enterUnder(ports, input, plan, decide, () => rowFromRules(ports, service));
};

const nobodyAsks: Decision = { ok: false, guard: 'asked', reason: 'nobody has asked for this since it ended' };

/**
 * The fresh attempt that a New execution, or a redrive after the record, asks for; null: nobody asks. It stands where it was asked for in
 * time, not where it is read: an execution that comes here again after its own end has asked for nothing since.
 */
const wantedAnew = async (
  ports: Needs,
  input: AdmitInput,
): Promise<{ publication: Publication; endedAt: number } | null> => {
  if (isRecovery(input.execution) || isContinuation(input.execution)) return null;
  const records = await ports.ledger.records(input.service, input.release);
  const order = Date.parse(input.askedAt);
  const redriven = records.some(({ attempt, at }) => attempt === input.attempt && order > at);
  const last = records.at(-1);
  if (last === undefined || !(redriven || isPersons(input))) return null;
  const { at: endedAt } = last;
  // Two images may share a release: the attempt that is named says which.
  const { release, image } = records.find(({ attempt }) => attempt === input.attempt) ?? last;
  const by = isPersons(input) ? 'the console' : 'a redrive';
  return { publication: { release, image, attempt: last.attempt + 1, order, asked: true, by }, endedAt };
};

const enterUnder = async (
  ports: Needs,
  input: AdmitInput,
  plan: Plan,
  decide: (row: Row) => Decision | Promise<Decision>,
  first?: () => Promise<Row>,
): Promise<StepResult> => {
  const now = ports.now();
  const text = `${plan.image.label} goes to ${plan.new.slot} by ${plan.steps.map(({ weight }) => `${weight} %`).join(', ')}`;
  const admitted = eventOf(plan, now, 'Admit', 'admitted', text, {
    data: { execution: input.execution, steps: plan.steps, old: plan.old, new: plan.new, label: plan.image.label },
  });
  const decision = await ports.ledger.decide(input.service, decide, { event: () => admitted, ...(first && { first }) });
  if (!decision.ok) return told(input, decision.reason);
  await ports.notify({ ...admitted, service: input.service });
  return onByPhase(input, decision.row);
};
