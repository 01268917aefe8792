/** `cutover doctor`: what would go wrong with each service in its account, and what to do about it. */
import { Command } from 'commander';
import type { Finding } from '../../core/basics/finding.ts';
import { count } from '../../core/basics/format.ts';
import { type DeploymentReport, examineDeployment } from '../../pipeline/operations/doctor/deployment.ts';
import { foreignZones } from '../../pipeline/operations/doctor/dns.ts';
import { checkNames, examineServices } from '../../pipeline/operations/doctor/doctor.ts';
import { servicesInForce } from '../../pipeline/operations/services.ts';
import { readConfiguration } from '../config/config-file.ts';
import { type Context, globals, withStage } from '../context.ts';
import { Ended, exitCodes } from '../failure.ts';
import { type Examined, examinedAt } from '../pipeline/doctor-target.ts';
import type { Terminal } from '../terminal.ts';

const help = `
The command only reads. It looks at ${checkNames.join(', ')}.

With --config it examines the services of that file, in force or not, and works before the first deployment. Without, it examines the services in force. With --stage it also looks at the account's quotas for the pipeline itself. Checks that your permissions do not allow are listed, and do not count as findings.

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
      const written = config === undefined ? null : (await readConfiguration(config, context.cwd)).services;
      const onService = (name: string, findings: Finding[]): void => tell(terminal, name, findings);
      const examineAll = async (pipeline: Examined): Promise<Finding[]> => {
        const { ports, roles, deployed } = pipeline;
        const services = written ?? (await servicesInForce(ports));
        const found = await examineServices(ports, services, given, { roles, onService });
        // The local cloud is no deployment.
        const pipelineFound = deployed === null ? null : await examineDeployment(ports.inspection, deployed);
        if (pipelineFound !== null) tellDeployment(terminal, pipelineFound);
        terminal.data({
          services: found,
          ...(pipelineFound !== null && { pipeline: pipelineFound, unseen: [foreignZones] }),
        });
        return [...Object.values(found).flat(), ...(pipelineFound?.findings ?? [])];
      };
      const all = (await examinedAt(place, written, examineAll)).filter(({ unseen }) => unseen !== true).length;
      if (all > 0)
        throw new Ended(
          exitCodes.mistake,
          `${count(all, 'finding')}; nothing was changed. Do what stands below each, then run doctor again`,
        );
    });

/** Findings by number, then what nobody could look at. */
const list = (terminal: Terminal, found: Finding[]): void => {
  const unseen = found.filter((one) => one.unseen === true);
  for (const [index, { problem, remedy }] of found.filter((one) => one.unseen !== true).entries()) {
    terminal.say(`${String(index + 1).padStart(3)}. ${problem}`);
    if (remedy !== '') terminal.say(`     ${terminal.style('cyan', remedy)}`);
  }
  for (const { problem, remedy } of unseen) {
    terminal.say(`  -  could not look at ${problem}`);
    if (remedy !== '') terminal.say(`     ${terminal.style('cyan', remedy)}`);
  }
};

const counted = (found: Finding[]): string => {
  const all = found.filter(({ unseen }) => unseen !== true).length;
  return all === 0 ? 'nothing found' : count(all, 'finding');
};

const tell = (terminal: Terminal, service: string, found: Finding[]): void => {
  terminal.say(`${terminal.style('bold', service)}: ${counted(found)}, ${checkNames.length} checks`);
  list(terminal, found);
};

/** Also what no examination sees. */
export const tellDeployment = (terminal: Terminal, { uses, findings }: DeploymentReport): void => {
  terminal.say(`${terminal.style('bold', 'the pipeline itself')}: ${counted(findings)}`);
  for (const { name, used, limit, needs } of uses)
    terminal.say(`     ${name}: ${used} of ${limit} taken${needs > 0 ? `, ${needs} more needed` : ''}`);
  list(terminal, [...findings, foreignZones]);
};
