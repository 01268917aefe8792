/** The probe port: one HTTP request straight to an instance, past the load balancer, before any user's. */
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { Transient } from '../../../core/basics/errors.ts';
import type { Probe } from '../../../pipeline/ports/probe.ts';
import type { Client } from '../client.ts';
import { send } from '../failure.ts';

/** Bytes of a body that are read. */
const mostBody = 2048;

type Fetch = (url: string, options: { signal: AbortSignal; redirect: 'manual' }) => Promise<Response>;

/** Throws what `fetch` throws when there is no answer in time. `within` is in seconds. */
export const probeOf =
  ({ ec2 }: { ec2: Client }, fetch: Fetch): Probe =>
  async ({ instance, port, path, within }) => {
    const { Reservations = [] } = await send(ec2, new DescribeInstancesCommand({ InstanceIds: [instance] }));
    const address = Reservations[0]?.Instances?.[0]?.PrivateIpAddress;
    if (address === undefined) throw new Transient(`${instance} has no private address (yet, or any more)`);
    // A redirect is the answer to judge, not one to follow: it would lead back through the load balancer.
    const response = await fetch(`http://${address}:${port}${path}`, {
      signal: AbortSignal.timeout(within * 1000),
      redirect: 'manual',
    });
    return { status: response.status, body: await beginningOf(response) };
  };

/** A program may answer with far more than anyone wants to read; leaving the loop ends the transfer. */
const beginningOf = async ({ body }: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= mostBody) break;
  }
  return Buffer.concat(chunks).subarray(0, mostBody).toString();
};
