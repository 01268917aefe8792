/** `cutover history`: every attempt, newest first, and how it ended. */
import { Command } from 'commander';
import { formatTime } from '../../core/basics/format.ts';
import type { RolloutHistory } from '../../core/release/history.ts';
import { history as historyOf } from '../../pipeline/operations/history.ts';
import { tableOf } from '../../report/table.ts';
import { type Context, globals, withStage } from '../context.ts';
import { evidenceLines } from '../live/evidence.ts';
import { withPipeline } from '../pipeline/connect.ts';
import type { Terminal } from '../terminal.ts';

export const history = (context: Context): Command =>
  withStage(new Command('history'))
    .description('List the rollouts, newest first, and how each ended.')
    .argument('[service]', 'one service (default: all)')
    .addHelpText('after', '\nExample:\n  cutover history shop --json')
    .action(async (given: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      await withPipeline(place, async ({ ports }) => {
        const rollouts = await historyOf(ports, given);
        tellRollouts(terminal, rollouts);
        terminal.data(rollouts);
      });
    });

/** Of so many newest attempts what failed instances said is shown; of all with --json. */
const mostShown = 3;

const tellRollouts = (terminal: Terminal, rollouts: RolloutHistory[]): void => {
  if (rollouts.length === 0) {
    terminal.say('No release has been published yet.');
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
