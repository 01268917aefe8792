/** reconcile: finds what events missed and corrects what drifted, every two minutes. Twice at once does no harm: all it does is a set or an ensure. */
import { messageOf, Transient } from '../../core/basics/errors.ts';
import { workThrough } from '../shared/worker-pool.ts';
import { lostInstances } from './lost-instances.ts';
import { missedImage } from './missed-image.ts';
import { missedRecovery } from './missed-recovery.ts';
import { missedStart } from './missed-start.ts';
import { oldVersions } from './old-versions.ts';
import { orphans } from './orphans.ts';
import { recordDisbelieved } from './problem.ts';
import { reminder } from './reminder.ts';
import { allDone, inOrder, type Look, type Needs, type Part } from './run-parts.ts';
import { scalingBounds } from './scaling-bounds.ts';
import { stalledExecution } from './stalled-execution.ts';
import { unhealthyInstances } from './unhealthy-instances.ts';
import { weightDrift } from './weight-drift.ts';

/** Services looked after at a time: some dozens are done well within one function's time. */
const atATime = 8;

/** Whether a rollout is on its way or not. */
const always: Part[] = [
  weightDrift,
  async (ports, look) => (await missedRecovery(ports, look)) ?? stalledExecution(ports, look),
  reminder,
];

/** The fleets of a service that nobody holds: each part makes sure of that, by the row as it is by then. */
const atRest: Part[] = [unhealthyInstances, lostInstances, orphans];

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
      // What cannot be believed of one service may be its history, too: the others come first.
      await recordDisbelieved(ports, name, error).catch((other) => failures.push(`${name}: ${messageOf(other)}`));
    }
  });
  if (failures.length > 0) throw new Transient(`could not reconcile ${failures.join('; ')}`);
  return done;
};

/** Null: it has no configuration any more. */
const reconcileOne = async (ports: Needs, name: string): Promise<string[] | null> => {
  const row = await ports.ledger.row(name);
  // By what it was admitted with: what is configured now may be unreadable, and is nothing to a rollout.
  if (row?.lock.state === 'held' && row.plan !== null)
    return allDone([await inOrder(ports, { row, service: row.plan.configuration }, always)]);
  const service = await ports.ledger.configuration(name);
  if (service === null) return null;
  return row === null ? missedImage(ports, { service }) : byMode(ports, { row, service });
};

/** A service that only observes has its scaling bounds set again, and its images announced. */
const byMode = async (ports: Needs, look: Look): Promise<string[]> => {
  const isActing = look.service.mode !== 'observe';
  const drift = await inOrder(ports, look, [...(isActing ? always : []), scalingBounds, oldVersions]);
  const start = await inOrder(ports, look, isActing ? [missedStart] : []);
  // The execution that has been started looks after the fleets, and finds a newer image at its end.
  const after = start.done.length > 0 ? [] : [...(isActing ? atRest : []), missedImage];
  return allDone([drift, start, await inOrder(ports, look, after)]);
};
