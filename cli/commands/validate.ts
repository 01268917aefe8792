/** `cutover validate`: every mistake of a configuration at once, a line each. */
import { Command } from 'commander';
import { count } from '../../core/format.ts';
import { readConfiguration } from '../config-file.ts';
import { type Context, globals } from '../context.ts';

export const validate = (context: Context): Command =>
  new Command('validate')
    .description('Check a configuration and report every mistake in it.')
    .argument('[config]', 'its file (default: cutover.config.ts)')
    .addHelpText('after', '\nExample:\n  cutover validate ./infra/cutover.config.ts')
    .action(async (config: string | undefined, _: object, command: Command) => {
      const { terminal } = globals(context, command);
      const { shown, services } = await readConfiguration(config, context.cwd);
      const names = services.map(({ name }) => name);
      terminal.say(`${shown} is valid: ${count(names.length, 'service')} (${names.join(', ')})`);
      terminal.data({ valid: true, services: names });
    });
