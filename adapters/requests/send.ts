/** Sends an HTTP request from this process. It follows no redirect: that would lead back through the load balancer. */
import { request as requestPlain } from 'node:http';
import { connect } from 'node:http2';
import { request as requestTls } from 'node:https';
import type { Readable } from 'node:stream';
import { messageOf } from '../../core/basics/errors.ts';
import { expectAllowed, guardedLookup } from './addresses.ts';
import type { Get, GetAnswer, GetRequest } from './get.ts';

type Bounded = GetRequest & { signal: AbortSignal };

/** A program may answer with far more than anyone wants to read; leaving the loop ends the transfer. */
const beginningOf = async (body: AsyncIterable<Uint8Array> | Readable | null, most: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most).toString();
};

const overFetch = async (fetch: typeof globalThis.fetch, { url, signal, most }: Bounded): Promise<GetAnswer> => {
  const response = await fetch(url, { signal, redirect: 'manual' });
  return { status: response.status, body: await beginningOf(response.body, most) };
};

/** The address is looked at when the name is resolved for this connection. */
const overNode = ({ url, signal, most, verify }: Bounded): Promise<GetAnswer> =>
  new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestTls : requestPlain;
    const options = { signal, rejectUnauthorized: verify, agent: false, lookup: guardedLookup };
    const asked = request(url, options, (response) => {
      beginningOf(response, most).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.on('error', reject);
    asked.end();
  });

/** A call with an empty message: a byte that says that it is not compressed, and its length. */
const emptyMessage = Buffer.alloc(5);

const overHttp2 = ({ url, signal, most, speaks, verify }: Bounded): Promise<GetAnswer> =>
  new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url);
    const session = connect(origin, { rejectUnauthorized: verify, lookup: guardedLookup });
    const ended = (end: () => void): void => {
      session.destroy();
      end();
    };
    const fail = (error: unknown): void => ended(() => reject(error));
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    session.on('error', fail);
    const isGrpc = speaks === 'grpc';
    const stream = session.request({
      ':method': isGrpc ? 'POST' : 'GET',
      ':path': `${pathname}${search}`,
      ...(isGrpc && { 'content-type': 'application/grpc', te: 'trailers' }),
    });
    let status = 0;
    let code: unknown;
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
      code = headers['grpc-status'];
    });
    stream.on('trailers', (headers) => {
      code ??= headers['grpc-status'];
    });
    stream.on('error', fail);
    stream.end(isGrpc ? emptyMessage : undefined);
    beginningOf(stream, most).then((body) => {
      if (isGrpc && code === undefined) fail(new Error(`it answered with HTTP status ${status} and no gRPC status`));
      else ended(() => resolve({ status: isGrpc ? Number(code) : status, body: isGrpc ? '' : body }));
    }, fail);
  });

/** The reason of a failed connection is the cause of what `fetch` throws. */
const reasonOf = (error: unknown): string => {
  const { cause, code } = error as { cause?: { code?: string }; code?: string };
  return cause?.code ?? code ?? messageOf(error);
};

/** `fetch`: where something else stands for the network, as the local cloud does; null: the network. */
export const getHere =
  (fetch: typeof globalThis.fetch | null): Get =>
  async (request) => {
    const signal = AbortSignal.timeout(request.within * 1000);
    const bounded = { ...request, signal };
    try {
      expectAllowed(request.url);
      if (request.speaks !== 'http1') return await overHttp2(bounded);
      const unverified = request.url.startsWith('https:') && !request.verify;
      return fetch === null || unverified ? await overNode(bounded) : await overFetch(fetch, bounded);
    } catch (cause) {
      const late = signal.aborted || (cause as Error).name === 'TimeoutError';
      const error = new Error(late ? `no answer within ${request.within} s` : reasonOf(cause), { cause });
      throw late ? Object.assign(error, { name: 'TimeoutError' }) : error;
    }
  };
