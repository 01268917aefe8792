/** reconcile: finds what events missed and corrects what drifted, every two minutes. Twice at once does no harm: all it does is a set or an ensure. */
import type { Service } from '../core/configuration.ts';
import { messageOf, Transient } from '../core/errors.ts';
import { protocol } from '../core/protocol.ts';
import type { Row } from '../core/row.ts';
import { agrees, apply } from './apply.ts';
import { releaseOfLive } from './grow.ts';
import type { Ports } from './ports.ts';
import { publish } from './publish.ts';
import { recover } from './recover.ts';
import { startReserved } from './start-reserved.ts';
import { eventOf, tell } from './tell.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'fleet' | 'images' | 'executions' | 'notify' | 'now'>;

/** What was done, a sentence each, by service. One service's failure does not keep the others waiting; it is thrown in the end. */
export const reconcile = (ports: Needs) => async (): Promise<Record<string, string[]>> => {
  const done: Record<string, string[]> = {};
  const failures: string[] = [];
  for (const name of await ports.ledger.services()) {
    const service = await ports.ledger.configuration(name);
    if (service === null) continue;
    try {
      done[name] = await reconcileOne(ports, service);
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
    }
  }
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
      await apply(ports, followed);
      done.push('weights corrected');
      await tell(
        ports,
        name,
        eventOf(
          subject(row, name),
          ports.now(),
          'reconcile',
          'problem',
          'somebody else had edited the weights: corrected',
          {
            what: ports.now(),
          },
        ),
      );
    }
    if (row.lock.state === 'held') {
      const recovered = await recover(ports, row);
      if (recovered.state === 'started') done.push(`recovery ${recovered.name} started`);
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

const subject = (row: Row, service: string) => ({
  service,
  release: row.plan?.release ?? row.live?.release ?? '',
  attempt: row.plan?.attempt ?? row.live?.attempt ?? 0,
});
