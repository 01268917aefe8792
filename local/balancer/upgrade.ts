/** Passes WebSockets on in both directions. Other protocol upgrades are handled as plain requests. */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { endToEnd } from './headers.ts';

/** The client's side of an upgrade: its connection, and what it has sent already behind its request. */
export interface Upgrade {
  socket: Duplex;
  head: Buffer;
}

export const offersWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/** For an answer other than 101: Node gives an upgrade's handler the bare connection. */
export const responseOver = (request: IncomingMessage, socket: Duplex): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
  response.on('finish', () => socket.end());
  return response;
};

const head = (first: string, headers: string[]): Buffer => {
  const lines = [first];
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
};

/** Reads a request again without its offer to upgrade, as an ALB ignores protocols other than WebSockets. */
export const readPlain = (server: Server, request: IncomingMessage, { socket, head: rest }: Upgrade): void => {
  const headers: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    if (!['upgrade', 'http2-settings'].includes(name.toLowerCase())) headers.push(name, value);
  }
  socket.unshift(Buffer.concat([head(`${request.method} ${request.url} HTTP/1.1`, headers), rest]));
  server.emit('connection', socket);
};

/** Joins both connections once the target has said 101. Either end ends the other, and so does silence of `idleTimeout` milliseconds. */
export const tunnel = (
  client: Upgrade,
  incoming: IncomingMessage,
  target: Duplex & { setTimeout?: (ms: number, idle: () => void) => unknown },
  early: Buffer,
  { idleTimeout, onIdle, onClose }: { idleTimeout: number; onIdle: () => void; onClose: () => void },
): void => {
  const { socket } = client;
  const switched = ['connection', 'Upgrade', 'upgrade', incoming.headers.upgrade ?? 'websocket'];
  socket.write(head('HTTP/1.1 101 Switching Protocols', [...endToEnd(incoming), ...switched]));
  if (early.length > 0) socket.write(early);
  if (client.head.length > 0) target.write(client.head);
  target.on('error', () => undefined);
  target.on('close', () => socket.destroy());
  socket.on('close', () => {
    target.destroy();
    onClose();
  });
  target.setTimeout?.(idleTimeout, () => {
    onIdle();
    target.destroy();
  });
  socket.pipe(target);
  target.pipe(socket);
};
