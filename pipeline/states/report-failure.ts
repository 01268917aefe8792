/** ReportFailure: records the failed attempt and throws, so that the console shows a failure and offers a redrive. */
import { Rejected, RolloutFailed } from '../../core/basics/errors.ts';
import { isRecovery } from '../../core/protocol/row.ts';
import type { AttemptRecord } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { causeText } from '../shared/cause-text.ts';
import { finishAttempt } from '../shared/finish-attempt.ts';
import type { AskedRollout, Rollout } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'executions' | 'notify' | 'now'>;

export const reportFailure =
  (ports: Needs) =>
  async (input: AskedRollout & { why: string }): Promise<StepResult> => {
    const rollout: Rollout = input;
    const said = causeText(input.why);
    const row = await ports.ledger.row(rollout.service);
    if (row?.lock.state === 'held' && row.lock.execution === rollout.execution) {
      // Admit let this execution in, but failed afterwards or its answer was lost. It continues by phase, under the row's own token.
      if (row.token !== rollout.token)
        return go({ ...rollout, token: row.token }, row.phase === 'committed' ? 'Retire' : 'RollBack', {
          why: said,
        });
      const { kind, why } = row.abort ?? { kind: 'failed' as const, why: said };
      await finishAttempt(ports, rollout, row, kind, why);
      return ended(rollout, kind, why);
    }
    const { release, attempt } = rollout;
    if (
      row?.lock.state === 'reserved' &&
      row.lock.publication.release === release &&
      row.lock.publication.attempt === attempt
    ) {
      await finishAttempt(ports, rollout, row, 'failed', said);
      return ended(rollout, 'failed', said);
    }
    const record = (await ports.ledger.records(rollout.service, release)).find((known) => known.attempt === attempt);
    if (record === undefined) throw new Rejected(said || `nothing is known of ${release} attempt ${attempt}`);
    return Date.parse(input.askedAt) > record.at ? go(rollout, 'Admit') : ended(rollout, record.outcome, record.reason);
  };

/** A failure is thrown, so that the console shows it and offers a redrive. A recovery has succeeded, and superseded is no failure. */
const ended = (rollout: Rollout, outcome: AttemptRecord['outcome'], why: string): StepResult => {
  if (outcome === 'failed' && !isRecovery(rollout.execution)) throw new RolloutFailed(why);
  return go(rollout, 'Ended', { why });
};
