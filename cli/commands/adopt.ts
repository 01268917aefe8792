/** `cutover adopt` and `cutover release`: takes over a fleet that serves already, and gives it back. */
import { Command } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { type Act, actText } from '../../core/fleet/adoption.ts';
import {
  adopt as adoptFleet,
  type Doing,
  giveBack,
  lookAtAdoption,
  lookAtGivingBack,
} from '../../pipeline/operations/adopt.ts';
import { readSought, type Sought, writeArns } from '../config/adoption-file.ts';
import { named, readHereOr } from '../config/config-file.ts';
import { configuring } from '../config/configure.ts';
import { type Context, globals, withStage } from '../context.ts';
import { mistakes } from '../failure.ts';
import { operating } from '../local/connected.ts';
import { readControl } from '../local/control-file.ts';
import type { Terminal } from '../terminal.ts';

const help = `
It looks first and prints what it would do; then it does that, and undoes all of it if a part fails. No instance is touched and traffic
stays where it is: the rules forward to both target groups, 100 % to the one that serves. A target group that does not exist yet is
written by its name in the configuration, and made like the other one. The second Auto Scaling group is yours to make.

Examples:
  cutover adopt shop --dry-run
  cutover adopt shop --write      puts the ARN of a target group that was made into the configuration`;

export const adopt = (context: Context): Command =>
  withStage(new Command('adopt'))
    .description('Take over a service whose Auto Scaling group serves already, without a failed request.')
    .argument('<service>', 'its name in the configuration')
    .option('--config <file>', "the configuration (default: cutover.config.ts, or the running local cloud's)")
    .option('--dry-run', 'print what would be done, and do nothing')
    .option('--write', 'write ARNs that are new into the configuration')
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
        await operating(place, async (remote) => {
          const adoption = await lookAtAdoption(remote.ports, service, sought.slots);
          if (!adoption.ok) throw mistakes(adoption.problems.map((problem) => `${service.name}: ${problem}`));
          const { acts, live, release } = adoption;
          terminal.say(`${service.name} is served from ${live} by ${release.image.label}. To adopt it:`);
          tellActs(terminal, acts, service);
          if (dryRun) {
            terminal.say('Nothing has been changed.');
            terminal.data({ service: service.name, live, acts, adopted: false });
            return;
          }
          const doing = doingOn(context, terminal, service);
          const adopted = await adoptFleet(
            remote.ports,
            service,
            adoption,
            configuring(remote, sought.configuration.file),
            doing,
          );
          terminal.say(
            `${service.name} is adopted: nothing has changed for its traffic, and the next image is rolled out into ${live === 'blue' ? 'green' : 'blue'}.`,
          );
          tellNewArns(terminal, sought, adopted, write);
          terminal.data({ service: service.name, live, acts, adopted: true, slots: adopted.slots });
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
  if (write && writeArns(configuration.file, before, adopted)) {
    terminal.say(
      `${configuration.shown} names ${made.map((slot) => `the target group of ${slot}`).join(' and ')} by ARN now.`,
    );
    return;
  }
  terminal.say(`Write this into ${configuration.shown}, or \`cutover apply\` will refuse it:`);
  for (const slot of made) terminal.say(`  slots.${slot}: '${adopted.slots[slot]}'`);
};

export const release = (context: Context): Command =>
  withStage(new Command('release'))
    .description(
      'Give an adopted service back: each rule leads to the live target group alone, and nothing is restarted.',
    )
    .argument('<service>', 'its name in the configuration')
    .option('--dry-run', 'print what would be done, and do nothing')
    .addHelpText(
      'after',
      '\nBoth groups and target groups stay as they are. If a part fails, all of it is undone.\n\nExample:\n  cutover release shop --dry-run',
    )
    .action(async (given: string, { dryRun = false }: { dryRun?: boolean }, command: Command) => {
      const { terminal, data, place } = globals(context, command);
      await operating(place, async (remote) => {
        const { ports } = remote;
        const service = await ports.ledger.configuration(named(given, await ports.ledger.services()));
        if (service === null) throw new Rejected(`${given} has no configuration any more`);
        const found = await lookAtGivingBack(ports, service);
        if (!found.ok) throw mistakes(found.problems);
        terminal.say(`${service.name} is served from ${found.live}. To give it back:`);
        tellActs(terminal, found.acts, service);
        if (dryRun) {
          terminal.say('Nothing has been changed.');
          terminal.data({ service: service.name, ...found, released: false });
          return;
        }
        const configure = configuring(remote, readControl(data)?.configuration ?? context.cwd);
        await giveBack(ports, service, found, configure, doingOn(context, terminal, service));
        terminal.say(
          `${service.name} is given back. Take it out of the configuration, or the next \`cutover apply\` takes it up again.`,
        );
        terminal.data({ service: service.name, ...found, released: true });
      });
    });

const tellActs = (terminal: Terminal, acts: readonly Act[], service: Service): void => {
  if (acts.length === 0) terminal.say('  nothing but to record it: all else is as it should be');
  for (const [index, act] of acts.entries()) terminal.say(`  ${index + 1}. ${actText(act, service)}`);
};

const doingOn = ({ stop }: Context, terminal: Terminal, service: Service): Doing => ({
  stopped: () => stop.aborted,
  onAct: (act, undone) => {
    if (undone) terminal.say(`  undone: ${actText(act, service)}`);
  },
});
