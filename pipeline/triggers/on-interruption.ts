/** on-interruption: EC2 takes a spot instance back in two minutes. Deregisters it, so that running requests finish and no new ones come. */
import * as z from 'zod';
import { Transient } from '../../core/basics/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { recorder } from '../shared/record.ts';
import { configuredServices } from '../shared/services.ts';
import { healthy } from '../shared/targets.ts';

/** EC2 Spot Instance Interruption Warning. */
export const interruptionEvent = z.object({ detail: z.object({ 'instance-id': z.string() }) });

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'notify' | 'now'>;

/**
 * Returns what was done, or why nothing was. It need not hold the service: it only takes an instance out of traffic that is lost anyway. A
 * rollout, reconcile or the group replaces it.
 */
export const onInterruption =
  (ports: Needs) =>
  async ({ detail }: z.infer<typeof interruptionEvent>): Promise<{ service: string | null; result: string }> => {
    const { 'instance-id': instance } = detail;
    const { services, failures } = await configuredServices(ports);
    const found = await ports.fleet.slotOf(services, instance);
    if (found === null && failures.length > 0) throw new Transient(failures.join('; '));
    if (found === null) return { service: null, result: `${instance} is nobody's` };
    const { service, slot, takenBack } = found;
    const { name } = service;
    if (service.mode === 'observe') return { service: name, result: `${name} only observes` };
    const record = async (text: string) => {
      const row = await ports.ledger.row(name);
      const { release, attempt } = row?.plan ?? row?.live ?? { release: '', attempt: 0 };
      await recorder(ports, { service: name, release, attempt }, 'on-interruption')('problem', text, {
        what: instance,
      });
      return { service: name, result: text };
    };
    // The event is only a hint: an instance that EC2 does not take back stays in traffic.
    if (!takenBack)
      return record(
        `an event says that EC2 takes back ${instance} in ${slot}, but EC2 itself does not say so: it stays in traffic, and nothing is to be done`,
      );
    const serving = healthy(await ports.traffic.health(service, slot)).map(({ id }) => id);
    // If no other instance serves, two more minutes of this one are better than none.
    if (serving.length === 1 && serving[0] === instance)
      return record(
        `${instance} in ${slot} is taken back by EC2 in two minutes, and is the last healthy one: it keeps serving until then`,
      );
    await ports.traffic.deregister(service, slot, instance);
    return record(`${instance} in ${slot} is taken back by EC2 in two minutes: it gets no new requests`);
  };
