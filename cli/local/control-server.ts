/**
 * The door through which other commands on this machine reach the running local cloud. Loopback only; a web page cannot use it: its
 * requests carry an Origin, a rebound name is no Host of ours, and it does not know the token.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../core/basics/errors.ts';
import { decode, encode } from './wire.ts';

const mostBytes = 1_000_000;

export interface ControlServer {
  port: number;
  token: string;
  close(): void;
}

/** Answers one path; what it throws is told to the caller by name and message. */
export type Answerer = (path: string[], input: unknown) => Promise<unknown>;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Why a request is not let in; null: it is. */
const refusal = ({ method, headers }: IncomingMessage, token: string): [status: number, why: string] | null => {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost') return [403, 'this is for 127.0.0.1 only'];
  if (headers.origin !== undefined) return [403, 'no web page may use this'];
  if (!timingSafeEqual(hash(headers.authorization ?? ''), hash(`Bearer ${token}`))) return [401, 'the token is wrong'];
  return method === 'POST' ? null : [405, 'only POST is answered'];
};

/** Null: it is too long. */
const bodyOf = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const reply = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(encode(value));
};

const errorOf = (error: unknown): { error: { name: string; message: string; fault?: unknown } } => ({
  error: {
    name: error instanceof Error ? error.name : 'Error',
    message: messageOf(error),
    fault: (error as { $fault?: unknown } | null)?.$fault,
  },
});

export const controlServer = async (answer: Answerer): Promise<ControlServer> => {
  const token = randomBytes(32).toString('base64url');
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = refusal(request, token);
    if (refused !== null) return reply(response, refused[0], errorOf(new Error(refused[1])));
    const body = await bodyOf(request);
    if (body === null) return reply(response, 413, errorOf(new Error(`a request has at most ${mostBytes} bytes`)));
    try {
      const path = (request.url ?? '/').split('/').slice(1).map(decodeURIComponent);
      reply(response, 200, { answer: await answer(path, body === '' ? {} : decode(body)) });
    } catch (error) {
      reply(response, 400, errorOf(error));
    }
  };
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    token,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
