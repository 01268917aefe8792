/** `cutover rerun`: what did not go live is tried again, by the button that the console would have for it. */
import { Command } from 'commander';
import { Rejected } from '../../core/basics/errors.ts';
import { type HistoryEvent, type RolloutHistory, rolloutsOf } from '../../core/release/history.ts';
import { type Published, publish } from '../../pipeline/operations/publish.ts';
import { named } from '../config/config-file.ts';
import { type Context, globals, person, withStage } from '../context.ts';
import { operating } from '../local/connected.ts';
import type { Operated } from '../pipeline/operator.ts';
import { ofRelease, publishedImages, publishedText } from '../pipeline/publications.ts';

const help = `
A failed execution is redriven: it starts over in the same place of the console. Where that cannot be (after two weeks, or of a rollout that
ended without failing), a fresh attempt is asked for, as \`cutover roll\` does. Nothing is re-run while a rollout is under way; one whose
execution has died, and that no recovery brings to its end, goes on where it stands.

Examples:
  cutover rerun shop
  cutover rerun shop 3f2a9c0d1e4b --stage production`;

export const rerun = (context: Context): Command =>
  withStage(new Command('rerun'))
    .description('Try again what was rolled back, refused or superseded: by redrive, or as a fresh attempt.')
    .argument('<service>', 'its name in the configuration')
    .argument('[release]', 'as history shows it (default: the newest)')
    .addHelpText('after', help)
    .action(async (given: string, release: string | undefined, _: object, command: Command) => {
      const { terminal, place } = globals(context, command);
      await operating(place, async ({ ports }) => {
        const service = named(given, await ports.ledger.services());
        const again = await tryAgain(ports, service, release);
        const { label } = again;
        terminal.say(
          'redriven' in again
            ? `${label} (${again.release}) is redriven in ${again.redriven}: see cutover status ${service} --follow`
            : publishedText(again.published, { service, label, release: again.release }),
        );
        const did = 'redriven' in again ? { redriven: again.redriven } : again.published;
        terminal.data({ service, release: again.release, ...did });
      });
    });

/** What was tried again, and by which button. */
export type Again = { label: string; release: string } & ({ redriven: string } | { published: Published });

/** Throws Rejected where nothing is to be tried again, with the reason. */
export const tryAgain = async (
  ports: Operated['ports'],
  service: string,
  wanted: string | undefined,
): Promise<Again> => {
  const events = await ports.ledger.history(service);
  const rollouts = rolloutsOf(service, events);
  const standing = await standingStill(ports, service, rollouts, wanted);
  if (standing !== null) return standing;
  const rollout = endedOne(service, rollouts, wanted);
  const { label, release } = rollout;
  const execution = executionOf(events, rollout);
  if (rollout.outcome === 'failed' && execution !== null && (await ports.executions.redrive(execution)))
    return { label, release, redriven: execution };
  return { label, release, published: await anew(ports, service, rollout, events) };
};

const isOf = ({ release, label }: RolloutHistory, wanted: string | undefined): boolean =>
  wanted === undefined || release === wanted || label === wanted;

const isUnderWay = ({ outcome, startedAt }: RolloutHistory): boolean => outcome === null && startedAt !== null;

/** One whose holder has died without a recovery, or with the last of them: it has no end to wait for. Null: there is none, or it goes on. */
const standingStill = async (
  { ledger, executions }: Operated['ports'],
  service: string,
  rollouts: RolloutHistory[],
  wanted: string | undefined,
): Promise<Again | null> => {
  const rollout = rollouts.find(isUnderWay);
  const row = await ledger.row(service);
  if (rollout === undefined || !isOf(rollout, wanted) || row?.lock.state !== 'held') return null;
  const { execution } = row.lock;
  if ((await executions.status(execution)) !== 'closed' || (await executions.recoveries(service)).length > 0)
    return null;
  const { label, release } = rollout;
  if (await executions.redrive(execution)) return { label, release, redriven: execution };
  throw new Rejected(
    `${label} (${release}) stands still, and ${execution} cannot be redriven any more: press New execution on it in the console, with its input as it is`,
  );
};

/** The newest of that release, or of all. Throws Rejected for one that has not ended, or that is live. */
const endedOne = (service: string, rollouts: RolloutHistory[], release: string | undefined): RolloutHistory => {
  const running = rollouts.find(isUnderWay);
  if (running !== undefined)
    throw new Rejected(`${running.label} (${running.release}) is under way: wait for its end, or abort it`);
  const found = rollouts.find((one) => isOf(one, release));
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

const anew = async (
  ports: Operated['ports'],
  name: string,
  { release, attempt }: RolloutHistory,
  events: HistoryEvent[],
) => {
  const service = await ports.ledger.configuration(name);
  if (service === null) throw new Rejected(`${name} has no configuration any more`);
  const own = publishedImages(events.filter((event) => event.release === release && event.attempt === attempt));
  const image = own[0] ?? ofRelease(publishedImages(events), release);
  const what = image?.reference ?? release;
  const found = await ports.images.find(service, what);
  if (found === null) throw new Rejected(`${image?.label ?? release} is not in its registry any more: push it again`);
  return publish(ports, service, { what, found, asked: true, by: person() });
};
