/** on-image: an event says that there may be an image. The registry is asked for everything about it; the event is only a hint. */
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
  /** Null: the event announces no image, or no service takes it; the reason says which. */
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
        // An AMI's event has neither name nor owner. One that belongs elsewhere is not an error.
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
        // The other services come first. Then the event is retried, which repeats nothing for them.
        failures.push(`${service.name}: ${messageOf(error)}`);
      }
    if (failures.length > 0) throw new Transient(failures.join('; '));
    return results;
  };

/** Records a refusal in the history with its reason, unless the image is live already. */
const keepRefusal = async (ports: Needs, service: string, found: Found | null, reason: string): Promise<void> => {
  if (found === null) return recordUnread(ports, service, 'on-image', reason);
  const { image } = found;
  const release = releaseOf(image);
  const row = await ports.ledger.row(service);
  if (row?.live != null && isSameImage(row.live, { image })) return;
  const data = { label: image.label, outcome: 'refused' };
  await recorder(ports, { service, release, attempt: 0 }, 'on-image')('refused', reason, { data });
};
