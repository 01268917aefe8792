/** `cutover wait`: for scripts and CI, until a rollout has come to its end; the exit code says to which. */
import { Command } from 'commander';
import { parseDuration } from '../../core/basics/duration.ts';
import { Rejected } from '../../core/basics/errors.ts';
import { newestRollout } from '../../pipeline/operations/history.ts';
import { named } from '../../pipeline/operations/services.ts';
import type { StatusView } from '../../pipeline/operations/status.ts';
import { type Context, globals, pause, withStage } from '../context.ts';
import { Ended, Interrupted } from '../failure.ts';
import { evidenceLines } from '../live/evidence.ts';
import { withPipeline } from '../pipeline/connect.ts';
import { questionLines, watch } from '../pipeline/watch.ts';

const help = `
Without --image the command waits for the newest publication. An image that is not published yet is waited for as well, because its event may still arrive.

Exit codes: 0 live, 1 rolled back, 2 refused or superseded (or a mistake in the command), 3 not ended in time.

Examples:
  cutover wait shop
  cutover wait shop --image release-42 --timeout "2 hours" --stage production`;

/** Between two looks, in milliseconds. */
const look = { local: 300, deployed: 5000 };

const codes = { live: 0, failed: 1, refused: 2, superseded: 2 } as const;
const late = 3;

export const wait = (context: Context): Command =>
  withStage(new Command('wait'))
    .description('Wait until a rollout has ended; the exit code says how.')
    .argument('<service>', 'its name in the configuration')
    .option('--image <image>', 'a tag or label, a release, or the end of a digest')
    .option('--timeout <duration>', 'the longest wait', '2 hours')
    .addHelpText('after', help)
    .action(async (given: string, { image, timeout }: { image?: string; timeout: string }, command: Command) => {
      const { terminal, place } = globals(context, command);
      const seconds = parseDuration(timeout);
      if (seconds === null) throw new Rejected(`--timeout: expected a duration like "2 hours", found ${timeout}`);
      await withPipeline(place, async (pipeline) => {
        const { ports } = pipeline;
        const service = named(given, await ports.ledger.services());
        // Not by the clock, which may be set while this waits.
        const end = performance.now() + seconds * 1000;
        const every = place.stage === undefined ? look.local : look.deployed;
        const { stage } = place;
        const watched = watch(pipeline, [service], {
          terminal,
          stage,
          onQuestion: (view) => {
            for (const line of questionLines(view)) terminal.say(line);
          },
        });
        for (;;) {
          const found = await newestRollout(ports, service, image);
          if (found?.outcome != null) {
            const { label, release, attempt, outcome, reason, evidence } = found;
            terminal.status('');
            terminal.say(`${label} (${release}, attempt ${attempt}): ${outcome}${reason === '' ? '' : `; ${reason}`}`);
            for (const one of evidence) for (const line of evidenceLines(one)) terminal.say(line);
            terminal.data(found);
            if (codes[outcome] !== 0) throw new Ended(codes[outcome], `${label} is not live: it ended ${outcome}`);
            return;
          }
          if (found?.observed === true) {
            terminal.status('');
            terminal.say(`${found.label} (${found.release}): ${found.reason}`);
            terminal.data(found);
            throw new Ended(
              codes.refused,
              `${found.label} is not rolled out: ${service} only observes (mode: 'observe')`,
            );
          }
          if (performance.now() >= end) {
            terminal.status('');
            const what =
              found === undefined
                ? `nobody has published ${image ?? 'anything'} yet`
                : (waited(watched.views()) ?? `${found.label} is still under way`);
            throw new Ended(late, `${service}: ${what} after ${timeout}`);
          }
          if (found === undefined) terminal.status(`waiting for ${image ?? 'a publication'}`);
          else await watched.look();
          await pause(Math.min(every, Math.max(0, end - performance.now())), context.stop);
          if (context.stop.aborted) throw new Interrupted();
        }
      });
    });

/** A question that nobody has answered. */
const waited = (views: readonly StatusView[]): string | undefined => {
  const [view] = views.filter(({ waiting }) => waiting !== null);
  if (view?.waiting == null) return undefined;
  const {
    why,
    commands: { approve, reject },
  } = view.waiting;
  return `${view.rollout?.label ?? 'its rollout'} waits${approve === null ? '' : ' for a person'} (${why}): ${approve === null ? '' : `${approve}, or `}${reject}; still so`;
};
