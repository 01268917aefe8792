/** An HTTP proxy before moto that does to requests what a bad network and a busy AWS do, each in the protocol of the service that is asked. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const faults = [
  'throttled',
  'answered with 500',
  'answered with 503',
  'cut',
  'delayed',
  'unanswered',
  'expired',
] as const;
export type Fault = (typeof faults)[number];

interface Answer {
  status: number;
  type: string;
  body: Buffer | string;
}

const bodyOf = async (stream: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

/** `dynamodb`, as the signature's scope names it. */
const serviceOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';

/** CBOR of `{ __type, message }`: a map of two short texts. */
const cborOf = (entries: Record<string, string>): Buffer => {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x78, value.length]), Buffer.from(value)]);
  const pairs = Object.entries(entries);
  return Buffer.concat([
    Buffer.from([0xa0 + pairs.length]),
    ...pairs.flatMap(([key, value]) => [text(key), text(value)]),
  ]);
};

const codes = {
  throttled: { ec2: 'RequestLimitExceeded', query: 'Throttling', json: 'ThrottlingException' },
  expired: { ec2: 'RequestExpired', query: 'ExpiredToken', json: 'ExpiredTokenException' },
};

/** A refusal as the service asked would write it. */
const refusal = (kind: keyof typeof codes, message: string, asked: IncomingMessage): Answer => {
  const code = codes[kind];
  const type = String(asked.headers['content-type'] ?? '');
  if (asked.headers['smithy-protocol'] === 'rpc-v2-cbor')
    return { status: 400, type: 'application/cbor', body: cborOf({ __type: code.json, message }) };
  if (!type.startsWith('application/x-www-form-urlencoded'))
    return { status: 400, type: 'application/x-amz-json-1.1', body: JSON.stringify({ __type: code.json, message }) };
  if (serviceOf(asked) === 'ec2')
    return {
      status: kind === 'throttled' ? 503 : 400,
      type: 'text/xml;charset=UTF-8',
      body: `<?xml version="1.0"?><Response><Errors><Error><Code>${code.ec2}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
    };
  return {
    status: kind === 'throttled' ? 400 : 403,
    type: 'text/xml',
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code.query}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
  };
};

const forward = (to: URL, asked: IncomingMessage, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, url: path, headers } = asked;
    const sent = request({ host: to.hostname, port: to.port, method, path, headers }, async (got) => {
      const type = String(got.headers['content-type'] ?? '');
      resolve({ status: got.statusCode ?? 502, type, body: await bodyOf(got) });
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** EC2 answers a launch with a token that it knows as it did before; moto would launch once more. */
const tokenOf = (body: Buffer): string | undefined => {
  const fields = new URLSearchParams(body.toString());
  return fields.get('Action') === 'RunInstances' ? (fields.get('ClientToken') ?? undefined) : undefined;
};

export interface FaultyProxy {
  url: string;
  /** How often something was done. */
  done: Map<Fault, number>;
  /** Which fault the nth request meets; none, until it is set. */
  plan: { of(nth: number): Fault | undefined };
  close(): void;
}

export const faultyProxy = async (target: string): Promise<FaultyProxy> => {
  const to = new URL(target);
  const done = new Map<Fault, number>();
  const plan: FaultyProxy['plan'] = { of: () => undefined };
  const launched = new Map<string, Promise<Answer>>();
  let count = 0;

  const answerOf = (asked: IncomingMessage, body: Buffer): Promise<Answer> => {
    const token = tokenOf(body);
    const answer = (token === undefined ? undefined : launched.get(token)) ?? forward(to, asked, body);
    if (token !== undefined) launched.set(token, answer);
    return answer;
  };
  const handle = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(asked);
    const fault = plan.of(++count);
    if (fault !== undefined) done.set(fault, (done.get(fault) ?? 0) + 1);
    const say = ({ status, type, body: text }: Answer): void => {
      response.writeHead(status, { 'content-type': type, 'smithy-protocol': 'rpc-v2-cbor' });
      response.end(text);
    };
    if (fault === 'throttled') return say(refusal('throttled', 'Rate exceeded', asked));
    if (fault === 'expired')
      return say(refusal('expired', 'The security token included in the request is expired', asked));
    if (fault === 'answered with 500')
      return say({ status: 500, type: 'text/html', body: '<html>Internal Server Error</html>' });
    if (fault === 'answered with 503') return say({ status: 503, type: 'text/plain', body: '' });
    if (fault === 'unanswered') return;
    if (fault === 'delayed') await new Promise((next) => setTimeout(next, 1500));
    const answer = await answerOf(asked, body);
    if (fault === 'cut') response.destroy();
    else say(answer);
  };
  const server = createServer((asked, response) => {
    handle(asked, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, done, plan, close };
};
