/** `cutover status`: what is live, what is under way, what waits. */
import { Command } from 'commander';
import { formatTime } from '../../core/basics/format.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import { namesOf } from '../../pipeline/operations/services.ts';
import { type StatusView, statuses } from '../../pipeline/operations/status.ts';
import { type Context, globals, pause, withStage } from '../context.ts';
import { Interrupted, mistakes } from '../failure.ts';
import { evidenceLines } from '../live/evidence.ts';
import { withPipeline } from '../pipeline/connect.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { onStage, statusLines } from '../pipeline/status-text.ts';
import { questionLines, watch } from '../pipeline/watch.ts';
import type { Terminal } from '../terminal.ts';

/** How often --follow looks, in milliseconds. */
const LOOK = { local: 300, deployed: 3000 };

export const status = (context: Context): Command =>
  withStage(new Command('status'))
    .description('Show the live release of each service, the running rollout and the next release.')
    .argument('[service]', 'one service (default: all)')
    .option('--follow', 'stream events until Ctrl-C')
    .addHelpText('after', '\nExamples:\n  cutover status\n  cutover status shop --follow')
    .action(async (given: string | undefined, { follow = false }: { follow?: boolean }, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async (pipeline) => {
        const chosen = await namesOf(pipeline.ports, given);
        if (chosen.length === 0) terminal.say('No service is configured.');
        const { views: found, unread } = await statuses(pipeline.ports, chosen, pipeline.urls, {
          figures: terminal.json,
        });
        const views = found.map((view) => onStage(view, place.stage));
        for (const line of views.flatMap(statusLines)) terminal.say(line);
        if (follow) {
          for (const why of unread) terminal.say(why);
          terminal.line(views);
          await following(pipeline, views, { services: chosen, terminal, stop: context.stop, stage: place.stage });
        } else terminal.data(views);
        if (unread.length > 0) throw mistakes(unread);
      });
    });

/** One line; of what a failed instance said, its last lines, too. */
export const eventText = ({ kind, by, text, data }: HistoryEvent): string[] => {
  if (kind !== 'evidence') return [`${by.padEnd(11)} ${text.split('\n')[0]}`];
  return evidenceLines({ instance: String(data?.instance ?? 'an instance'), said: text }).map(
    (line) => `${by.padEnd(11)} ${line}`,
  );
};

/** Events as they come: a line each, or with --json a JSON document each, on one line. */
const following = async (
  pipeline: Pipeline,
  known: StatusView[],
  {
    services,
    terminal,
    stop,
    stage,
  }: { services: string[]; terminal: Terminal; stop: AbortSignal; stage: string | undefined },
): Promise<void> => {
  const { ports } = pipeline;
  const every = stage === undefined ? LOOK.local : LOOK.deployed;
  const onQuestion = (view: StatusView): void => {
    for (const line of questionLines(view)) terminal.say(line);
    terminal.line({ service: view.service, waiting: view.waiting });
  };
  const watched = watch(pipeline, services, { terminal, stage, known, onQuestion });
  const told = new Set<string>();
  const news = async (service: string) =>
    (await ports.ledger.history(service, 100)).reverse().filter(({ id }) => !told.has(`${service} ${id}`));
  for (const service of services) for (const { id } of await news(service)) told.add(`${service} ${id}`);
  while (!stop.aborted) {
    for (const service of services)
      for (const event of await news(service)) {
        told.add(`${service} ${event.id}`);
        for (const line of eventText(event)) terminal.say(`${formatTime(event.at)}  ${service}  ${line}`);
        terminal.line({ service, ...event });
      }
    await watched.look();
    await pause(every, stop);
  }
  terminal.status('');
  throw new Interrupted();
};
