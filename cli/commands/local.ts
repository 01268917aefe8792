/** `cutover local up`: the local cloud for a user's own services, until Ctrl-C. */
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { countOf } from '../../core/basics/format.ts';
import type { Service } from '../../core/config/service.ts';
import { readSought } from '../config/adoption-file.ts';
import { type Configuration, readConfiguration } from '../config/config-file.ts';
import { exampleFile, exampleImages } from '../config/example.ts';
import { type Context, globals } from '../context.ts';
import { Interrupted } from '../failure.ts';
import { type Live, live } from '../live/live.ts';
import { unfinishedLines } from '../live/traffic.ts';
import { usualDelay } from '../local/delay.ts';
import { type OwnTraffic, ownTraffic, parseRate } from '../local/own-traffic.ts';
import { portOption, standardPort } from '../local/port.ts';
import type { Terminal } from '../terminal.ts';

const help = `
The command stays in the foreground; publish images from another terminal. It listens on this machine only. The load balancer checks health every second; a status from 200 to 399 is healthy. A deregistered instance may finish its answers for 300 s, the default of AWS, or for --deregistration-delay; with --example for 2 s. Ctrl-C ends the command and every program that it started; on Linux also programs that these started in sessions of their own. Instances end with it, so each start begins with nothing live. History, configurations and images stay in the data folder.

Examples:
  cutover local up
  cutover local up --config shop/cutover.config.ts --port 9000 --data /tmp/shop
  cutover local up --traffic 50rps     with requests of its own, for a program that has no users yet
  cutover local up --example adopt     an Auto Scaling group that serves already, for \`cutover adopt\` to take over`;

interface Options {
  config?: string;
  example?: string;
  port?: number;
  health?: string;
  verbose?: boolean;
  deregistrationDelay?: number;
  traffic?: number;
}

/** Seconds, as a target group takes them. */
const parseDelay = (text: string): number => {
  const delay = Number(text);
  if (/^\d+$/.test(text) && delay <= 3600) return delay;
  throw new InvalidArgumentError('expected seconds from 0 to 3600.');
};

/** Of the examples, which show how it goes and keep nobody's requests. */
const exampleDelay = 2;

/** The one service of examples/adopt. */
const adoptable = 'orders';
const examples = ['demo', 'adopt'];

/** What is configured; and, of the example that is for adopting, what serves without being configured. */
const configurationOf = async (
  { config, example }: Options,
  cwd: string,
): Promise<{ configuration: Configuration; existing?: Service }> => {
  if (config !== undefined && example !== undefined)
    throw new Rejected('--config and --example each name a configuration: give one of them');
  if (example === undefined) return { configuration: await readConfiguration(config, cwd) };
  if (example !== 'adopt') return { configuration: await readConfiguration(exampleFile(example), cwd) };
  const { configuration, service } = await readSought(adoptable, exampleFile(example), cwd);
  return { configuration: { ...configuration, services: [] }, existing: service };
};

const tellExisting = (terminal: Terminal, cwd: string, { name, fleet }: Service): void => {
  if (fleet.kind !== 'groups') return;
  terminal.say(
    `${name} is served by the Auto Scaling group ${fleet.blue}, which is not adopted yet. From another terminal:`,
  );
  terminal.say(`  cutover adopt ${name} --dry-run        prints what adopting it would change`);
  terminal.say(`  cutover adopt ${name}`);
  terminal.say(`  cutover publish ${relative(cwd, join(exampleImages, 'v2')) || '.'} --service ${name}`);
  terminal.say(`  cutover unadopt ${name}                gives it back`);
};

const up = (context: Context): Command =>
  new Command('up')
    .description('Start a local cloud: instances as processes, a load balancer, and the production pipeline over them.')
    .option('--config <file>', 'the configuration (default: cutover.config.ts)')
    .addOption(portOption())
    .addOption(
      new Option('--example <name>', 'use an example of this program instead of a configuration').choices(examples),
    )
    .option('--health <path>', "the path of the health checks (default: each service's first smoke test, or /)")
    .addOption(
      new Option(
        '--deregistration-delay <seconds>',
        'seconds in which a deregistered instance may finish its answers (default: 300)',
      ).argParser(parseDelay),
    )
    .addOption(
      new Option('--traffic <rate>', 'send this many requests a second to each service, such as 50rps').argParser(
        parseRate,
      ),
    )
    .option('--verbose', 'also print the log of the functions')
    .addHelpText('after', help)
    .action(async (options: Options, command: Command) => {
      const { terminal, data } = globals(context, command);
      if (options.health !== undefined && !options.health.startsWith('/'))
        throw new Rejected(`--health: expected a path that begins with /, found ${options.health}`);
      const { configuration, existing } = await configurationOf(options, context.cwd);
      // Loaded late, for the sake of every other command.
      const { startLocalCloud } = await import('../local/local-cloud.ts');
      let view: Live | null = null;
      let traffic: OwnTraffic | null = null;
      const delay = options.deregistrationDelay ?? (options.example === undefined ? usualDelay : exampleDelay);
      const cloud = await startLocalCloud({
        data,
        configuration,
        ...(existing !== undefined && { existing: { service: existing, folder: join(exampleImages, 'v1') } }),
        port: options.port ?? standardPort,
        fixedPort: options.port !== undefined,
        health: options.health,
        deregistrationDelay: delay,
        onState: (execution, state) => view?.state(execution, state),
        onLog: (line) => {
          if (options.verbose === true) terminal.say(line.trimEnd());
        },
      });
      try {
        for (const note of cloud.notes) terminal.say(note);
        for (const [service, urls] of Object.entries(cloud.urls))
          terminal.say(`${service} answers on ${urls.join(' and ')}`);
        const [name = ''] = Object.keys(cloud.urls);
        if (existing === undefined)
          terminal.say(`Nothing is live yet. From another terminal: cutover publish <folder> --service ${name}`);
        else tellExisting(terminal, context.cwd, existing);
        if (delay !== usualDelay)
          terminal.say(
            `A deregistered instance has ${delay} s to finish its answers; on AWS it is ${usualDelay} s unless a target group says otherwise.`,
          );
        if (options.traffic !== undefined) {
          terminal.say(
            `The local cloud sends ${options.traffic} requests a second to each service that has an instance.`,
          );
          traffic = ownTraffic(cloud.urls, options.traffic);
        }
        terminal.data({ urls: cloud.urls, data });
        view = live({
          terminal,
          world: cloud.world,
          ledger: cloud.ledger,
          totals: () => traffic?.totals() ?? null,
          unfinished: cloud.unfinished,
          delay,
        });
        if (!context.stop.aborted) await once(context.stop, 'abort');
        terminal.say('Ending.');
        throw new Interrupted();
      } finally {
        const stopping = traffic?.stop();
        await view?.close();
        const { closing } = cloud.unfinished;
        await cloud.close();
        const sent = await stopping;
        if (sent !== undefined)
          terminal.say(`Of these requests, ${countOf(sent.failed, sent.requests, 'request')} failed.`);
        for (const line of unfinishedLines(cloud.unfinished, { ...cloud.unfinished, closing }, delay))
          terminal.say(line);
      }
    });

export const local = (context: Context): Command =>
  new Command('local')
    .description('Run services on this machine, without an AWS account: local up')
    .addCommand(up(context));
