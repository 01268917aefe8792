/** `cutover abort`: everything back as it was, until the rollout is committed. */
import { Command } from 'commander';
import { abort as abortCurrent } from '../../pipeline/operations/abort.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { withPipeline } from '../pipeline/connect.ts';

export const abort = (context: Context): Command =>
  withStage(new Command('abort'))
    .description('Stop the rollout under way and return all traffic to the old version.')
    .argument('<service>', 'its name in the configuration')
    .option('--reason <text>', 'why, for the history')
    .addHelpText(
      'after',
      '\nTraffic goes back at once; the new instances go when nothing can reach them.\n\nExample:\n  cutover abort shop --reason "wrong image"',
    )
    .action(async (given: string, { reason }: { reason?: string }, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports }) => {
        const { label, weights, ...aborted } = await abortCurrent(ports, { service: given, by: person(), reason });
        const { service, release } = aborted;
        terminal.say(
          `${label} (${release}) is aborted: traffic of ${service} goes back to the old version. Follow it with: cutover status ${service} --follow`,
        );
        terminal.data({ ...aborted, aborted: true, weights });
      });
    });
