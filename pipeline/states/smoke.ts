/** Smoke: sends the probes to new instances before any user's request reaches them. */
import { messageOf, Transient } from '../../core/basics/errors.ts';
import { outsideLine, outsideText } from '../../core/basics/outside-text.ts';
import type { Ports } from '../ports/ports.ts';
import { awaitedApproval } from '../shared/approval.ts';
import { enter } from '../shared/enter-state.ts';
import { recorder } from '../shared/record.ts';
import type { Rollout } from '../shared/rollout.ts';
import { go, type StepResult } from '../shared/step-result.ts';
import { healthy, lookAtTargets } from '../shared/targets.ts';

/** The most instances that are probed: more would show the same. */
const most = 5;

export const smoke =
  (ports: Pick<Ports, 'ledger' | 'traffic' | 'probe' | 'notify' | 'now'>) =>
  async (rollout: Rollout): Promise<StepResult> => {
    const { row, plan, service } = await enter(ports.ledger, rollout);
    if (row.abort !== null) return go(rollout, 'RollBack', { why: row.abort.why });
    const targets = healthy((await lookAtTargets(ports, service))[plan.new.slot]).slice(0, most);
    const probes = targets.flatMap(({ id, port }) =>
      service.checks.smoke.map((probe) => ({
        instance: id,
        port,
        targetGroup: service.slots[plan.new.slot],
        ...probe,
      })),
    );
    const answers = await Promise.all(
      probes.map(async (probe): Promise<string | null> => {
        const what = `GET ${probe.path} on ${probe.instance}`;
        try {
          const { status, body, judged } = await ports.probe(probe);
          const inRange = {
            passed: status >= probe.from && status <= probe.to,
            expected: `${probe.from} to ${probe.to}`,
          };
          const { passed, expected } = judged ?? inRange;
          return passed ? null : `${what} answered ${status}, expected ${expected}: ${outsideText(body, 200)}`;
        } catch (error) {
          // The probe itself could not be sent, so nothing is known about the instance.
          if (error instanceof Transient) throw error;
          return `${what} did not answer within ${probe.within} s: ${outsideLine(messageOf(error), 200)}`;
        }
      }),
    );
    const broken = answers.find((answer) => answer !== null);
    if (broken !== undefined) return go(rollout, 'RollBack', { why: `smoke test failed: ${broken}` });

    const why = `${probes.length} probes of ${targets.length} instances passed`;
    if (probes.length > 0) await recorder(ports, rollout, 'Smoke')('tested', why);
    return (await awaitedApproval(ports, rollout, row, plan)) ?? go(rollout, 'Shift', { why });
  };
