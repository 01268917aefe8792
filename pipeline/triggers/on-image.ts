/** on-image: an event says that an image may be there. Everything about it is asked of its registry; events are hints. */
import { messageOf, Transient, Unread } from '../../core/basics/errors.ts';
import { isSameImage, releaseOf } from '../../core/basics/image.ts';
import { matchServices } from '../../core/release/image-events.ts';
import { type Published, publish } from '../operations/publish.ts';
import type { Found } from '../ports/images.ts';
import type { Ports } from '../ports/ports.ts';
import { recorder } from '../shared/record.ts';
import { recordUnread } from '../shared/record-unread-publication.ts';
import { configuredServices } from '../shared/services.ts';

type Needs = Pick<
  Ports,
  'ledger' | 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'images' | 'executions' | 'notify' | 'now'
>;

export interface OnImageResult {
  /** Null: the event is no image, or nobody's; the reason says which. */
  service: string | null;
  result: Published;
}

/** One result for each service that the event concerns. */
export const onImage =
  (ports: Needs) =>
  async (event: unknown): Promise<OnImageResult[]> => {
    const { services, failures } = await configuredServices(ports);
    const { matches, reason } = matchServices(event, services);
    if (reason !== null && failures.length === 0) return [{ service: null, result: { state: 'refused', reason } }];
    const results: OnImageResult[] = [];
    for (const { service, what, sure } of matches)
      try {
        const found = await ports.images.announced(service, what);
        // An AMI's event tells neither its name nor its owner: one that turns out to be another's is no loss of this service's.
        if (found === null && !sure) continue;
        const result = await publish(ports, service, { what, found, asked: false, by: 'an event' });
        if (result.state === 'refused') await keepRefusal(ports, service.name, found, result.reason);
        results.push({ service: service.name, result });
      } catch (error) {
        if (error instanceof Unread) {
          await recordUnread(ports, service.name, 'on-image', error.message);
          results.push({ service: service.name, result: { state: 'refused', reason: error.message } });
          continue;
        }
        // The others come first; then the event is tried again, which is nothing new to them.
        failures.push(`${service.name}: ${messageOf(error)}`);
      }
    if (failures.length > 0) throw new Transient(failures.join('; '));
    return results;
  };

/** No publication is lost: one that is refused stands in the history with its reason, unless it is what serves already. */
const keepRefusal = async (ports: Needs, service: string, found: Found | null, reason: string): Promise<void> => {
  if (found === null) return recordUnread(ports, service, 'on-image', reason);
  const { image } = found;
  const release = releaseOf(image);
  const row = await ports.ledger.row(service);
  if (row?.live != null && isSameImage(row.live, { image })) return;
  const data = { label: image.label, outcome: 'refused' };
  await recorder(ports, { service, release, attempt: 0 }, 'on-image')('refused', reason, { data });
};
