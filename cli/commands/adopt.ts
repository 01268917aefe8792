/** `cutover adopt`: takes over a fleet that serves already. */

import { Command } from 'commander';
import { slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { adoptionNotes } from '../../core/fleet/adoption-notes.ts';
import { adopt as adoptFleet, lookAtAdoption } from '../../pipeline/operations/adopt.ts';
import { configurer } from '../../pipeline/operations/configure.ts';
import { readSought, type Sought, writeArns } from '../config/adoption-file.ts';
import { commitOf } from '../config/commit.ts';
import { readHereOr } from '../config/config-file.ts';
import { isExample } from '../config/example.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { mistakes } from '../failure.ts';
import { readControl } from '../local/control-file.ts';
import { doingOn, tellActs } from '../pipeline/adoption-acts.ts';
import { withPipeline } from '../pipeline/connect.ts';
import type { Terminal } from '../terminal.ts';

const help = `
Cutover prints the changes first, then makes them. If one fails, Cutover undoes all of them. No instance is touched, and traffic stays where it is: the rules then forward to both target groups, 100 % to the one that serves. For a target group that does not exist yet, write its name in the configuration: Cutover makes it like the other one. Make the second Auto Scaling group yourself.

Examples:
  cutover adopt shop --dry-run
  cutover adopt shop --write      puts the ARN of a target group that was made into the configuration`;

export const adopt = (context: Context): Command =>
  withStage(new Command('adopt'))
    .description('Take over a service that an Auto Scaling group serves already, without a restart.')
    .argument('<service>', 'its name in the configuration')
    .option('--config <file>', "the configuration (default: cutover.config.ts, or the running local cloud's)")
    .option('--dry-run', 'print the changes, and change nothing')
    .option('--write', 'write new ARNs into the configuration')
    .addHelpText('after', help)
    .action(
      async (
        given: string,
        { config, dryRun = false, write = false }: { config?: string; dryRun?: boolean; write?: boolean },
        command: Command,
      ) => {
        const { terminal, data, place } = globals(context, command);
        const sought = await readHereOr(config, readControl(data)?.configuration, (file) =>
          readSought(given, file, context.cwd),
        );
        const { service } = sought;
        await withPipeline(place, async ({ ports, configured }) => {
          const adoption = await lookAtAdoption(ports, service, sought.slots);
          if (!adoption.ok) throw mistakes(adoption.problems.map((problem) => `${service.name}: ${problem}`));
          const { acts, live, release } = adoption;
          terminal.say(`${service.name} is served from ${live} by ${release.image.label}. To adopt it:`);
          tellActs(terminal, acts, service);
          const notes = adoptionNotes(acts, live);
          for (const note of notes) terminal.say(note);
          if (dryRun) {
            terminal.say('Nothing has been changed.');
            terminal.data({ service: service.name, live, acts, notes, adopted: false });
            return;
          }
          const by = { author: person(), commit: commitOf(sought.configuration.file) };
          const configure = configurer(ports, by, configured);
          const adopted = await adoptFleet(ports, service, adoption, configure, doingOn(context, terminal, service));
          terminal.say(
            `${service.name} is adopted: nothing has changed for its traffic, and the next image is rolled out into ${live === 'blue' ? 'green' : 'blue'}.`,
          );
          tellNewArns(terminal, sought, adopted, write);
          terminal.data({ service: service.name, live, acts, notes, adopted: true, slots: adopted.slots });
        });
      },
    );

const tellNewArns = (
  terminal: Terminal,
  { configuration, slots: before }: Sought,
  adopted: Service,
  write: boolean,
): void => {
  const made = slots.filter((slot) => before[slot] !== adopted.slots[slot]);
  if (made.length === 0) return;
  if (isExample(configuration.file)) {
    terminal.say('The configuration is an example of this program: nothing is to be written into it.');
    terminal.say('With a cutover.config.ts of your own, --write puts the ARN of the new target group there.');
    return;
  }
  if (write && writeArns(configuration.file, before, adopted)) {
    terminal.say(
      `${configuration.shown} names ${made.map((slot) => `the target group of ${slot}`).join(' and ')} by ARN now.`,
    );
    return;
  }
  terminal.say(`Write this into ${configuration.shown}, or \`cutover apply\` will refuse it:`);
  for (const slot of made) terminal.say(`  slots.${slot}: '${adopted.slots[slot]}'`);
};
