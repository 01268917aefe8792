/** on-interruption: EC2 takes a spot instance back in two minutes. Its target is deregistered, so that what is in flight ends and nothing new comes. */
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
 * What was done, or why nothing. It needs no holder: an instance that is lost anyway is taken out of traffic, and nothing else. Whoever
 * keeps the fleet at its number replaces it.
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
    // The event is a hint: what runs on is not taken out of traffic because somebody says that it ends.
    if (!takenBack)
      return record(
        `an event says that EC2 takes ${instance} in ${slot} back, and EC2 does not: it goes on serving, and nothing is to be done`,
      );
    const serving = healthy(await ports.traffic.health(service, slot)).map(({ id }) => id);
    // With nobody else to serve, two more minutes of it are better than none.
    if (serving.length === 1 && serving[0] === instance)
      return record(
        `${instance} in ${slot} is taken back by EC2 in two minutes, and is the last healthy one: it serves to the end`,
      );
    await ports.traffic.deregister(service, slot, instance);
    return record(`${instance} in ${slot} is taken back by EC2 in two minutes: it gets no new requests`);
  };
