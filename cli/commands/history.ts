/** `cutover history`: every attempt, newest first, and how it ended. */
import { Command } from 'commander';
import { formatTime } from '../../core/basics/format.ts';
import type { RolloutHistory } from '../../core/release/history.ts';
import { type HistoryPage, history as historyOf } from '../../pipeline/operations/history.ts';
import { tableOf } from '../../report/table.ts';
import { pointInTime, whole } from '../arguments.ts';
import { type Context, globals, type Place, withStage } from '../context.ts';
import { evidenceLines } from '../live/evidence.ts';
import { withPipeline } from '../pipeline/connect.ts';
import type { Terminal } from '../terminal.ts';

export const history = (context: Context): Command =>
  withStage(new Command('history'))
    .description('List the rollouts, newest first, and how each ended.')
    .argument('[service]', 'one service (default: all)')
    .option('--limit <number>', `how many of each service (default: ${usual}; all with --json)`, whole(1, 10_000))
    .option('--before <time>', 'only those published before, like 2026-11-28 or 2026-11-28T09:00Z', pointInTime)
    .addHelpText(
      'after',
      '\nExamples:\n  cutover history shop --json\n  cutover history shop --limit 50 --before 2026-11-28T09:00Z',
    )
    .action(async (given: string | undefined, { limit, before }: Options, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports }) => {
        // A program that has named no limit would take a part for the whole.
        const page = await historyOf(ports, given, { limit: limit ?? (terminal.json ? undefined : usual), before });
        tellRollouts(terminal, page.rollouts, before);
        for (const line of olderLines(page, limit, place)) terminal.say(line);
        terminal.data(page.rollouts);
      });
    });

interface Options {
  limit?: number;
  before?: number;
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

const tellRollouts = (terminal: Terminal, rollouts: RolloutHistory[], before: number | undefined): void => {
  if (rollouts.length === 0) {
    terminal.say(before === undefined ? 'No release has been published yet.' : 'No release was published before that.');
    return;
  }
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
