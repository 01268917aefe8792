/** `cutover status`: what is live, what is under way, what waits. */
import { Command } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { formatTime } from '../../core/basics/format.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import { heldBy } from '../../core/release/publications.ts';
import { named } from '../config/config-file.ts';
import { type Context, globals, pause, withStage } from '../context.ts';
import { Interrupted, mistakes } from '../failure.ts';
import { operating } from '../local/connected.ts';
import type { Operated } from '../pipeline/operator.ts';
import type { Terminal } from '../terminal.ts';

/** How often --follow looks, in milliseconds. */
const LOOK = { local: 300, deployed: 3000 };

export const status = (context: Context): Command =>
  withStage(new Command('status'))
    .description('Show what is live, what is being rolled out, and what waits.')
    .argument('[service]', 'one service (default: all)')
    .option('--follow', 'go on telling what happens, until Ctrl-C')
    .addHelpText('after', '\nExamples:\n  cutover status\n  cutover status shop --follow')
    .action(async (given: string | undefined, { follow = false }: { follow?: boolean }, command: Command) => {
      const { terminal, place } = globals(context, command);
      await operating(place, async (remote) => {
        const names = await remote.ports.ledger.services();
        const chosen = given === undefined ? names : [named(given, names)];
        if (chosen.length === 0) terminal.say('No service is configured.');
        const all = [];
        const unread: string[] = [];
        for (const name of chosen)
          try {
            const row = await remote.ports.ledger.row(name);
            const events = row?.lock.state === 'held' ? await remote.ports.ledger.history(name, 50) : [];
            const view = statusOf(name, row, remote.urls[name] ?? [], events);
            all.push(view);
            for (const line of statusLines(view)) terminal.say(line);
          } catch (error) {
            // The others are shown all the same.
            if (!(error instanceof Rejected)) throw error;
            unread.push(error.message);
          }
        if (follow) for (const why of unread) terminal.say(why);
        if (follow) terminal.line(all);
        else terminal.data(all);
        if (follow)
          await following(
            remote,
            chosen,
            terminal,
            context.stop,
            place.stage === undefined ? LOOK.local : LOOK.deployed,
          );
        if (unread.length > 0) throw mistakes(unread);
      });
    });

export interface StatusView {
  service: string;
  urls: string[];
  live: { release: string; label: string; slot: string; since: number } | null;
  rollout: {
    release: string;
    label: string;
    attempt: number;
    phase: string;
    step: number;
    steps: number;
    slot: string | null;
    abort: string | null;
  } | null;
  /** No recovery follows any more, and a person has to look: what was told of it. */
  stuck: string | null;
  next: { release: string; label: string } | null;
  weights: Row['wanted']['weights'] | null;
}

/** In a person's words. */
const phaseOf = (row: Row): string => {
  if (row.lock.state === 'reserved') return 'starting';
  if (row.phase === 'rollingBack') return 'going back';
  const asked = row.plan?.configuration.approval != null && row.signals.length === 0;
  return row.phase === 'preparing' && asked && row.parked.length > 0
    ? `waiting for approval (cutover approve ${row.service})`
    : row.phase;
};

/** What was told, unless something has gone on since. `events` are the newest first. */
const stuckBy = (row: Row | null, events: HistoryEvent[]): string | null => {
  const held = row === null ? null : heldBy(row);
  const own = events.filter(({ release, attempt }) => release === held?.release && attempt === held?.attempt);
  const newest = own.find(({ kind }) => kind !== 'problem');
  return newest?.kind === 'stuck' ? newest.text : null;
};

export const statusOf = (service: string, row: Row | null, urls: string[], events: HistoryEvent[]): StatusView => {
  const held = row === null ? null : heldBy(row);
  return {
    service,
    urls,
    live: row?.live
      ? { release: row.live.release, label: row.live.image.label, slot: row.live.slot, since: row.live.since }
      : null,
    rollout:
      row === null || held === null
        ? null
        : {
            release: held.release,
            label: held.image.label,
            attempt: held.attempt,
            phase: phaseOf(row),
            step: row.step,
            steps: row.plan?.steps.length ?? 0,
            slot: row.plan?.new.slot ?? null,
            abort: row.abort?.why ?? null,
          },
    stuck: stuckBy(row, events),
    next: row?.next ? { release: row.next.release, label: row.next.image.label } : null,
    weights: row?.wanted.weights ?? null,
  };
};

export const statusLines = ({ service, urls, live, rollout, stuck, next, weights }: StatusView): string[] => [
  `${service}${urls.length > 0 ? `, on ${urls.join(' and ')}` : ''}`,
  live === null
    ? '  live      nothing yet'
    : `  live      ${live.label} (${live.release}) in ${live.slot} since ${formatTime(live.since)}`,
  ...(rollout === null
    ? []
    : [
        `  rollout   ${rollout.label} (${rollout.release}), attempt ${rollout.attempt}: ${rollout.phase}, step ${rollout.step} of ${rollout.steps}` +
          (rollout.slot === null ? '' : ` into ${rollout.slot}`),
      ]),
  ...(rollout?.abort ? [`  aborted   ${rollout.abort}`] : []),
  ...(stuck === null ? [] : [`  ${stuck}`]),
  ...(next === null ? [] : [`  next      ${next.label} (${next.release})`]),
  ...(weights === null ? [] : [`  weights   blue ${weights.blue} %, green ${weights.green} %`]),
];

/** Events as they come: a line each, or with --json a JSON document each, on one line. */
const following = async (
  { ports }: Operated,
  services: string[],
  terminal: Terminal,
  stop: AbortSignal,
  every: number,
): Promise<void> => {
  const told = new Set<string>();
  const news = async (service: string) =>
    (await ports.ledger.history(service, 100)).reverse().filter(({ id }) => !told.has(`${service} ${id}`));
  for (const service of services) for (const { id } of await news(service)) told.add(`${service} ${id}`);
  while (!stop.aborted) {
    for (const service of services)
      for (const event of await news(service)) {
        told.add(`${service} ${event.id}`);
        terminal.say(`${formatTime(event.at)}  ${service}  ${event.by.padEnd(11)} ${event.text.split('\n')[0]}`);
        terminal.line({ service, ...event });
      }
    await pause(every, stop);
  }
  throw new Interrupted();
};
