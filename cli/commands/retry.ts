/** `cutover retry`: what did not go live is tried again. */
import { Command } from 'commander';

import { retry as retryRollout } from '../../pipeline/operations/retry.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { withPipeline } from '../pipeline/connect.ts';
import { publishedText } from '../pipeline/published-text.ts';

const help = `
A failed execution is redriven: it starts again under the same name in the Step Functions console. If Step Functions cannot redrive it (after two weeks, or because the release was refused or superseded), Cutover starts a new attempt, as \`cutover deploy\` does. While a rollout is running, the command refuses. A rollout that is stuck goes on from where it is.

Examples:
  cutover retry shop
  cutover retry shop 3f2a9c0d1e4b --stage production`;

export const retry = (context: Context): Command =>
  withStage(new Command('retry'))
    .description('Roll out a release again that was rolled back, refused or superseded.')
    .argument('<service>', 'its name in the configuration')
    .argument('[release]', 'as history shows it (default: the newest)')
    .addHelpText('after', help)
    .action(async (given: string, wanted: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports }) => {
        const retried = await retryRollout(ports, { service: given, release: wanted, by: person() });
        const { service, label, release } = retried;
        terminal.say(
          'redriven' in retried
            ? `${label} (${release}) is redriven in ${retried.redriven}: see cutover status ${service} --follow`
            : publishedText(retried.published, { service, label, release }),
        );
        const did = 'redriven' in retried ? { redriven: retried.redriven } : retried.published;
        terminal.data({ service, release, ...did });
      });
    });
