/** `cutover validate`: every mistake of a configuration at once, a line each; with a stage, everything about the account that is in its way, too. */
import { Command } from 'commander';
import { type Power, powerOf } from '../../core/analysis/power.ts';
import { count } from '../../core/basics/format.ts';
import type { Service } from '../../core/config/service.ts';
import { accountProblems } from '../../pipeline/operations/doctor/doctor.ts';
import { nextPlan } from '../../pipeline/operations/plan.ts';
import { readConfiguration } from '../config/config-file.ts';
import { type Context, globals } from '../context.ts';
import { mistakes } from '../failure.ts';
import { withLocalCloud } from '../pipeline/connect.ts';
import { powerLines } from '../power-lines.ts';
import { trafficOf } from '../rehearsal/behaviour.ts';

const help = `
--stage also checks what the services name in the account: rules, target groups, launch templates, Auto Scaling groups, alarms, subnets and quotas. \`local\` is the running local cloud. Any other stage is your current AWS account; the command only reads it.

--traffic prints the statistical power of each service's policy: in how many rollouts it would detect a version with a given error rate.

Examples:
  cutover validate --traffic 800rpm
  cutover validate ./infra/cutover.config.ts
  cutover validate --stage local
  AWS_PROFILE=production cutover validate --stage production`;

export const validate = (context: Context): Command =>
  new Command('validate')
    .description('Report every mistake in a configuration and, with --stage, in its AWS account.')
    .argument('[config]', 'its file (default: cutover.config.ts)')
    .option('--stage <name>', 'also check the account')
    .option('--traffic <rate>', 'also print the statistical power at this traffic, like 800rpm or 13rps')
    .option('--errors <share>', 'with --traffic: the error rate of the live version, like 0.1%', '0.1%')
    .addHelpText('after', help)
    .action(async (config: string | undefined, { stage, traffic, errors }: Options, command: Command) => {
      const { terminal, data, shownData } = globals(context, command);
      const { shown, services } = await readConfiguration(config, context.cwd);
      const problems = stage === undefined ? [] : await problemsIn(stage, services, data, shownData);
      if (problems.length > 0) throw mistakes(problems);
      const names = services.map(({ name }) => name);
      const where = stage === undefined ? '' : `, and ${stage} has what they need`;
      terminal.say(`${shown} is valid: ${count(names.length, 'service')} (${names.join(', ')})${where}`);
      const powers = traffic === undefined ? {} : powersBy(services, traffic, errors);
      for (const [name, power] of Object.entries(powers)) {
        terminal.say(`${name} at ${traffic}:`);
        for (const line of powerLines(power, terminal.width - 2)) terminal.say(`  ${line}`);
      }
      terminal.data({
        valid: true,
        services: names,
        ...(stage !== undefined && { stage }),
        ...(traffic !== undefined && { power: powers }),
      });
    });

interface Options {
  stage?: string;
  traffic?: string;
  errors: string;
}

const powersBy = (services: Service[], traffic: string, errors: string): Record<string, Power> =>
  Object.fromEntries(
    services.map((service) => [service.name, powerOf(nextPlan(service, null, trafficOf(service, traffic, errors)))]),
  );

const problemsIn = async (stage: string, services: Service[], data: string, shown: string): Promise<string[]> => {
  const of = (service: Service, found: string[]) => found.map((problem) => `${service.name}: ${problem}`);
  if (stage === 'local')
    return withLocalCloud(data, shown, async ({ ports }) => {
      const problems: string[] = [];
      for (const service of services) {
        const row = await ports.ledger.row(service.name);
        problems.push(...of(service, await accountProblems(ports, row, service)));
      }
      return problems;
    });
  // Loaded late: the SDK's clients take longer to load than a configuration takes to check.
  const { lookingAt } = await import('../pipeline/account.ts');
  const problems: string[] = [];
  for (const service of services) {
    problems.push(...of(service, await accountProblems(lookingAt(service, stage), null, service)));
  }
  return problems;
};
