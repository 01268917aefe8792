/** reconcile: finds what events missed and corrects what drifted, every two minutes. Twice at once does no harm: all it does is a set or an ensure. */
import type { Service } from '../core/configuration.ts';
import { messageOf, Transient } from '../core/errors.ts';
import { protocol } from '../core/protocol.ts';
import { fullSlot, otherSlot, type Row } from '../core/row.ts';
import { agrees, apply } from './apply.ts';
import { releaseOfLive } from './grow.ts';
import { healthy, lookAtTargets } from './observe.ts';
import type { Ports } from './ports.ts';
import { publish } from './publish.ts';
import { recover } from './recover.ts';
import { startReserved } from './start-reserved.ts';
import { eventOf, tell } from './tell.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'images' | 'executions' | 'notify' | 'now'>;

/** Services looked after at a time: some dozens are done well within one function's time. */
const atATime = 8;

/** What was done, a sentence each, by service. One service's failure does not keep the others waiting; it is thrown in the end. */
export const reconcile = (ports: Needs) => async (): Promise<Record<string, string[]>> => {
  const done: Record<string, string[]> = {};
  const failures: string[] = [];
  const names = await ports.ledger.services();
  const work = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift())
      try {
        const service = await ports.ledger.configuration(name);
        if (service !== null) done[name] = await reconcileOne(ports, service);
      } catch (error) {
        failures.push(`${name}: ${messageOf(error)}`);
      }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  if (failures.length > 0) throw new Transient(`could not reconcile ${failures.join('; ')}`);
  return done;
};

const reconcileOne = async (ports: Needs, service: Service): Promise<string[]> => {
  const { name } = service;
  const done: string[] = [];
  const row = await ports.ledger.row(name);
  if (row !== null) {
    const followed = row.plan?.configuration ?? service;
    const rules = await ports.traffic.weights(followed);
    if (!agrees(rules, row.wanted.weights)) {
      const text = await correctWeights(ports, row, followed);
      done.push(text);
      await tell(
        ports,
        name,
        eventOf(subject(row, name), ports.now(), 'reconcile', 'problem', text, { what: ports.now() }),
      );
    }
    if (row.lock.state === 'held') {
      const recovered = await recover(ports, row);
      if (recovered.state === 'started') done.push(`recovery ${recovered.name} started`);
      if (recovered.state === 'given up') {
        const text = `${row.lock.execution} and the recoveries before it ended without an end: redrive it, or start a new execution`;
        done.push(text);
        await tell(
          ports,
          name,
          eventOf(subject(row, name), ports.now(), 'reconcile', 'problem', text, { what: row.token }),
        );
      }
      return done;
    }
    await ports.ledger.decide(name, (current) => protocol.acquire(current, undefined));
    const started = await startReserved(ports, name);
    if (started !== null) return [...done, `${started} started`];
    if (row.live !== null && row.lock.state === 'free') {
      const { launched, short } = await ports.fleet.ensure(
        releaseOfLive(row.live, service),
        row.live.slot,
        service.fleet.count,
      );
      if (launched > 0) done.push(`${launched} instances of the live fleet replaced`);
      if (short !== null) done.push(short);
    }
  }
  const newest = await ports.images.newest(service);
  if (newest === null) return done;
  const wish = { what: newest.image.reference, found: newest, asked: false, by: 'reconcile' };
  const published = await publish(ports, service, wish);
  return published.state === 'refused' ? done : [...done, `${newest.image.label}: ${published.state}`];
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
  await apply(ports, service);
  return 'somebody else had edited the weights: corrected';
};

const subject = (row: Row, service: string) => ({
  service,
  release: row.plan?.release ?? row.live?.release ?? '',
  attempt: row.plan?.attempt ?? row.live?.attempt ?? 0,
});
