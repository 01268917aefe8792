/** on-stopped: an execution was ended from outside. If it still holds a service, a recovery continues; if it was never admitted, the next attempt starts. */
import * as z from 'zod';
import { formatDuration } from '../../core/basics/duration.ts';
import { messageOf, Transient } from '../../core/basics/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { recorder } from '../shared/record.ts';
import { type Recovered, recover, stuck } from '../shared/recover.ts';
import { startReserved } from '../shared/start-reserved.ts';

/** Step Functions Execution Status Change. `input` is a JSON string, and absent when it was too large. */
export const stoppedEvent = z.object({
  detail: z.object({ name: z.string(), status: z.string(), input: z.string().nullish() }),
});

type Needs = Pick<Ports, 'ledger' | 'executions' | 'notify' | 'now'>;

export const onStopped =
  (ports: Needs) =>
  async ({ detail }: z.infer<typeof stoppedEvent>): Promise<Recovered> => {
    const names = await ports.ledger.services();
    const named = serviceOf(detail.input);
    const known = names.filter((one) => one === named);
    const failures: string[] = [];
    for (const service of known.length > 0 ? known : names)
      try {
        const recovered = await recovery(ports, service, detail);
        if (recovered !== null) return recovered;
      } catch (error) {
        // The event may concern another service, so the others are tried before the event is retried.
        failures.push(`${service}: ${messageOf(error)}`);
      }
    if (failures.length > 0) throw new Transient(failures.join('; '));
    return { state: 'not needed' };
  };

/** Null: that execution does not hold the service. */
const recovery = async (
  ports: Needs,
  service: string,
  { name, status }: { name: string; status: string },
): Promise<Recovered | null> => {
  const row = await ports.ledger.row(service);
  if (row?.lock.state === 'reserved') await startReserved(ports, service);
  if (row?.lock.state !== 'held' || row.lock.execution !== name) return null;
  const { publication } = row.lock;
  const recovered = await recover(ports, row);
  const record = (kind: 'recovered' | 'problem' | 'stuck', text: string) =>
    recorder(ports, { service, ...publication }, 'on-stopped')(kind, text, { what: name });
  if (recovered.state === 'started')
    await record('recovered', `${name} ended ${status} in phase ${row.phase}: ${recovered.name} goes on`);
  if (recovered.state === 'waiting')
    await record(
      'problem',
      `${name} ended ${status} in phase ${row.phase}: the next recovery follows in ${formatDuration(Math.ceil(recovered.seconds))}`,
    );
  if (recovered.state === 'given up') await record('stuck', stuck(name));
  return recovered;
};

/** The name in the input counts only if there is such a service. */
const serviceOf = (input: string | null | undefined): unknown => {
  try {
    return (JSON.parse(input ?? '{}') as { service?: unknown }).service;
  } catch {
    return undefined;
  }
};
