/** Approves or rejects the current rollout: writes the answer to the row, then wakes the execution. */
import { Rejected } from '../../core/basics/errors.ts';
import { openQuestion, protocol } from '../../core/protocol/protocol.ts';
import type { Question } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { eventOf, recordEvent } from '../shared/record.ts';
import { wakeAll } from '../shared/wake-executions.ts';
import { currentRollout } from './current-rollout.ts';
import type { Subject } from './subject.ts';

type Needs = Pick<Ports, 'ledger' | 'executions' | 'notify' | 'now'>;

export interface Answer {
  service: string;
  kind: 'approve' | 'reject';
  by: string;
  reason?: string | undefined;
  /** The question that is answered; undefined: the open one. */
  question?: string | undefined;
}

/** The rollout, and the question that was answered; null: a rejection without a question. */
export interface Answered extends Subject {
  question: Pick<Question, 'id' | 'why'> | null;
}

export const answerWords = { approve: 'approved', reject: 'rejected' } as const;

/** Throws Rejected if nobody is asked, or an answer no longer counts. */
export const answer = async (
  ports: Needs,
  { service: given, kind, by, reason, question = undefined }: Answer,
): Promise<Answered> => {
  const { service, publication, row } = await currentRollout(ports, given);
  if (kind === 'approve' && row.plan !== null && row.plan.configuration.approval === null && row.step === 0)
    throw new Rejected(`${service} asks nobody before a rollout: its configuration has no \`approval\``);
  const { release, attempt, image } = publication;
  const open = openQuestion(row);
  const names = question ?? open?.id;
  const at = ports.now();
  const done = answerWords[kind];
  const text = `${done} by ${by}${reason === undefined ? '' : `: ${reason}`}`;
  const event = eventOf({ service, release, attempt }, at, by, 'answered', text, { what: `${kind}/${at}` });
  const decision = await ports.ledger.decide(service, (current) =>
    protocol.signal(current, {
      release,
      attempt,
      signal: {
        kind,
        by: reason === undefined ? by : `${by}: ${reason}`,
        at,
        ...(names !== undefined && { question: names }),
      },
    }),
  );
  if (!decision.ok) throw new Rejected(`${image.label} (${release}) cannot be ${done} now: ${decision.reason}`);
  await recordEvent(ports, service, event);
  await wakeAll(ports, decision.row);
  return { service, release, attempt, label: image.label, question: open && { id: open.id, why: open.why } };
};
