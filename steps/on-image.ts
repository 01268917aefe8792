/** on-image: an event says that an image may be there. Everything about it is asked of its registry; events are hints. */
import { matchServices } from '../core/images.ts';
import type { Ports } from './ports.ts';
import { type Published, publish } from './publish.ts';

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'images' | 'executions' | 'notify' | 'now'>;

export interface OnImageResult {
  /** Null: the event is no image, or nobody's; the reason says which. */
  service: string | null;
  result: Published;
}

/** One result for each service that the event concerns. An AMI that turns out not to be a service's says nothing about that service. */
export const onImage =
  (ports: Needs) =>
  async (event: unknown): Promise<OnImageResult[]> => {
    const names = await ports.ledger.services();
    const configured = await Promise.all(names.map((name) => ports.ledger.configuration(name)));
    const { matches, reason } = matchServices(
      event,
      configured.filter((service) => service !== null),
    );
    if (reason !== null) return [{ service: null, result: { state: 'refused', reason } }];
    const results: OnImageResult[] = [];
    for (const { service, what } of matches) {
      const found = await ports.images.find(service, what);
      results.push({
        service: service.name,
        result: await publish(ports, service, { what, found, asked: false, by: 'an event' }),
      });
    }
    return results;
  };
