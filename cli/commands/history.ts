/** `cutover history`: every attempt, newest first, and how it ended. */
import { Command } from 'commander';
import { formatTime } from '../../core/basics/format.ts';
import type { RolloutHistory } from '../../core/release/history.ts';
import { type HistoryPage, history as historyOf, type ShownRollout } from '../../pipeline/operations/history.ts';
import { tableOf } from '../../report/table.ts';
import { pointInTime, whole } from '../arguments.ts';
import { type Context, globals, type Place, withStage } from '../context.ts';
import { evidenceLines } from '../live/evidence.ts';
import { figuresTable } from '../live/figures-table.ts';
import { withPipeline } from '../pipeline/connect.ts';
import type { Terminal } from '../terminal.ts';

export const history = (context: Context): Command =>
  withStage(new Command('history'))
    .description('List the rollouts, newest first, and how each ended.')
    .argument('[service]', 'one service (default: all)')
    .argument('[image]', 'only rollouts of this image: a tag or label, a release, or the end of a digest')
    .option('--limit <number>', `how many of each service (default: ${usual}; all with --json)`, whole(1, 10_000))
    .option('--before <time>', 'only those published before, like 2026-11-28 or 2026-11-28T09:00Z', pointInTime)
    .option('--figures', 'what both versions did minute by minute, of the newest rollout unless --limit says more')
    .addHelpText(
      'after',
      '\nExamples:\n  cutover history shop --json\n  cutover history shop --limit 50 --before 2026-11-28T09:00Z\n  cutover history shop release-42 --figures',
    )
    .action(async (given: string | undefined, image: string | undefined, options: Options, command: Command) => {
      const { limit, before, figures = false } = options;
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports }) => {
        // A program that has named no limit would take a part for the whole.
        const standard = figures ? 1 : terminal.json ? undefined : usual;
        const page = await historyOf(ports, given, { limit: limit ?? standard, before, image, figures });
        if (page.rollouts.length === 0) terminal.say(nothingText(options, image));
        else tellRollouts(terminal, page.rollouts);
        const [chosen] = page.rollouts;
        if (chosen !== undefined && (figures || image !== undefined))
          for (const line of limitLines(chosen)) terminal.say(line);
        for (const rollout of page.rollouts) for (const line of figuresLines(rollout)) terminal.say(line);
        if (!figures) for (const line of olderLines(page, limit, place)) terminal.say(line);
        terminal.data(page.rollouts);
      });
    });

interface Options {
  limit?: number;
  before?: number;
  figures?: boolean;
}

/** Rollouts of each service that are listed unless a limit is given. */
const usual = 20;

const olderLines = ({ more }: HistoryPage, limit: number | undefined, { stage }: Place): string[] => {
  const options = `${limit === undefined ? '' : ` --limit ${limit}`}${stage === undefined ? '' : ` --stage ${stage}`}`;
  return more.map(({ service, before }) => {
    const time = new Date(before).toISOString();
    return `There are older rollouts of ${service}: cutover history ${service} --before ${time}${options}`;
  });
};

/** Of so many newest attempts what failed instances said is shown; of all with --json. */
const mostShown = 3;

const nothingText = ({ before }: Options, image: string | undefined): string => {
  if (image !== undefined) return `No rollout of ${image} is known: cutover history lists all.`;
  return before === undefined ? 'No release has been published yet.' : 'No release was published before that.';
};

/** Of the newest rollout that was asked for: the limits that it was admitted with, whatever is configured since. */
const limitLines = ({ label, attempt, limits }: ShownRollout): string[] =>
  limits === null
    ? []
    : [
        '',
        `${label}, attempt ${attempt}, by its own plan is rolled back when:`,
        ...limits.rollsBack.map((text) => `  ${text}`),
        ...(limits.asks.length === 0 ? [] : ['and a person is asked when:', ...limits.asks.map((text) => `  ${text}`)]),
      ];

/** Nothing where nobody asked for figures. */
const figuresLines = ({ label, attempt, figures }: ShownRollout): string[] => {
  if (figures === undefined) return [];
  const of = `${label}, attempt ${attempt}`;
  if (figures.length === 0)
    return ['', `${of}: no figures; it had no traffic for a whole period, or it ended over 90 days ago.`];
  return ['', `${of}: both versions, and the evidence that the new one is worse`, ...figuresTable(figures)];
};

const tellRollouts = (terminal: Terminal, rollouts: RolloutHistory[]): void => {
  const rows = rollouts.map(({ publishedAt, service, release, label, attempt, outcome, observed, reason, steps }) => [
    formatTime(publishedAt),
    service,
    release,
    label,
    String(attempt),
    outcome ?? (observed ? 'only observed' : 'under way'),
    steps.length === 0 ? '-' : `${steps.at(-1)?.weight} %`,
    reason,
  ]);
  const heading = ['published', 'service', 'release', 'image', 'attempt', 'outcome', 'reached', 'why'];
  for (const line of tableOf(heading, rows, terminal.width)) terminal.say(line);
  for (const { label, attempt, evidence } of rollouts.slice(0, mostShown))
    for (const one of evidence)
      for (const line of evidenceLines(one)) terminal.say(`${label}, attempt ${attempt}: ${line}`);
};
