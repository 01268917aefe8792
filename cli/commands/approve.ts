/** `cutover approve` and `cutover reject`: a person's word on the rollout that is under way. The row hears it first, then the execution is woken. */
import { Command } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { eventOf, recordEvent } from '../../pipeline/shared/record.ts';
import { wakeAll } from '../../pipeline/shared/wake.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { operating } from '../local/connected.ts';
import { heldRollout } from '../pipeline/held.ts';

const answer =
  (kind: 'approve' | 'reject', done: string, description: string) =>
  (context: Context): Command =>
    withStage(new Command(kind))
      .description(description)
      .argument('<service>', 'its name in the configuration')
      .option('--reason <text>', 'why, for the history')
      .addHelpText(
        'after',
        `\nExample:\n  cutover ${kind} shop --reason "${kind === 'approve' ? 'checked by hand' : 'the login page is broken'}"`,
      )
      .action(async (given: string, { reason }: { reason?: string }, command: Command) => {
        const { terminal, place } = globals(context, command);
        await operating(place, async (remote) => {
          const { ports } = remote;
          const { service, publication, row: held } = await heldRollout(remote, given);
          if (kind === 'approve' && held.plan !== null && held.plan.configuration.approval === null && held.step === 0)
            throw new Rejected(`${service} asks nobody before a rollout: its configuration has no \`approval\``);
          const { release, attempt, image } = publication;
          const [at, by] = [Date.now(), person()];
          const text = `${done} by ${by}${reason === undefined ? '' : `: ${reason}`}`;
          const said = eventOf({ service, release, attempt }, at, by, 'answered', text, { what: `${kind}/${at}` });
          const decision = await ports.ledger.decide(service, (row) =>
            protocol.signal(row, {
              release,
              attempt,
              signal: { kind, by: reason === undefined ? by : `${by}: ${reason}`, at },
            }),
          );
          if (!decision.ok) throw new Rejected(`${image.label} (${release}) cannot be ${done} now: ${decision.reason}`);
          await recordEvent(ports, service, said);
          await wakeAll(ports, decision.row);
          terminal.say(`${image.label} (${release}) is ${done} for ${service}.`);
          terminal.data({ service, release, attempt, [done]: true });
        });
      });

export const approve = answer('approve', 'approved', 'Let a rollout that waits for a person go on.');
export const reject = answer('reject', 'rejected', 'Refuse a rollout: everything is put back.');
