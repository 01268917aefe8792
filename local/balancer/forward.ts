/** Passes one HTTP request on to one target, streaming both ways. */
import { Agent, type ClientRequest, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { Target } from './choose.ts';
import { endToEnd, requestHeaders } from './headers.ts';
import { tunnel, type Upgrade } from './upgrade.ts';

/** Why the balancer itself ended an answer that was under way. */
export type Cut = 'deregistered' | 'idle' | 'closing';

export interface Served {
  status: number;
  /** The target could not be reached, or closed the connection without an answer. */
  connectionError: boolean;
  /** The target began an answer and broke it off. */
  brokenOff: boolean;
  cut: Cut | null;
  /** Who made the answer. */
  by: 'target' | 'balancer';
  /** Milliseconds until the target's headers were there, which is what an ALB's TargetResponseTime tells; null: they never were. */
  headersAfter: number | null;
}

export const ownAnswer = (status: number): Served => ({
  status,
  connectionError: false,
  brokenOff: false,
  cut: null,
  by: 'balancer',
  headersAfter: null,
});

/** Answers for the balancer itself, in one line. */
export const answer = (response: ServerResponse, status: number, words: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`);
};

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export interface Passing {
  target: Target;
  request: IncomingMessage;
  response: ServerResponse;
  /** The request asks for a WebSocket. */
  upgrade: Upgrade | undefined;
  /** The target is no longer registered: its connection ends with that, no matter which side closes it. */
  isGone: () => boolean;
  done: (served: Served) => void;
}

/**
 * A target may close an idle connection in the very moment a request is sent on it. Such a request never reached the program, and
 * its user must not see a 502: if it may be repeated (idempotent, no body) it is, once, on a fresh connection; if not, it gets a
 * fresh connection to begin with. Nothing else is retried, as an ALB does not.
 */
export const forwarder = (idleTimeout: number) => {
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: 1024 });

  /** The answer ends the request for the balancer's own reasons. */
  const forward = ({ target, request, response, upgrade, isGone, done }: Passing): ((cut: Cut) => void) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    const repeatable = !hasBody && upgrade === undefined && idempotent.has(request.method ?? '');
    const served = ownAnswer(0);
    const began = performance.now();
    let upstream: ClientRequest | undefined;
    let timedOut = false;
    let reported = false;

    const report = (): void => {
      if (reported) return;
      reported = true;
      if (served.status === 0) served.status = 460;
      done(served);
    };
    const fail = (status: number, words: string): void => {
      served.status = status;
      if (response.headersSent) response.destroy();
      else answer(response, status, words);
    };

    const pass = (incoming: IncomingMessage): void => {
      served.by = 'target';
      served.status = incoming.statusCode ?? 0;
      served.headersAfter = performance.now() - began;
      incoming.on('error', () => {
        if (timedOut) served.cut ??= 'idle';
        else if (isGone()) served.cut ??= 'deregistered';
        served.brokenOff = served.cut === null;
        response.destroy();
      });
      try {
        response.writeHead(served.status, incoming.statusMessage, endToEnd(incoming));
        incoming.pipe(response);
      } catch (error) {
        Object.assign(served, { by: 'balancer', connectionError: true });
        incoming.destroy();
        fail(502, `502: ${target.id} gave an answer that cannot be passed on: ${(error as Error).message}`);
      }
    };

    const attempt = (connection: Agent | false): void => {
      const { host, port } = target;
      const headers = requestHeaders(request, hasBody, upgrade && request.headers.upgrade);
      const sent = send({
        host,
        port,
        method: request.method,
        path: request.url,
        headers,
        agent: connection,
        timeout: idleTimeout,
      });
      upstream = sent;
      sent.on('response', pass);
      sent.on('upgrade', (incoming, socket, early) => {
        if (upgrade === undefined) {
          socket.destroy();
          return fail(502, `502: ${target.id} switched to another protocol, which nobody had asked for`);
        }
        Object.assign(served, { by: 'target', status: 101, headersAfter: performance.now() - began });
        response.detachSocket(upgrade.socket as Parameters<ServerResponse['detachSocket']>[0]);
        const onIdle = (): void => {
          served.cut ??= 'idle';
        };
        tunnel(upgrade, incoming, socket, early, { idleTimeout, onIdle, onClose: report });
      });
      sent.on('timeout', () => {
        timedOut = true;
        sent.destroy();
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (request.socket.destroyed || response.destroyed || served.status !== 0) return;
        const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        if (repeatable && sent.reusedSocket && closed && !timedOut) return attempt(false);
        served.connectionError = !timedOut;
        if (timedOut) fail(504, `504: ${target.id} did not answer within ${idleTimeout / 1000} s`);
        else fail(502, `502: ${target.id} cannot be reached: ${error.message}`);
      });
      if (hasBody) request.pipe(sent);
      else sent.end();
    };

    response.on('close', () => {
      // The client gave up: nobody waits for the target's answer any more.
      if (!response.writableFinished) upstream?.destroy();
      report();
    });
    try {
      attempt(repeatable ? agent : false);
    } catch (error) {
      fail(400, `400: ${(error as Error).message}`);
    }

    return (cut) => {
      if (reported) return;
      served.cut = cut;
      if (cut === 'deregistered' && served.status === 0) {
        // The status that an ALB gives when the deregistration delay elapses before the answer.
        fail(502, `502: ${target.id} was deregistered, and its deregistration delay has elapsed`);
        upstream?.destroy();
      } else if (served.status === 101) upgrade?.socket.destroy();
      else response.destroy();
    };
  };

  return { forward, close: () => agent.destroy() };
};
