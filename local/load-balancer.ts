/** The local cloud's HTTP load balancer, with an ALB's weights, health checks and draining. It listens on loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Rejected } from '../core/basics/errors.ts';
import { inTurn, type Target, type WeightedGroup, weightedChoice } from './balancer/choose.ts';
import { answer, type Cut, forwarder, ownAnswer, type Served } from './balancer/forward.ts';
import { type Finding, type HealthCheck, probe } from './balancer/health.ts';
import { offersWebSocket, readPlain, responseOver, type Upgrade } from './balancer/upgrade.ts';
import { realTime, type Time } from './time.ts';

export type { Cut, Finding, HealthCheck, Target, WeightedGroup };

/** Where requests go, as its owner has it now: asked anew for each request, so that a changed weight counts from the next one on. */
export interface Routing {
  weights(rule: string): WeightedGroup[];
  targets(targetGroup: string): Target[];
  /** Whether it is a target, draining or not: what it still answers is cut when it no longer is. Unless told: it is in `targets`. */
  isRegistered?(targetGroup: string, id: string): boolean;
  /** The target groups whose targets are checked, with how. */
  checks(): Record<string, HealthCheck>;
}

export interface RequestReport extends Served {
  rule: string;
  /** Null when no target group has a weight. */
  targetGroup: string | null;
  target: string | null;
  /** From the request's headers to the answer's last byte. */
  ms: number;
}

export interface LoadBalancer {
  /** Serves one rule on a loopback port of its own (0: any) and answers the port. Throws Rejected when it is taken. */
  listen(rule: string, port: number): Promise<number>;
  /** Accepts nothing more, lets requests in flight finish for `grace` milliseconds, then cuts them off. */
  close(grace?: number): Promise<void>;
}

/** How often targets are looked over for checks that are due and for answers to cut, in milliseconds. */
const TICK = 100;

const open = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why: Record<string, string> = {
        EADDRINUSE: `port ${port} is in use; stop what listens there or choose another port`,
        EACCES: `port ${port} is not for ordinary users; choose one above 1023`,
      };
      reject(new Rejected(why[error.code ?? ''] ?? `cannot listen on port ${port}: ${error.message}`));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/**
 * `onHealth` hears of every single check, and what was wrong: how many in a row count is for the owner of `routing`.
 * `onRequest` hears of every request when it is over; health checks are not among them. A client that gave up counts as 460.
 */
export const loadBalancer = ({
  routing,
  time = realTime(),
  onHealth = () => undefined,
  onRequest = () => undefined,
  idleTimeout = 60_000,
}: {
  routing: Routing;
  time?: Time;
  onHealth?: (id: string, wrong: Finding | undefined, targetGroup: string) => void;
  onRequest?: (report: RequestReport) => void;
  /** Milliseconds without a byte from a target until 504. */
  idleTimeout?: number;
}): LoadBalancer => {
  const servers: Server[] = [];
  const { forward, close: closeConnections } = forwarder(idleTimeout);
  const targetInTurn = inTurn();
  let closing = false;

  const closeIdle = (): void => {
    for (const server of servers) server.closeIdleConnections();
  };

  const isRegistered = (group: string, id: string): boolean =>
    routing.isRegistered?.(group, id) ?? routing.targets(group).some((target) => target.id === id);

  /** Requests that are with a target, and what cuts each. */
  const passing = new Map<(cut: Cut) => void, () => boolean>();

  const serve =
    (rule: string, choose: ReturnType<typeof weightedChoice>) =>
    (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): void => {
      const began = performance.now();
      const group = choose(routing.weights(rule));
      const target = group === null ? undefined : targetInTurn(group, routing.targets(group));
      const report = (served: Served): void =>
        onRequest({ ...served, rule, targetGroup: group, target: target?.id ?? null, ms: performance.now() - began });
      // Node closes idle connections once, when a server closes: those that fall idle later are for us to close.
      response.on('close', () => closing && setImmediate(closeIdle));
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      if (group === null || target === undefined) {
        const words = group === null ? 'no target group has a weight' : `${group} has no targets`;
        response.on('close', () => report(ownAnswer(503)));
        answer(response, 503, `503: ${words}`);
        return;
      }
      const isGone = (): boolean => !isRegistered(group, target.id);
      const done = (served: Served): void => {
        passing.delete(cut);
        report(served);
      };
      const cut = forward({ target, request, response, upgrade, isGone, done });
      passing.set(cut, isGone);
    };

  let due = new Map<string, number>();
  const check = (): void => {
    for (const [cut, isGone] of passing) if (isGone()) cut('deregistered');
    const now = time.now();
    const next = new Map<string, number>();
    for (const [group, how] of Object.entries(routing.checks())) {
      for (const target of routing.targets(group)) {
        if (target.draining) continue;
        const key = `${group} ${target.id}`;
        const at = due.get(key) ?? now;
        next.set(key, at > now ? at : now + how.interval);
        if (at > now) continue;
        void probe(time, target, how).then((wrong) => closing || onHealth(target.id, wrong, group));
      }
    }
    due = next;
    cancel = time.after(TICK, check);
  };
  let cancel = time.after(0, check);

  return {
    listen: async (rule, port) => {
      const handle = serve(rule, weightedChoice());
      const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => handle(request, response));
      server.on('upgrade', (request, socket, head) => {
        socket.on('error', () => undefined);
        if (offersWebSocket(request)) handle(request, responseOver(request, socket), { socket, head });
        else readPlain(server, request, { socket, head });
      });
      const opened = await open(server, port);
      servers.push(server);
      return opened;
    },
    close: async (grace = 5000) => {
      closing = true;
      cancel();
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      const cutOff = time.after(grace, () => {
        for (const cut of passing.keys()) cut('closing');
        for (const server of servers) server.closeAllConnections();
      });
      await Promise.all(closed);
      cutOff();
      closeConnections();
    },
  };
};
