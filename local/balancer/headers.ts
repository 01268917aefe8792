/** The headers that go on from one side of the balancer to the other. */
import type { IncomingMessage } from 'node:http';

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
export const endToEnd = ({ rawHeaders, headers }: IncomingMessage): string[] => {
  const named = headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!hopByHop.has(name) && !named.includes(name)) kept.push(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return kept;
};

/** What a target is sent: the client's headers and those that an ALB adds; `upgrade` names the protocol that is passed on. */
export const requestHeaders = (
  request: IncomingMessage,
  hasBody: boolean,
  upgrade: string | undefined,
): Record<string, string | string[]> => {
  // Without a prototype: a header may be named `constructor` or `__proto__`.
  const headers: Record<string, string | string[]> = Object.create(null);
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
  if (upgrade !== undefined) Object.assign(headers, { connection: 'Upgrade', upgrade });
  // Node frames a GET's or DELETE's body only if told to; unframed, it would be read as the next request.
  if (hasBody && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
  return headers;
};
