/** Records once which plan a service that only observes would follow for an image. Changes nothing. */
import type { Service } from '../../core/config/service.ts';
import { describePlan } from '../../core/plan/describe.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Publication } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { planOrReason } from './plan-or-reason.ts';
import { eventOf, recordEvent } from './record.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'images' | 'notify' | 'now'>;

/** Why a service that only observes rolls nothing out, and how to change that. */
export const observesOnly = ({ name }: Service): string =>
  `${name} only observes: set its mode to "automatic" for images to be rolled out`;

/** Returns the text on record, from now or earlier. */
export const announcePlan = async (
  ports: Needs,
  row: Row,
  service: Service,
  publication: Publication,
): Promise<string> => {
  const plan = await planOrReason(ports, row, service, publication);
  const { label } = publication.image;
  const text =
    typeof plan === 'string'
      ? `${label} would be refused: ${plan}`
      : `would be rolled out, if ${service.name} did more than observe: ${describePlan(plan, plan.old.count || service.fleet.count).summary}`;
  const event = eventOf({ service: service.name, ...publication }, ports.now(), 'publish', 'observed', text, {
    what: typeof plan === 'string' ? plan.slice(0, 80) : 'plan',
    data: { label, ...(typeof plan !== 'string' && { steps: plan.steps, old: plan.old, new: plan.new }) },
  });
  // Reconcile finds the same image every two minutes; it is recorded once.
  const { release, attempt } = publication;
  const isRecorded = (await ports.ledger.rolloutEvents(service.name, release, attempt)).some(
    ({ id }) => id === event.id,
  );
  if (!isRecorded) await recordEvent(ports, service.name, event);
  return text;
};
