/** `cutover doctor`: what would go wrong with each service in its account, and what to do about it. */
import { Command } from 'commander';
import type { Finding } from '../../core/basics/finding.ts';
import { count } from '../../core/basics/format.ts';
import { checkNames, examineServices } from '../../pipeline/operations/doctor/doctor.ts';
import { servicesInForce } from '../../pipeline/operations/services.ts';
import { readConfiguration } from '../config/config-file.ts';
import { type Context, globals, withStage } from '../context.ts';
import { Ended, exitCodes } from '../failure.ts';
import { withPipeline } from '../pipeline/connect.ts';
import type { Terminal } from '../terminal.ts';

const help = `
The command only reads. It looks at ${checkNames.join(', ')}.

With --config it examines the services of that file, in force or not. Without, it examines the services in force.

Exit codes: 0 nothing found, 2 something found.

Examples:
  cutover doctor                                              the running local cloud's services
  AWS_PROFILE=production cutover doctor --stage production
  cutover doctor shop --stage production --config cutover.config.ts`;

export const doctor = (context: Context): Command =>
  withStage(new Command('doctor'))
    .description('Check the AWS account for everything that would stop a rollout, with what to do.')
    .argument('[service]', 'one of them (default: all)')
    .option('--config <file>', 'examine the services of this configuration file')
    .addHelpText('after', help)
    .action(async (given: string | undefined, { config }: { config?: string }, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports, roles }) => {
        const services =
          config === undefined ? await servicesInForce(ports) : (await readConfiguration(config, context.cwd)).services;
        const onService = (name: string, findings: Finding[]): void => tell(terminal, name, findings);
        const found = await examineServices(ports, services, given, { roles, onService });
        terminal.data({ services: found });
        const all = Object.values(found).flat().length;
        if (all > 0)
          throw new Ended(
            exitCodes.mistake,
            `${count(all, 'finding')}; nothing was changed. Do what stands below each, then run doctor again`,
          );
      });
    });

const tell = (terminal: Terminal, service: string, found: Finding[]): void => {
  const all = found.length === 0 ? 'nothing found' : count(found.length, 'finding');
  terminal.say(`${terminal.style('bold', service)}: ${all}, ${checkNames.length} checks`);
  for (const [index, { problem, remedy }] of found.entries()) {
    terminal.say(`${String(index + 1).padStart(3)}. ${problem}`);
    if (remedy !== '') terminal.say(`     ${terminal.style('cyan', remedy)}`);
  }
};
