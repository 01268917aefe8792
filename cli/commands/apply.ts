/** `cutover apply`: makes a configuration the one that new rollouts follow. */
import { Command } from 'commander';
import { commitOf } from '../commit.ts';
import { readConfiguration } from '../config-file.ts';
import { operating } from '../connected.ts';
import { type Context, globals, person, withStage } from '../context.ts';

export const apply = (context: Context): Command =>
  withStage(new Command('apply'))
    .description('Put a configuration into force. Rollouts that are under way keep the one they began with.')
    .argument('[config]', 'its file (default: cutover.config.ts)')
    .addHelpText('after', '\nA service that is no longer in it is removed, unless a rollout holds it.')
    .action(async (config: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      const { file, services } = await readConfiguration(config, context.cwd);
      await operating(place, async ({ ports, configured }) => {
        const authorship = { author: person(), commit: commitOf(file), at: Date.now() };
        const applied = await ports.ledger.applyConfiguration(services, authorship);
        const urls = await configured();
        for (const [what, names] of Object.entries(applied))
          for (const name of names) terminal.say(`${name}: ${what}${on(urls[name])}`);
        terminal.data({ ...applied, urls });
      });
    });

const on = (urls: string[] = []): string => (urls.length === 0 ? '' : `, on ${urls.join(' and ')}`);
