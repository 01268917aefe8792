/** `cutover simulate`: what a policy makes of an image that behaves as described, many times over, in virtual time. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { formatDuration } from '../../core/basics/duration.ts';
import { Rejected } from '../../core/basics/errors.ts';
import { count, formatRate } from '../../core/basics/format.ts';
import { parseServices } from '../../core/config/parse.ts';
import type { Service } from '../../core/config/service.ts';
import { allAtOnce, blueGreen, canary, linear } from '../../core/config/strategies.ts';
import { priceOf } from '../../core/plan/cost.ts';
import type { Behaviour } from '../../local/simulated-machines.ts';
import { type Line, svgOf } from '../../report/chart.ts';
import { tableOf } from '../../report/table.ts';
import { whole } from '../arguments.ts';
import { readConfiguration, readHereOr, serviceIn } from '../config/config-file.ts';
import { type Context, globals } from '../context.ts';
import { CheckFailed, Interrupted } from '../failure.ts';
import { replaceFile } from '../files.ts';
import { readControl } from '../local/control-file.ts';
import { behaviourHelp, parseBehaviour, parseTraffic } from '../rehearsal/behaviour.ts';
import { caughtChart, caughtLine } from '../rehearsal/picture.ts';
import type { Rehearsed } from '../rehearsal/rehearse.ts';
import { heading, rowOf, type Summary, summaryOf } from '../rehearsal/summary.ts';
import type { Terminal } from '../terminal.ts';

const help = `
Each run is a whole rollout in virtual time, with the same state machine, functions and adapters, AWS's latencies, and traffic from a seed. Half of the runs use the given image. The other half use an image as good as the live one, which shows how often the policy is wrong. Where the policy asks a person, the simulation approves. Nothing in an account is touched.

How an image behaves, separated by commas:
${behaviourHelp}

Examples:
  cutover simulate shop --image "errors=2%" --traffic 800rpm
  cutover simulate shop --image "errors=2%" --traffic 800rpm --compare --svg policies.svg
  cutover simulate shop --image "errors=0.5%, latency=+30%" --traffic 13rps --runs 500 --compare
  cutover simulate shop --image "errors=5%" --traffic 800rpm --max-failed-requests 200     exit code 1 if more fail`;

interface Options {
  config?: string;
  image: string;
  baseline: string;
  traffic: string;
  runs: number;
  seed: number;
  compare?: boolean;
  svg?: string;
  maxFailedRequests?: number;
  maxFalseRollbacks?: number;
}

const percent = (text: string): number => {
  const [, amount] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('expected a share like 1%.');
  return Number(amount) / 100;
};

export const simulate = (context: Context): Command =>
  new Command('simulate')
    .description(
      'Simulate rollouts of good and bad images: how soon a bad one is caught, and how often a good one is rolled back.',
    )
    .argument('<service>', 'its name in the configuration')
    .option('--config <file>', "the configuration (default: cutover.config.ts, or the running local cloud's)")
    .option('--image <behaviour>', 'how the new image behaves', 'errors=5%')
    .option('--baseline <behaviour>', 'how the live image behaves', 'errors=0.1%')
    .option('--traffic <rate>', 'requests to the service, like 800rpm or 13rps', '1000rpm')
    .option('--runs <number>', 'how many rollouts of each image', whole(1, 10_000), 100)
    .option('--seed <number>', 'the first seed; the same seed gives the same runs', whole(0, 2 ** 31), 1)
    .option('--compare', 'also simulate the built-in strategies, with the same checks')
    .option('--svg <file>', 'draw a chart: when each policy catches the image')
    .option('--max-failed-requests <number>', 'exit with 1 if more requests fail in the median run', whole(0, 1e9))
    .option('--max-false-rollbacks <share>', 'exit with 1 if more of the good rollouts are rolled back', percent)
    .addHelpText('after', help)
    .action(async (given: string, options: Options, command: Command) => {
      const { terminal, data } = globals(context, command);
      const image = parseBehaviour(options.image, '--image');
      const baseline = parseBehaviour(options.baseline, '--baseline');
      const traffic = parseTraffic(options.traffic);
      const configuration = await readHereOr(options.config, readControl(data)?.configuration, (file) =>
        readConfiguration(file, context.cwd),
      );
      const service = serviceIn(configuration, given);
      const policies = policiesOf(service, options.compare === true);
      terminal.say(
        `${service.name} at ${options.traffic}: an image with ${options.image || 'nothing wrong'} over one with ${options.baseline || 'nothing wrong'}, ${count(options.runs, 'rollout')} of each.`,
      );
      const summaries: Summary[] = [];
      const drawn: Line[] = [];
      for (const { name, service: policy } of policies) {
        const run = (behaves: Behaviour, what: string) =>
          runsOf(
            context,
            terminal,
            { service: policy, baseline, image: behaves, traffic },
            options,
            `${name}, ${what}`,
          );
        const good = await run(baseline, 'a good one');
        const bad = await run(image, 'the image');
        const price = priceOf({ template: null, configuration: policy });
        summaries.push(summaryOf(name, { bad, good }, price));
        drawn.push(caughtLine(name, bad));
      }
      terminal.say();
      for (const line of tableOf(heading, summaries.map(rowOf), terminal.width)) terminal.say(line);
      const [own] = summaries as [Summary];
      if (own.reason !== null) terminal.say(`\nMost frequent reason: ${own.reason}.`);
      if (own.falseReason !== null) terminal.say(`Most frequent reason for good images: ${own.falseReason}.`);
      if (options.svg !== undefined) {
        const file = resolve(context.cwd, options.svg);
        replaceFile(
          file,
          svgOf(
            caughtChart(
              `${service.name} at ${options.traffic}: an image with ${options.image || 'nothing wrong'}`,
              drawn,
            ),
          ),
        );
        terminal.say(`\nDrawn: ${options.svg}`);
      }
      terminal.data({ service: service.name, ...options, policies: summaries });
      const broken = breaches(own, options);
      if (broken.length > 0) throw new CheckFailed(broken.join('; '));
    });

/** The service's own first; the others differ in their steps alone. */
const policiesOf = (service: Service, compare: boolean): { name: string; service: Service }[] => {
  const builtIn = {
    'canary([5, 25, 50])': canary([5, 25, 50]),
    'linear(25)': linear(25),
    'blueGreen()': blueGreen(),
    'allAtOnce()': allAtOnce(),
  };
  const with_ = (strategy: object): Service => {
    const { name, ...rest } = service;
    const parsed = parseServices({ [name]: { ...rest, strategy } });
    if (!parsed.ok) throw new Rejected(`${name} cannot be simulated with the built-in strategies: leave --compare out`);
    return parsed.services[0] as Service;
  };
  return [
    { name: `${service.name}'s own`, service },
    ...(compare ? Object.entries(builtIn).map(([name, strategy]) => ({ name, service: with_(strategy) })) : []),
  ];
};

/** After so many good rollouts of which none had traffic, the others would say no more. */
const enough = 3;

/** A rehearsal in which even good rollouts never get traffic says nothing about the policy. */
const refuseMute = (good: readonly Rehearsed[]): void => {
  const [first] = good;
  if (first === undefined || good.some(({ live, caughtAfter }) => live || caughtAfter !== null)) return;
  throw new Rejected({
    problem: `this rehearsal says nothing: ${count(good.length, 'rollout')} of a good image got no traffic (${first.reason})`,
    remedy: first.reason.includes('readyWithin')
      ? 'set checks.readyWithin to what an instance takes to boot, or say a shorter boot time: --image "errors=5%, boot=5s" --baseline "errors=0.1%, boot=5s"'
      : 'mend what the reason names, then rehearse again',
  });
};

/** Says how far it is, and how long the rest takes: on a line that is drawn over, else every ten seconds. */
const paceOf = (terminal: Terminal, what: string, runs: number): ((done: number) => void) => {
  const began = performance.now();
  let said = began;
  return (done) => {
    const now = performance.now();
    const left =
      done === 0 ? '' : `, about ${formatDuration(Math.ceil(((now - began) / 1000 / done) * (runs - done)))} left`;
    const line = `${what}: ${done} of ${runs}${left}`;
    terminal.status(line);
    if (terminal.redraws || now - said < 10_000) return;
    said = now;
    terminal.say(line);
  };
};

const runsOf = async (
  { stop }: Context,
  terminal: Terminal,
  rehearsal: { service: Service; baseline: Behaviour; image: Behaviour; traffic: number },
  { runs, seed }: Options,
  what: string,
): Promise<Rehearsed[]> => {
  // Loaded late, for the sake of every other command.
  const { rehearse } = await import('../rehearsal/rehearse.ts');
  const done: Rehearsed[] = [];
  const pace = paceOf(terminal, what, runs);
  for (let run = 0; run < runs; run++) {
    if (stop.aborted) throw new Interrupted();
    pace(run);
    done.push(await rehearse({ ...rehearsal, seed: seed + run }));
    if (done.length === Math.min(runs, enough) && rehearsal.image === rehearsal.baseline) refuseMute(done);
    // Ctrl-C is heard between two runs.
    await new Promise((next) => setImmediate(next));
  }
  terminal.status('');
  return done;
};

const breaches = ({ failed, falseRollbacks }: Summary, { maxFailedRequests, maxFalseRollbacks }: Options): string[] => [
  ...(maxFailedRequests !== undefined && failed.median > maxFailedRequests
    ? [`${count(failed.median, 'request')} fail, at most ${maxFailedRequests} may`]
    : []),
  ...(maxFalseRollbacks !== undefined && falseRollbacks > maxFalseRollbacks
    ? [
        `${formatRate(falseRollbacks)} of good rollouts are rolled back, at most ${formatRate(maxFalseRollbacks)} may be`,
      ]
    : []),
];
