/** Publishes an image: refuses it with a reason, or puts it into the row, reserves the service if it is free, and starts the execution. */
import { isSameImage, releaseOf } from '../../core/basics/image.ts';
import type { Service } from '../../core/config/service.ts';
import { protocol } from '../../core/protocol/protocol.ts';
import { holderOf, type Publication, publicationOf, refusal } from '../../core/release/publications.ts';
import type { Found } from '../ports/images.ts';
import type { Ports } from '../ports/ports.ts';
import { announcePlan } from '../shared/announce-plan.ts';
import { rowFromRules } from '../shared/first-row.ts';
import { yieldToNewer } from '../shared/give-way.ts';
import { eventOf, recorder } from '../shared/record.ts';
import { startReserved } from '../shared/start-reserved.ts';
import { wakeAll } from '../shared/wake-executions.ts';

export type Needs = Pick<
  Ports,
  'ledger' | 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'images' | 'executions' | 'notify' | 'now'
>;

export type Published =
  | { state: 'refused'; reason: string }
  | { state: 'started'; execution: string; publication: Publication }
  | { state: 'waiting'; behind: string; publication: Publication }
  | { state: 'merged'; publication: Publication }
  /** The service only observes: what it would do, in words. */
  | { state: 'observed'; text: string; publication: Publication };

/** An image as it was announced or asked for, and as its registry has it; null: the service has no such image. */
export interface Wish {
  what: string;
  found: Found | null;
  asked: boolean;
  by: string;
}

export const publish = async (ports: Needs, service: Service, { what, found, asked, by }: Wish): Promise<Published> => {
  const { name } = service;
  const sought = { what, service };
  if (found === null) return { state: 'refused', reason: refusal(null, null, [], sought) ?? '' };
  if (service.mode === 'observe') return observed(ports, service, { what, found, asked, by });
  let publication = publicationOf(found, { asked, by, now: ports.now(), records: [] });
  const decision = await ports.ledger.decide(
    name,
    async (row) => {
      const now = ports.now();
      // Read after the row: a record that is written meanwhile also changes the row, and then all this is repeated.
      const records = await ports.ledger.records(name, publication.release);
      publication = publicationOf(found, { asked, by, now, records });
      const reason = refusal(publication, row, records, sought);
      return reason === null ? protocol.publish(row, { publication, now }) : { ok: false, guard: 'refusal', reason };
    },
    {
      first: () => rowFromRules(ports, service),
      event: ({ row: { next } }) => {
        const isNext = next !== null && isSameImage(next, publication);
        return publishedEvent(name, isNext ? { ...publication, attempt: next.attempt } : publication, ports.now());
      },
    },
  );
  if (!decision.ok) return { state: 'refused', reason: decision.reason };
  for (const attempt of decision.records) {
    const { at, reason, outcome } = attempt;
    await recorder(ports, attempt, 'publish')('superseded', reason, { at, data: { outcome } });
  }
  return goOn(ports, name, publication);
};

const observed = async (
  ports: Needs,
  service: Service,
  { what, found, asked, by }: Wish & { found: Found },
): Promise<Published> => {
  const row = (await ports.ledger.row(service.name)) ?? (await rowFromRules(ports, service));
  const records = await ports.ledger.records(service.name, releaseOf(found.image));
  const publication = publicationOf(found, { asked, by, now: ports.now(), records });
  const reason = refusal(publication, row, records, { what, service });
  if (reason !== null) return { state: 'refused', reason };
  return { state: 'observed', text: await announcePlan(ports, row, service, publication), publication };
};

/** Reserves a free service, starts what is reserved, and asks a rollout without traffic to yield to a newer release. */
const goOn = async (ports: Needs, service: string, publication: Publication): Promise<Published> => {
  await ports.ledger.decide(service, (row) => protocol.acquire(row, undefined));
  const execution = await startReserved(ports, service);
  const row = await ports.ledger.row(service);
  const holder = row === null ? null : holderOf(row);
  if (holder !== null && isSameImage(holder, publication) && row?.abort == null)
    return execution === null ? { state: 'merged', publication } : { state: 'started', execution, publication };
  if (row?.next == null || !isSameImage(row.next, publication)) return { state: 'merged', publication };
  if (holder !== null) {
    const aside = await yieldToNewer(ports, row, 'publish');
    if (aside !== null) await wakeAll(ports, aside);
  }
  return { state: 'waiting', behind: holder?.release ?? '', publication };
};

const publishedEvent = (service: string, publication: Publication, at: number) =>
  eventOf(
    { service, ...publication },
    at,
    'publish',
    'published',
    `${publication.image.label} (${publication.release}) published by ${publication.by}`,
    { data: { label: publication.image.label, image: publication.image, asked: publication.asked } },
  );
