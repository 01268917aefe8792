/** Passes one HTTP request on to one target, streaming both ways. */
import { Agent, type ClientRequest, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { Target } from './choose.ts';

export interface Served {
  status: number;
  /** The target could not be reached, or broke the connection. */
  connectionError: boolean;
  /** Who made the answer. */
  by: 'target' | 'balancer';
}

/** RFC 9110, 7.6.1: these concern one connection only. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names and values in turn, as they came, without what concerns the other connection. */
const endToEnd = ({ rawHeaders, headers }: IncomingMessage): string[] => {
  const named = headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!hopByHop.has(name) && !named.includes(name)) kept.push(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return kept;
};

const requestHeaders = (request: IncomingMessage, hasBody: boolean): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = {};
  const raw = endToEnd(request);
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  const { remoteAddress = '', localPort = 0 } = request.socket;
  headers['x-forwarded-for'] = [headers['x-forwarded-for'] ?? [], remoteAddress].flat().join(', ');
  headers['x-forwarded-proto'] = 'http';
  headers['x-forwarded-port'] = String(localPort);
  // Node frames a GET's or DELETE's body only if told to; unframed, it would be read as the next request.
  if (hasBody && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
  return headers;
};

/** Answers for the balancer itself, in one line. */
export const answer = (response: ServerResponse, status: number, words: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`);
};

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * A target may close an idle connection in the very moment a request is sent on it. Such a request never reached the program, and
 * its user must not see a 502: if it may be repeated (idempotent, no body) it is, once, on a fresh connection; if not, it gets a
 * fresh connection to begin with. Nothing else is retried, as an ALB does not.
 */
export const forwarder = (idleTimeout: number) => {
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: 1024 });

  const forward = (
    target: Target,
    request: IncomingMessage,
    response: ServerResponse,
    done: (served: Served) => void,
  ): void => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    const repeatable = !hasBody && idempotent.has(request.method ?? '');
    const served: Served = { status: 0, connectionError: false, by: 'balancer' };
    let upstream: ClientRequest | undefined;
    let timedOut = false;

    const fail = (status: number, words: string): void => {
      served.status = status;
      if (response.headersSent) response.destroy();
      else answer(response, status, words);
    };

    const pass = (incoming: IncomingMessage): void => {
      served.by = 'target';
      served.status = incoming.statusCode ?? 0;
      incoming.on('error', () => {
        served.connectionError = true;
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
      const headers = requestHeaders(request, hasBody);
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
      if (served.status === 0) served.status = 460;
      done(served);
    });
    try {
      attempt(repeatable ? agent : false);
    } catch (error) {
      fail(400, `400: ${(error as Error).message}`);
    }
  };

  return { forward, close: () => agent.destroy() };
};
