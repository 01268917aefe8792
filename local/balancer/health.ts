/** Health checks with the states and reasons of an ALB. */
import { get } from 'node:http';
import type { Time } from '../time.ts';

export interface HealthCheck {
  path: string;
  /** Milliseconds between the starts of two checks of one target. */
  interval: number;
  /** Milliseconds for the whole answer; 5,000 unless told. */
  timeout?: number;
  /** The statuses that are healthy: `200` unless told, `200,204`, `200-299`. */
  matcher?: string;
}

export const matches = (matcher: string, status: number): boolean =>
  matcher.split(',').some((range) => {
    const [from = '', to = from] = range.split('-');
    return status >= Number(from) && status <= Number(to);
  });

/** What was wrong: `reason` as DescribeTargetHealth describes it, and what an ALB does not tell. */
export interface Finding {
  reason: string;
  path: string;
  /** Nothing listens on the port. */
  refused: boolean;
  /** Null: there was no answer. */
  status: number | null;
}

/** One check, on a connection of its own. Undefined: passed. Never throws. */
export const probe = (
  time: Time,
  { host, port }: { host: string; port: number },
  { path, timeout = 5000, matcher = '200' }: HealthCheck,
): Promise<Finding | undefined> =>
  new Promise((resolve) => {
    const found: Finding = { reason: 'Health checks failed', path, refused: false, status: null };
    const request = get({ host, port, path, agent: false, headers: { 'user-agent': 'ELB-HealthChecker/2.0' } });
    const cancel = time.after(timeout, () => {
      resolve({ ...found, reason: 'Request timed out' });
      request.destroy();
    });
    request.on('response', (incoming) => {
      const { statusCode = 0 } = incoming;
      incoming.resume();
      incoming.on('error', () => undefined);
      incoming.on('end', () =>
        resolve(
          matches(matcher, statusCode)
            ? undefined
            : { ...found, reason: `Health checks failed with these codes: [${statusCode}]`, status: statusCode },
        ),
      );
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      found.refused = error.code === 'ECONNREFUSED';
    });
    request.on('close', () => {
      cancel();
      resolve(found);
    });
  });
