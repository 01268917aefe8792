/** `cutover plan`: what a rollout would do, or the one under way does, and every default behind it. */
import { Command } from 'commander';
import type { DescribedPlan } from '../../core/analysis/power.ts';
import { shortName } from '../../core/basics/arn.ts';
import { Rejected } from '../../core/basics/errors.ts';
import { formatNumber } from '../../core/basics/format.ts';
import type { Row } from '../../core/protocol/row.ts';
import { type PlanView, planView } from '../../pipeline/operations/plan.ts';
import { listOf, tableOf } from '../../report/table.ts';
import { wrapped } from '../../report/width.ts';
import { readConfiguration, readHereOr, serviceIn } from '../config/config-file.ts';
import { type Context, globals } from '../context.ts';
import { readControl } from '../local/control-file.ts';
import { withLocalCloud } from '../pipeline/connect.ts';
import { powerLines } from '../power-lines.ts';
import { trafficOf } from '../rehearsal/behaviour.ts';
import type { Terminal } from '../terminal.ts';

const help = `
A value that the configuration does not set is marked "default". If a rollout is running in the local cloud, its plan is shown as well.

Examples:
  cutover plan shop
  cutover plan shop --traffic 800rpm
  cutover plan shop --config infra/cutover.config.ts`;

export const plan = (context: Context): Command =>
  new Command('plan')
    .description('Show what a rollout does: each step, its time limits, what rolls it back, and every default.')
    .argument('<service>', 'its name in the configuration')
    .option('--config <file>', "the configuration (default: cutover.config.ts, or the running local cloud's)")
    .option('--traffic <rate>', 'also print the statistical power at this traffic, like 800rpm or 13rps')
    .option('--errors <share>', 'with --traffic: the error rate of the live version, like 0.1%', '0.1%')
    .addHelpText('after', help)
    .action(async (given: string, { config, traffic, errors }: Options, command: Command) => {
      const { terminal, data, shownData } = globals(context, command);
      const running = readControl(data);
      const configuration = await readHereOr(config, running?.configuration, (file) =>
        readConfiguration(file, context.cwd),
      );
      const service = serviceIn(configuration, given);
      const row = running === null ? null : await rowIn(data, shownData, service.name);
      const expected = traffic === undefined ? null : trafficOf(service, traffic, errors);
      const view = planView(configuration.written[service.name], service, row, expected);
      tell(terminal, view);
      terminal.data(view);
    });

interface Options {
  config?: string;
  traffic?: string;
  errors: string;
}

/** Null as well where the local cloud of that folder has gone. */
const rowIn = (data: string, shown: string, service: string): Promise<Row | null> =>
  withLocalCloud(data, shown, ({ ports }) => ports.ledger.row(service)).catch((error) => {
    if (error instanceof Rejected) return null;
    throw error;
  });

const tell = (terminal: Terminal, { service, values, plan: next, underWay }: PlanView): void => {
  terminal.say(terminal.style('bold', `The rollout of the next image to ${service}:`));
  tellPlan(terminal, next);
  if (underWay !== null) {
    terminal.say();
    terminal.say(terminal.style('bold', `Running now: ${underWay.summary}`));
    tellPlan(terminal, underWay);
  }
  terminal.say();
  terminal.say(terminal.style('bold', 'Configured, with every default:'));
  const rows = values.map(({ path, value, isDefault }) => [
    path,
    isDefault ? terminal.style('dim', 'default') : '',
    value.split(', ').map(shortName).join(', '),
  ]);
  for (const line of listOf(rows, terminal.width - 2)) terminal.say(`  ${line}`);
};

const tellPlan = (
  terminal: Terminal,
  { steps, extra, atLeast, deadlines, aborts, asks, power }: DescribedPlan,
): void => {
  const heading = ['step', 'weight', 'bake', 'healthy needed', 'new', 'old', 'together', 'extra hours', 'cost'];
  const rows = steps.map(({ step, weight, bake, needed, launched, old, total, extraHours, extraCost }) => {
    const money = extraCost === null ? '' : formatNumber(extraCost);
    return [step, `${weight} %`, bake, needed, launched, old, total, formatNumber(extraHours), money].map(String);
  });
  for (const line of tableOf(heading, rows, terminal.width - 2)) terminal.say(`  ${line}`);
  const say = (line: string): void => {
    for (const part of wrapped(`  ${line}`, terminal.width, 2)) terminal.say(part);
  };
  say(`${extra}.`);
  say(`Takes at least ${atLeast.text}.`);
  say('Deadlines:');
  for (const deadline of deadlines) say(`- ${deadline}`);
  say('Each of these rolls it back:');
  for (const abort of aborts) say(`- ${abort}`);
  if (asks.length > 0) say('Each of these asks a person, who answers with cutover approve or cutover reject:');
  for (const ask of asks) say(`- ${ask}`);
  for (const line of powerLines(power, terminal.width - 2)) terminal.say(`  ${line}`);
};
