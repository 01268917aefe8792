/** At rest: of numbered instances, one whose program has died while EC2 calls it running is ended, so that `ensure` launches its like. A group does that by itself. */
import type { Service } from '../../core/config/service.ts';
import { type Member, unhealthyMembers } from '../../core/fleet/unhealthy.ts';
import type { Live, Row } from '../../core/protocol/row.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Ports } from '../ports/ports.ts';
import { membersOf } from '../shared/fleets.ts';
import { claim } from './claim.ts';
import { recordProblem } from './problem.ts';
import type { Part } from './run-parts.ts';
import { stillAtRest } from './still-at-rest.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'now'>;

/** On record once under the same `what`. */
interface Problem {
  text: string;
  what: string;
}

const minute = 60_000;
/** So long ago the look before this one was, in minutes: at least, and at most, as looks may fail. */
const before = { least: 1, most: 10 };

export const unhealthyInstances: Part = async (ports, { row: seen, service }) => {
  if (service.fleet.kind !== 'instances') return [];
  const row = await stillAtRest(ports, seen);
  if (row === null || row.live === null) return [];
  const done: string[] = [];
  for (const { text, what } of await replaceOne(ports, row, row.live, service))
    done.push(await recordProblem(ports, row, text, what));
  return done;
};

/** One at a time, and only who was found unhealthy by an earlier look, too: a program that has not answered for some seconds may recover. */
const replaceOne = async (ports: Needs, row: Row, live: Live, service: Service): Promise<Problem[]> => {
  const { count } = service.fleet;
  const { readyWithin, warmUp } = service.checks;
  const now = ports.now();
  const found = unhealthyMembers(await lookAtMembers(ports, live, service), count, now - (readyWithin + warmUp) * 1000);
  if (found.state === 'none') return [];
  if (found.state === 'most') {
    const text = `${found.healthy} of ${count} instances of the live fleet are healthy: none is replaced, because the instances are probably not the cause. Look at the service and what it depends on; to replace an instance all the same, terminate it`;
    // Once a day, as long as it lasts.
    return [{ text, what: `unhealthy/${new Date(now).toISOString().slice(0, 10)}` }];
  }
  const events = await ports.ledger.history(service.name, 500);
  const unhealthy = found.unhealthy.map((one) => ({ ...one, foundAt: lastFound(events, one, now) }));
  const said = unhealthy
    .filter(({ foundAt }) => foundAt === null)
    .map(({ id, health }) => ({
      text: `${id} of the live fleet is unhealthy${because(health)}: it is replaced if it still is at the next look`,
      what: `${sighting(id)}${Math.floor(now / minute)}`,
    }));
  const next = unhealthy.find(({ foundAt }) => foundAt !== null && foundAt <= now - before.least * minute);
  if (next === undefined || found.booting) return said;
  if (!(await claim(ports, row))) return said;
  await ports.fleet.replace(service, live.slot, next.id);
  const text = `${next.id} of the live fleet is still unhealthy${because(next.health)}: it is being replaced`;
  return [...said, { text, what: `replaced/${next.id}` }];
};

/** None where no target is unhealthy: nearly every look ends there. */
const lookAtMembers = async ({ fleet, traffic }: Needs, live: Live, service: Service): Promise<Member[]> => {
  const targets = await traffic.health(service, live.slot);
  if (!targets.some(({ state }) => state === 'unhealthy')) return [];
  const { instances } = await fleet.observe(service, live.slot);
  return membersOf(
    instances.filter(({ release }) => release === live.release),
    targets,
  );
};

const sighting = (id: string): string => `unhealthy/${id}/`;

/** When it was found unhealthy, if that was lately; null: it is found for the first time. */
const lastFound = (events: HistoryEvent[], { id }: Member, now: number): number | null =>
  events.find((event) => event.id.includes(sighting(id)) && event.at >= now - before.most * minute)?.at ?? null;

const because = (health: Member['health']): string => (health?.reason == null ? '' : ` (${health.reason})`);
