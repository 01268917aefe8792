/** At rest, ends a numbered instance whose program has died although EC2 calls it running, so that `ensure` replaces it. A group does that by itself. */
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

/** Recorded once for each `what`. */
interface Problem {
  text: string;
  what: string;
}

const minute = 60_000;
/** The age of the previous run in minutes: at least and at most, because runs may fail. */
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

/** One at a time, and only an instance that an earlier run has found unhealthy, too: a program may recover within seconds. */
const replaceOne = async (ports: Needs, row: Row, live: Live, service: Service): Promise<Problem[]> => {
  const { count } = service.fleet;
  const { readyWithin, warmUp } = service.checks;
  const now = ports.now();
  const found = unhealthyMembers(await lookAtMembers(ports, live, service), count, now - (readyWithin + warmUp) * 1000);
  if (found.state === 'none') return [];
  if (found.state === 'most') {
    const text = `${found.healthy} of ${count} instances of the live fleet are healthy: none is replaced, because the instances are probably not the cause. Look at the service and what it depends on; to replace an instance all the same, terminate it`;
    // Recorded once a day while it lasts.
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

/** Empty if no target is unhealthy, which is nearly always so. */
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

/** When it was recently found unhealthy; null: this is the first time. */
const lastFound = (events: HistoryEvent[], { id }: Member, now: number): number | null =>
  events.find((event) => event.id.includes(sighting(id)) && event.at >= now - before.most * minute)?.at ?? null;

const because = (health: Member['health']): string => (health?.reason == null ? '' : ` (${health.reason})`);
