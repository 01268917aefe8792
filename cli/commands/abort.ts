/** `cutover abort`: everything back as it was, until the rollout is committed. */
import { Command } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { abortRollout } from '../../pipeline/operations/abort.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { operating } from '../local/connected.ts';
import { heldRollout } from '../pipeline/held.ts';

export const abort = (context: Context): Command =>
  withStage(new Command('abort'))
    .description('End the rollout that is under way and put everything back.')
    .argument('<service>', 'its name in the configuration')
    .option('--reason <text>', 'why, for the history')
    .addHelpText(
      'after',
      '\nTraffic goes back at once; the new instances go when nothing can reach them.\n\nExample:\n  cutover abort shop --reason "wrong image"',
    )
    .action(async (given: string, { reason }: { reason?: string }, command: Command) => {
      const { terminal, place } = globals(context, command);
      await operating(place, async (remote) => {
        const { service, publication } = await heldRollout(remote, given);
        const { release, attempt, image } = publication;
        const by = person();
        const why = `aborted by ${by}${reason === undefined ? '' : `: ${reason}`}`;
        const refused = await abortRollout(remote.ports, { service, release, attempt }, { why, by });
        if (refused !== null) throw new Rejected(`${image.label} (${release}) cannot be aborted now: ${refused}`);
        const row = await remote.ports.ledger.row(service);
        terminal.say(
          `${image.label} (${release}) is aborted: ${service} is going back. Follow it with: cutover status ${service} --follow`,
        );
        terminal.data({ service, release, attempt, aborted: true, weights: row?.wanted.weights });
      });
    });
