/** `cutover local up`: the local cloud for a user's own services, until Ctrl-C. */
import { once } from 'node:events';
import { Command } from 'commander';
import { Rejected } from '../../core/errors.ts';
import { readConfiguration } from '../config-file.ts';
import { type Context, globals } from '../context.ts';
import { Interrupted } from '../failure.ts';
import { type Live, live } from '../live.ts';
import { portOption, standardPort } from '../port.ts';

const help = `
It stays in the foreground; publish images from another terminal. The load balancer and everything else listens on this machine only.
Health is asked every second; an answer from 200 to 399 is healthy.
Ctrl-C ends it and every program it has started. Instances do not outlive it, so each start begins with nothing live; the ledger of an
earlier run is set aside in the data folder as ledger-<time>.sqlite, and frozen images are kept.

Examples:
  cutover local up
  cutover local up --config shop/cutover.config.ts --port 9000 --data /tmp/shop`;

const up = (context: Context): Command =>
  new Command('up')
    .description('Start a local cloud: instances as processes, a load balancer, and the production pipeline over them.')
    .option('--config <file>', 'the configuration (default: cutover.config.ts)')
    .addOption(portOption())
    .option('--health <path>', "what health checks ask for (default: each service's first smoke test, or /)")
    .option('--verbose', "print the functions' log, too")
    .addHelpText('after', help)
    .action(
      async (options: { config?: string; port?: number; health?: string; verbose?: boolean }, command: Command) => {
        const { terminal, data } = globals(context, command);
        if (options.health !== undefined && !options.health.startsWith('/'))
          throw new Rejected(`--health takes a path that begins with /, not ${options.health}`);
        const configuration = await readConfiguration(options.config, context.cwd);
        // Loaded late, for the sake of every other command.
        const { startLocalCloud } = await import('../local-cloud.ts');
        let view: Live | null = null;
        const cloud = await startLocalCloud({
          data,
          configuration,
          port: options.port ?? standardPort,
          fixedPort: options.port !== undefined,
          health: options.health,
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
          terminal.say(`Nothing is live yet. From another terminal: cutover publish <folder> --service ${name}`);
          terminal.data({ urls: cloud.urls, data });
          view = live({ terminal, world: cloud.world, ledger: cloud.ledger });
          if (!context.stop.aborted) await once(context.stop, 'abort');
          terminal.say('Ending.');
          throw new Interrupted();
        } finally {
          await view?.close();
          await cloud.close();
        }
      },
    );

export const local = (context: Context): Command =>
  new Command('local').description('Run services on this machine, with no account: local up').addCommand(up(context));
