/** `cutover unadopt`: gives an adopted service back. */
import { Command } from 'commander';
import { previewUnadopt, unadoptFleet } from '../../pipeline/operations/adopt.ts';
import { configurer } from '../../pipeline/operations/configure.ts';
import { serviceNamed } from '../../pipeline/operations/services.ts';
import { commitOf } from '../config/commit.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { mistakes } from '../failure.ts';
import { readControl } from '../local/control-file.ts';
import { doingOn, tellActs } from '../pipeline/adoption-acts.ts';
import { withPipeline } from '../pipeline/connect.ts';

export const unadopt = (context: Context): Command =>
  withStage(new Command('unadopt'))
    .description(
      'Give an adopted service back: each rule forwards to the live target group alone; nothing is restarted.',
    )
    .argument('<service>', 'its name in the configuration')
    .option('--dry-run', 'print the changes, and change nothing')
    .addHelpText(
      'after',
      '\nBoth Auto Scaling groups and both target groups stay as they are. If a part fails, all of it is undone.\n\nExample:\n  cutover unadopt shop --dry-run',
    )
    .action(async (given: string, { dryRun = false }: { dryRun?: boolean }, command: Command) => {
      const { terminal, data, place } = globals(context, command);
      await withPipeline(place, async ({ ports, configured }) => {
        const service = await serviceNamed(ports, given);
        const found = await previewUnadopt(ports, service);
        if (!found.ok) throw mistakes(found.problems);
        terminal.say(`${service.name} is served from ${found.live}. To give it back:`);
        tellActs(terminal, found.acts, service);
        if (dryRun) {
          terminal.say('Nothing has been changed.');
          terminal.data({ service: service.name, ...found, released: false });
          return;
        }
        const file = readControl(data)?.configuration ?? context.cwd;
        const configure = configurer(ports, { author: person(), commit: commitOf(file) }, configured);
        await unadoptFleet(ports, service, found, configure, doingOn(context, terminal, service));
        terminal.say(
          `${service.name} is given back. Remove it from the configuration, or the next \`cutover apply\` configures it again.`,
        );
        terminal.data({ service: service.name, ...found, released: true });
      });
    });
