/** Repeats a failed rollout: by a redrive if possible, otherwise by a new attempt. */
import { Rejected } from '../../core/basics/errors.ts';
import { type HistoryEvent, type RolloutHistory, rolloutsOf } from '../../core/release/history.ts';
import { isRecovered } from '../shared/recover.ts';
import { deployFound } from './deploy.ts';
import type { Needs, Published } from './publish.ts';
import { ofRelease, publishedImages, withLabel } from './published-images.ts';
import { configurationOf, named } from './services.ts';

/** What was repeated, and how. */
export type Retried = { service: string; label: string; release: string } & (
  | { redriven: string }
  | { published: Published }
);

/** Throws Rejected with the reason if nothing can be repeated. */
export const retry = async (
  ports: Needs,
  { service: given, release: wanted, by }: { service: string; release?: string | undefined; by: string },
): Promise<Retried> => {
  const service = named(given, await ports.ledger.services());
  const events = await ports.ledger.history(service);
  const rollouts = rolloutsOf(service, events);
  const standing = await standingStill(ports, service, rollouts, wanted);
  if (standing !== null) return standing;
  const rollout = endedOne(service, rollouts, wanted);
  const { label, release } = rollout;
  const execution = executionOf(events, rollout);
  if (rollout.outcome === 'failed' && execution !== null && (await ports.executions.redrive(execution)))
    return { service, label, release, redriven: execution };
  return freshAttempt(ports, rollout, { events, by });
};

const isOf = ({ release, label }: RolloutHistory, wanted: string | undefined): boolean =>
  wanted === undefined || release === wanted || label === wanted;

const isUnderWay = ({ outcome, startedAt }: RolloutHistory): boolean => outcome === null && startedAt !== null;

/** A rollout whose execution has ended without a further recovery: it will not end by itself. Null: there is none, or it continues. */
const standingStill = async (
  { ledger, executions }: Needs,
  service: string,
  rollouts: RolloutHistory[],
  wanted: string | undefined,
): Promise<Retried | null> => {
  const rollout = rollouts.find(isUnderWay);
  const row = await ledger.row(service);
  if (rollout === undefined || !isOf(rollout, wanted) || row?.lock.state !== 'held') return null;
  const { execution } = row.lock;
  if ((await executions.status(execution)) !== 'closed' || (await isRecovered(executions, row))) return null;
  const { label, release } = rollout;
  if (await executions.redrive(execution)) return { service, label, release, redriven: execution };
  throw new Rejected(
    `${label} (${release}) has stalled, and ${execution} cannot be redriven any more: open it in the Step Functions console and press New execution, with the same input`,
  );
};

/** The newest rollout of that release, or of any. Throws Rejected if it has not ended, or is live. */
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
      `${found.label} (${found.release}) went live: to roll it out again, cutover deploy ${service} ${found.release}`,
    );
  return found;
};

const executionOf = (events: readonly HistoryEvent[], { release, attempt }: RolloutHistory): string | null => {
  const admitted = events.find((one) => one.kind === 'admitted' && one.release === release && one.attempt === attempt);
  return typeof admitted?.data?.execution === 'string' ? admitted.data.execution : null;
};

const freshAttempt = async (
  ports: Needs,
  { service: name, label, release, attempt }: RolloutHistory,
  { events, by }: { events: HistoryEvent[]; by: string },
): Promise<Retried> => {
  const service = await configurationOf(ports, name);
  const own = publishedImages(events.filter((event) => event.release === release && event.attempt === attempt));
  const image = own[0] ?? ofRelease(publishedImages(events), release);
  const what = image?.reference ?? release;
  const found = await ports.images.find(service, what);
  if (found === null) throw new Rejected(`${image?.label ?? release} is not in its registry any more: push it again`);
  const { published } = await deployFound(ports, service, {
    what,
    found: withLabel(found, image === undefined ? [] : [image]),
    by,
  });
  return { service: name, label, release, published };
};
