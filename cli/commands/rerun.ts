/** `cutover rerun`: what did not go live is tried again, by the button that the console would have for it. */
import { Command } from 'commander';
import { Rejected } from '../../core/errors.ts';
import { type HistoryEvent, type RolloutHistory, rolloutsOf } from '../../core/history.ts';
import { releaseOf } from '../../core/image.ts';
import { publish } from '../../steps/publish.ts';
import { named } from '../config-file.ts';
import { operating } from '../connected.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import type { Operated } from '../operated.ts';
import { publishedImages, publishedText } from '../published.ts';

const help = `
A failed execution is redriven: it starts over in the same place of the console. Where that cannot be (after two weeks, or of a rollout that
ended without failing), a fresh attempt is asked for, as \`cutover roll\` does. Nothing is re-run while a rollout is under way.

Examples:
  cutover rerun shop
  cutover rerun shop 3f2a9c0d1e4b --stage production`;

export const rerun = (context: Context): Command =>
  withStage(new Command('rerun'))
    .description('Try again what was rolled back, refused or superseded: by redrive, or as a fresh attempt.')
    .argument('<service>')
    .argument('[release]', 'as history shows it (default: the newest)')
    .addHelpText('after', help)
    .action(async (given: string, release: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      await operating(place, async ({ ports }) => {
        const service = named(given, await ports.ledger.services());
        const events = await ports.ledger.history(service);
        const rollout = endedOne(service, rolloutsOf(service, events), release);
        const { label } = rollout;
        const execution = executionOf(events, rollout);
        if (rollout.outcome === 'failed' && execution !== null && (await ports.executions.redrive(execution))) {
          terminal.say(
            `${label} (${rollout.release}) is redriven in ${execution}: see cutover status ${service} --follow`,
          );
          terminal.data({ service, release: rollout.release, redriven: execution });
          return;
        }
        const published = await anew(ports, service, rollout, events);
        terminal.say(publishedText(published, { service, label, release: rollout.release }));
        terminal.data({ service, release: rollout.release, ...published });
      });
    });

/** The newest of that release, or of all. Throws Rejected for one that has not ended, or that is live. */
const endedOne = (service: string, rollouts: RolloutHistory[], release: string | undefined): RolloutHistory => {
  const running = rollouts.find(({ outcome, startedAt }) => outcome === null && startedAt !== null);
  if (running !== undefined)
    throw new Rejected(`${running.label} (${running.release}) is under way: wait for its end, or abort it`);
  const found = rollouts.find((one) => release === undefined || one.release === release || one.label === release);
  if (found === undefined)
    throw new Rejected(
      release === undefined
        ? `nothing was ever rolled out to ${service}`
        : `${service} has no rollout of ${release}: see cutover history ${service}`,
    );
  if (found.outcome === 'live')
    throw new Rejected(
      `${found.label} (${found.release}) went live: to roll it out again, cutover roll ${service} ${found.release}`,
    );
  return found;
};

const executionOf = (events: readonly HistoryEvent[], { release, attempt }: RolloutHistory): string | null => {
  const admitted = events.find((one) => one.kind === 'admitted' && one.release === release && one.attempt === attempt);
  return typeof admitted?.data?.execution === 'string' ? admitted.data.execution : null;
};

const anew = async (ports: Operated['ports'], name: string, { release }: RolloutHistory, events: HistoryEvent[]) => {
  const service = await ports.ledger.configuration(name);
  if (service === null) throw new Rejected(`${name} has no configuration any more`);
  const image = publishedImages(events).find((one) => releaseOf(one) === release);
  const what = image?.reference ?? release;
  const found = await ports.images.find(service, what);
  if (found === null) throw new Rejected(`${image?.label ?? release} is not in its registry any more: push it again`);
  return publish(ports, service, { what, found, asked: true, by: person() });
};
