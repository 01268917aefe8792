/** reconcile: every two minutes, finds what events missed and corrects drift. Two runs at once are harmless: every change may be repeated. */
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

/** Services handled at the same time, so that dozens fit into one function's time limit. */
const atATime = 8;

/** For every service, also during a rollout. */
const always: Part[] = [
  weightDrift,
  async (ports, look) => (await missedRecovery(ports, look)) ?? stalledExecution(ports, look),
  reminder,
];

/** For the fleets of a service at rest. Each part checks in the current row that it is still at rest. */
const atRest: Part[] = [unhealthyInstances, lostInstances, orphans];

/** Returns what was done, a sentence each, by service. A failure of one service does not stop the others; it is thrown at the end. */
export const reconcile = (ports: Needs) => async (): Promise<Record<string, string[]>> => {
  const done: Record<string, string[]> = {};
  const failures: string[] = [];
  await workThrough(await ports.ledger.services(), atATime, async (name) => {
    try {
      const did = await reconcileOne(ports, name);
      if (did !== null) done[name] = did;
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
      // If its history cannot be read either, that must not stop the other services.
      await recordDisbelieved(ports, name, error).catch((other) => failures.push(`${name}: ${messageOf(other)}`));
    }
  });
  if (failures.length > 0) throw new Transient(`could not reconcile ${failures.join('; ')}`);
  return done;
};

/** Null: it has no configuration any more. */
const reconcileOne = async (ports: Needs, name: string): Promise<string[] | null> => {
  const row = await ports.ledger.row(name);
  // With the configuration of its admission: the current one may be unreadable, and does not concern the rollout.
  if (row?.lock.state === 'held' && row.plan !== null)
    return allDone([await inOrder(ports, { row, service: row.plan.configuration }, always)]);
  const service = await ports.ledger.configuration(name);
  if (service === null) return null;
  return row === null ? missedImage(ports, { service }) : byMode(ports, { row, service });
};

/** A service that only observes gets its scaling bounds restored and its images announced, nothing else. */
const byMode = async (ports: Needs, look: Look): Promise<string[]> => {
  const isActing = look.service.mode !== 'observe';
  const drift = await inOrder(ports, look, [...(isActing ? always : []), scalingBounds, oldVersions]);
  const start = await inOrder(ports, look, isActing ? [missedStart] : []);
  // If an execution has just been started, it takes care of the fleets, and finds a newer image at its end.
  const after = start.done.length > 0 ? [] : [...(isActing ? atRest : []), missedImage];
  return allDone([drift, start, await inOrder(ports, look, after)]);
};
