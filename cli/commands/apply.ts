/** `cutover apply`: makes a configuration the one that new rollouts follow. */
import { Command } from 'commander';
import { problemText } from '../../core/config/problems.ts';
import { apply as applyServices } from '../../pipeline/operations/apply.ts';
import { commitOf } from '../config/commit.ts';
import { readConfiguration } from '../config/config-file.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { mistakes } from '../failure.ts';
import { withPipeline } from '../pipeline/connect.ts';

export const apply = (context: Context): Command =>
  withStage(new Command('apply'))
    .description('Put a configuration into force. Running rollouts keep the configuration that they began with.')
    .argument('[config]', 'its file (default: cutover.config.ts)')
    .addHelpText(
      'after',
      '\nWith --stage, everything that the configuration names has to exist in the account; otherwise nothing is written. A service that is no longer in the configuration is removed, unless a rollout holds it.\n\nExamples:\n  cutover apply                        into the running local cloud\n  cutover apply --stage production',
    )
    .action(async (config: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      const { file, shown, services } = await readConfiguration(config, context.cwd);
      await withPipeline(place, async ({ ports, configured, roles }) => {
        let done = 0;
        const application = await applyServices(ports, {
          services,
          by: { author: person(), commit: commitOf(file) },
          lookUp: roles !== null,
          onService: () => terminal.status(`${++done} of ${services.length} services looked up`),
        });
        terminal.status('');
        if (!application.ok) throw mistakes(application.problems.map((problem) => `${shown}: ${problemText(problem)}`));
        const urls = await configured();
        for (const [what, names] of Object.entries(application.applied))
          for (const name of names) terminal.say(`${name}: ${what}${on(urls[name])}`);
        terminal.data({ ...application.applied, urls });
      });
    });

const on = (urls: string[] = []): string => (urls.length === 0 ? '' : `, on ${urls.join(' and ')}`);
