/** reconcile: finds what events missed and corrects what drifted, every two minutes. Twice at once does no harm: all it does is a set or an ensure. */

import { messageOf, Transient } from '../../core/basics/errors.ts';
import { fullSlot, otherSlot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { isSettling } from '../../core/plan/scaling-bounds.ts';
import { beforeCommit, protocol, quiet } from '../../core/protocol/protocol.ts';
import { isStillLive, type Row } from '../../core/protocol/row.ts';
import { overdue, stoodStill } from '../../core/protocol/stalled.ts';
import { abortRollout } from '../operations/abort.ts';
import { publish } from '../operations/publish.ts';
import type { Ports } from '../ports/ports.ts';
import { agrees, applyWeights } from '../shared/apply-weights.ts';
import { releaseOfLive } from '../shared/fleet-release.ts';
import { recorder } from '../shared/record.ts';
import { recover, stuck } from '../shared/recover.ts';
import { startReserved } from '../shared/start-reserved.ts';
import { healthy, lookAtTargets } from '../shared/targets.ts';
import { workThrough } from '../shared/worker-pool.ts';
import { sweep } from './orphans.ts';
import { replaceDead } from './unhealthy-instances.ts';
import { remind } from './waiting.ts';

type Needs = Pick<
  Ports,
  'ledger' | 'traffic' | 'fleet' | 'preflight' | 'metrics' | 'images' | 'executions' | 'notify' | 'now'
>;

/** Services looked after at a time: some dozens are done well within one function's time. */
const atATime = 8;

/** What was done, a sentence each, by service. One service's failure does not keep the others waiting; it is thrown in the end. */
export const reconcile = (ports: Needs) => async (): Promise<Record<string, string[]>> => {
  const done: Record<string, string[]> = {};
  const failures: string[] = [];
  await workThrough(await ports.ledger.services(), atATime, async (name) => {
    try {
      const did = await reconcileOne(ports, name);
      if (did !== null) done[name] = did;
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
    }
  });
  if (failures.length > 0) throw new Transient(`could not reconcile ${failures.join('; ')}`);
  return done;
};

/** Null: it has no configuration any more. */
const reconcileOne = async (ports: Needs, name: string): Promise<string[] | null> => {
  const row = await ports.ledger.row(name);
  // By what it was admitted with: what is configured now may be unreadable, and is nothing to a rollout.
  if (row?.lock.state === 'held' && row.plan !== null) return correct(ports, row, row.plan.configuration);
  const service = await ports.ledger.configuration(name);
  if (service === null) return null;
  if (row === null) return lookForNewest(ports, service);
  const isActing = service.mode !== 'observe';
  const isFree = row.lock.state === 'free';
  let started: string | null = null;
  return each(
    async () => (isActing ? correct(ports, row, service) : []),
    async () => (isFree ? restoreLate(ports, row, service) : []),
    async () => {
      if (!isActing) return [];
      await ports.ledger.decide(service.name, (current) => protocol.acquire(current, undefined));
      started = await startReserved(ports, service.name);
      return started === null ? [] : [`${started} started`];
    },
    async () => (isActing && isFree && started === null ? keepLive(ports, row, service) : []),
    async () => (isActing && isFree && started === null ? keepClean(ports, row, service) : []),
    async () => (started === null ? lookForNewest(ports, service) : []),
  );
};

const keepClean = async (ports: Needs, row: Row, service: Service): Promise<string[]> => {
  const swept = await sweep(ports, service);
  for (const text of swept) await say(ports, row, text, text);
  return swept;
};

/** An image whose event was lost. */
const lookForNewest = async (ports: Needs, service: Service): Promise<string[]> => {
  const newest = await ports.images.newest(service);
  if (newest === null) return [];
  const wish = { what: newest.image.reference, found: newest, asked: false, by: 'reconcile' };
  const published = await publish(ports, service, wish);
  return published.state === 'refused' ? [] : [`${newest.image.label}: ${published.state}`];
};

/** Weights that somebody has edited, and a holder whose execution has died: also where no weight can be read or set, as a rule has gone. */
const correct = (ports: Needs, row: Row, service: Service): Promise<string[]> =>
  each(
    async () => {
      // Where one cannot be read, the others are set all the same, and the failure comes of that.
      const rules = await ports.traffic.weights(service).catch(() => null);
      if (rules !== null && agrees(rules, row.wanted.weights)) return [];
      return [await say(ports, row, await correctWeights(ports, row, service), ports.now())];
    },
    () => keepGoing(ports, row),
    () => remind(ports, row),
  );

/** One after the other, whatever becomes of the one before. What has failed is thrown in the end. */
const each = async (...tasks: (() => Promise<string[]>)[]): Promise<string[]> => {
  const done: string[] = [];
  const failures: unknown[] = [];
  for (const task of tasks)
    await task().then(
      (did) => done.push(...did),
      (error) => failures.push(error),
    );
  if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join('; '));
  if (failures.length > 0) throw failures[0];
  return done;
};

/** A holder goes on, or somebody for it. */
const keepGoing = async (ports: Needs, row: Row): Promise<string[]> => {
  const done: string[] = [];
  if (row.lock.state !== 'held') return done;
  const recovered = await recover(ports, row);
  if (recovered.state === 'started') done.push(`recovery ${recovered.name} started`);
  if (recovered.state === 'given up') {
    const text = stuck(row.lock.execution);
    await recorder(ports, subjectOf(row), 'reconcile')('stuck', text, { what: row.token });
    done.push(text);
  }
  if (recovered.state === 'not needed') done.push(...(await hurry(ports, row)));
  return done;
};

/** An execution whose time is over: what had no commit is aborted, weights first; what stands still even so is stopped, and a recovery goes on. */
const hurry = async (ports: Needs, row: Row): Promise<string[]> => {
  const { plan } = row;
  const now = ports.now();
  // What nobody has to answer is in time for sure: no history is asked for.
  if (plan === null || overdue(row, false, now) === null) return [];
  if (!beforeCommit(row)) return stopStanding(ports, row);
  const pause = `/judged/${row.step}/pause`;
  const paused = (await ports.ledger.history(row.service, 500)).some(
    ({ id, release, attempt }) => id.endsWith(pause) && release === plan.release && attempt === plan.attempt,
  );
  const late = overdue(row, paused, now);
  if (late === null) return [];
  const refused = await abortRollout(ports, plan, { why: late, by: 'reconcile' });
  return [refused ?? `${late}: aborted`];
};

/** By its name: whoever goes on from there has another. A recovery that stands still too is followed by the next, until they are given up. */
const stopStanding = async (ports: Needs, row: Row): Promise<string[]> => {
  if (row.lock.state !== 'held') return [];
  const { execution } = row.lock;
  const moved = await ports.executions.moved(execution);
  const still = moved === null ? null : stoodStill(row, moved, ports.now());
  if (still === null) return [];
  await ports.executions.stop(execution, still);
  return [await say(ports, row, `${still}: it is stopped, and a recovery goes on from there`, `stopped/${execution}`)];
};

/** The row as it is by now; null: what was to be done at rest is a rollout's affair, or another fleet's. */
const stillAtRest = async ({ ledger }: Needs, seen: Row): Promise<Row | null> => {
  const row = await ledger.row(seen.service);
  return row !== null && isStillLive(row, seen) ? row : null;
};

/** Limits as they are to be, once nothing late can set them otherwise any more. */
const restoreLate = async (ports: Needs, seen: Row, service: Service): Promise<string[]> => {
  const { settling } = service.timing;
  const row = await stillAtRest(ports, seen);
  const now = ports.now();
  if (row?.limits == null || !isSettling(row, settling, now) || !quiet(row, now, settling * 1000)) return [];
  // Not claimed: whoever is admitted from here on has these same limits from the row, and pins both slots again at each look.
  await ports.fleet.restore(service, row.limits);
  return [];
};

/** The live fleet at its number, of programs that answer. A group keeps its own; what it launches from is seen to all the same. */
const keepLive = async (ports: Needs, seen: Row, service: Service): Promise<string[]> => {
  const row = await stillAtRest(ports, seen);
  if (row === null || row.live === null) return [];
  const { live } = row;
  const isNumbered = service.fleet.kind === 'instances';
  const done: string[] = [];
  for (const { text, what } of isNumbered ? await replaceDead(ports, row, live, service) : [])
    done.push(await say(ports, row, text, what));
  const count = isNumbered ? service.fleet.count : 0;
  if ((await stillAtRest(ports, row)) === null) return done;
  // Not claimed: whoever is admitted from here on fills the other slot, and empties this one only after this function's time; and a number
  // that is launched twice is launched once.
  const { launched, short } = await ports.fleet.ensure(releaseOfLive(live, service), live.slot, count);
  return [
    ...done,
    ...(launched > 0 ? [`${launched} instances of the live fleet replaced`] : []),
    ...(short === null ? [] : [await say(ports, row, short, short.slice(0, 80))]),
  ];
};

/** At rest, traffic stays where it is served: a row that leads to nobody (its slots were edited, its fleet has gone) is a person's matter. */
const correctWeights = async (ports: Needs, row: Row, service: Service): Promise<string> => {
  const serving = fullSlot(row.wanted.weights);
  const targets = await lookAtTargets(ports, service);
  if (
    row.lock.state === 'free' &&
    healthy(targets[serving]).length === 0 &&
    healthy(targets[otherSlot(serving)]).length > 0
  )
    return `the weights differ from the row's, and are left alone: ${serving} has no healthy target, ${otherSlot(serving)} has`;
  await applyWeights(ports, service);
  return 'somebody else had edited the weights: corrected';
};

/** Said once under the same `what`. */
const say = async (ports: Needs, row: Row, text: string, what: string | number): Promise<string> => {
  await recorder(ports, subjectOf(row), 'reconcile')('problem', text, { what });
  return text;
};

const subjectOf = (row: Row) => ({
  service: row.service,
  release: row.plan?.release ?? row.live?.release ?? '',
  attempt: row.plan?.attempt ?? row.live?.attempt ?? 0,
});
