/** A probe of an instance: spoken as its target group's health check speaks, and never longer or larger than it may be. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { probeOf } from '../../../adapters/aws/load-balancer/probe.ts';
import { getHere } from '../../../adapters/requests/send.ts';
import { getThrough } from '../../../adapters/requests/through-function.ts';
import { fails, fakeClient, sdkError } from './fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
const servers: { close(): unknown }[] = [];

beforeAll(() => {
  const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'certificate')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=shop', ...files];
  execFileSync('openssl', made, { stdio: 'ignore' });
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const listening = async (server: Server, host = '127.0.0.1'): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
};
const fine = (_request: IncomingMessage, response: ServerResponse): void => void response.end('fine');

const addresses = { PrivateIpAddress: '127.0.0.1', Ipv6Address: '::1' };
const probing = (group: TargetGroup, fetch: typeof globalThis.fetch = globalThis.fetch) => {
  const ec2 = fakeClient({ DescribeInstances: () => ({ Reservations: [{ Instances: [addresses] }] }) });
  const elb = fakeClient({ DescribeTargetGroups: () => ({ TargetGroups: [group] }) });
  return probeOf({ ec2, elb }, getHere(fetch));
};
const target = (port: number) => ({ instance: 'i-1', targetGroup: 'arn', port, path: '/health', within: 2 });

test('asks the instance itself and does not follow it elsewhere', async () => {
  const asked: unknown[] = [];
  const probe = probing({}, async (url, init) => {
    asked.push(url, init?.redirect);
    return new Response('fine', { status: 303 });
  });
  expect(await probe({ ...target(8080), path: '/health?deep=1' })).toEqual({ status: 303, body: 'fine' });
  expect(asked).toEqual(['http://127.0.0.1:8080/health?deep=1', 'manual']);
});

test('reads no more of an endless answer than it keeps', async () => {
  let pulled = 0;
  let isEnded = false;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new TextEncoder().encode('x'.repeat(500)));
    },
    cancel: () => {
      isEnded = true;
    },
  });
  const { body } = await probing({}, async () => new Response(endless))(target(8080));
  expect(body).toBe('x'.repeat(2048));
  expect([pulled < 10, isEnded]).toEqual([true, true]);
  const empty = probing({}, async () => new Response(null, { status: 204 }));
  expect(await empty(target(8080))).toEqual({ status: 204, body: '' });
});

test('of an instance without an address is Transient', async () => {
  const elb = fakeClient({ DescribeTargetGroups: () => ({ TargetGroups: [{}] }) });
  for (const answer of [
    () => ({ Reservations: [] }),
    fails('InvalidInstanceID.NotFound'),
    () => Promise.reject(sdkError('Throttling')),
  ]) {
    const probe = probeOf({ ec2: fakeClient({ DescribeInstances: answer }), elb }, getHere(fetch));
    await expect(probe(target(8080))).rejects.toMatchObject({ name: 'Transient' });
  }
});

describe('reaches what a health check reaches', () => {
  test('an instance that speaks TLS with a certificate that nobody checks', async () => {
    const [key, cert] = ['key', 'certificate'].map((name) => readFileSync(join(folder, name)));
    const port = await listening(createTls({ key, cert } as never, fine));
    const group = { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' } as const;
    expect(await probing(group)(target(port))).toEqual({ status: 200, body: 'fine' });
  });

  test('an instance with an IPv6 address alone', async () => {
    const port = await listening(createServer(fine), '::1');
    expect(await probing({ IpAddressType: 'ipv6' })(target(port))).toEqual({ status: 200, body: 'fine' });
  });

  test('another port, where the health check looks there', async () => {
    const port = await listening(createServer(fine));
    expect(await probing({ HealthCheckPort: String(port) })(target(1))).toEqual({ status: 200, body: 'fine' });
  });

  test('an instance that speaks HTTP/2 alone', async () => {
    const server = createHttp2((request, response) => response.end(`${request.method} ${request.url}`));
    const port = await listening(server);
    expect(await probing({ ProtocolVersion: 'HTTP2' })(target(port))).toEqual({ status: 200, body: 'GET /health' });
  });

  test.each([
    [0, '0-99', true],
    [12, undefined, true],
    [12, '0', false],
    [5, '0,3-6', true],
  ])('a gRPC method that answers %d, as the matcher %s says', async (code, GrpcCode, passed) => {
    const calls: string[] = [];
    const server = createHttp2();
    server.on('stream', (stream, headers) => {
      calls.push(`${headers[':method']} ${headers[':path']} ${headers['content-type']}`);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }));
      stream.end();
    });
    const port = await listening(server);
    const group = { ProtocolVersion: 'GRPC', ...(GrpcCode !== undefined && { Matcher: { GrpcCode } }) };
    const { status, judged } = await probing(group)(target(port));
    expect([status, judged?.passed]).toEqual([code, passed]);
    expect(calls).toEqual(['POST /health application/grpc']);
  });
});

describe('ends in time', () => {
  test.each([
    ['HTTP', {}],
    ['TLS', { HealthCheckProtocol: 'HTTPS' }],
    ['HTTP/2', { ProtocolVersion: 'HTTP2' }],
    ['gRPC', { ProtocolVersion: 'GRPC' }],
  ] as const)('with a socket that never answers over %s', async (_, group) => {
    const port = await listening(createTcp((socket) => void socket.on('error', () => undefined).resume()));
    await expect(probing(group)({ ...target(port), within: 1 })).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no answer within 1 s',
    });
  });

  test('with a body of one byte a second', async () => {
    const port = await listening(
      createServer((_, response) => {
        const drip = setInterval(() => response.write('x'), 200);
        response.on('close', () => clearInterval(drip));
      }),
    );
    await expect(probing({})({ ...target(port), within: 1 })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('with a port that refuses', async () => {
    const port = await listening(createTcp());
    servers.splice(0)[0]?.close();
    await expect(probing({})(target(port))).rejects.toThrow('ECONNREFUSED');
  });
});

describe('through the function in the VPC', () => {
  const request = { url: 'http://10.0.0.5/', within: 5, most: 100, speaks: 'http1', verify: false } as const;
  const answering = (answer: object, more: object = {}) =>
    getThrough(
      fakeClient({ Invoke: () => ({ Payload: Buffer.from(JSON.stringify(answer)), ...more }) }),
      'arn:aws:lambda:eu-west-1:111122223333:function:cutover-test-probe',
    )(request);

  test('an answer is the instance’s, and a failure is one', async () => {
    expect(await answering({ status: 200, body: 'fine' })).toEqual({ status: 200, body: 'fine' });
    await expect(answering({ failure: 'ECONNREFUSED', timedOut: false })).rejects.toThrow(/^ECONNREFUSED$/);
    await expect(answering({ failure: 'late', timedOut: true })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('a function that failed itself says nothing about the instance', async () => {
    const failed = answering({ errorMessage: 'Task timed out' }, { FunctionError: 'Unhandled' });
    await expect(failed).rejects.toMatchObject({ name: 'Transient' });
  });
});
