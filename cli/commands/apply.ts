/** `cutover apply`: makes a configuration the one that new rollouts follow. */
import { Command } from 'commander';
import { commitOf } from '../commit.ts';
import { readConfiguration } from '../config-file.ts';
import { connected } from '../connected.ts';
import { type Context, globals, person } from '../context.ts';

export const apply = (context: Context): Command =>
  new Command('apply')
    .description('Put a configuration into force. Rollouts that are under way keep the one they began with.')
    .argument('[config]', 'its file (default: cutover.config.ts)')
    .addHelpText('after', '\nA service that is no longer in it is removed, unless a rollout holds it.')
    .action(async (config: string | undefined, _: object, command: Command) => {
      const { terminal, data, shownData } = globals(context, command);
      const { file, services } = await readConfiguration(config, context.cwd);
      await connected(data, shownData, async ({ ports, call }) => {
        const authorship = { author: person(), commit: commitOf(file), at: Date.now() };
        const applied = await ports.ledger.applyConfiguration(services, authorship);
        const urls = (await call('configured', {})) as Record<string, string[]>;
        for (const [what, names] of Object.entries(applied))
          for (const name of names)
            terminal.say(`${name}: ${what}, on ${(urls[name] ?? []).join(' and ') || 'no port'}`);
        terminal.data({ ...applied, urls });
      });
    });
