/** on-stopped: an execution ended from outside. If it still holds a service, a recovery goes on by phase; if it never got in, the next attempt starts. */
import * as z from 'zod';
import type { Ports } from './ports.ts';
import { type Recovered, recover } from './recover.ts';
import { startReserved } from './start-reserved.ts';
import { eventOf, tell } from './tell.ts';

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
    for (const service of named === null || !names.includes(named) ? names : [named]) {
      const row = await ports.ledger.row(service);
      if (row === null || row.lock.state === 'free') continue;
      if (row.lock.state === 'reserved') {
        await startReserved(ports, service);
        continue;
      }
      if (row.lock.execution !== detail.name) continue;
      const recovered = await recover(ports, row);
      if (recovered.state === 'started' || recovered.state === 'given up') {
        const said =
          recovered.state === 'started'
            ? `${detail.name} ended ${detail.status} in phase ${row.phase}: ${recovered.name} goes on`
            : `${detail.name} ended ${detail.status} and its recoveries too: redrive one of them, or start a new execution`;
        await tell(
          ports,
          service,
          eventOf(
            { service, ...row.lock.publication },
            ports.now(),
            'on-stopped',
            recovered.state === 'started' ? 'recovered' : 'problem',
            said,
            {
              what: row.token,
            },
          ),
        );
      }
      return recovered;
    }
    return { state: 'not needed' };
  };

const serviceOf = (input: string | null | undefined): string | null => {
  try {
    const { service } = JSON.parse(input ?? '{}') as { service?: unknown };
    return typeof service === 'string' ? service : null;
  } catch {
    return null;
  }
};
