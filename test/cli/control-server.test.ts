/** The door between commands and the local cloud: who is let in, and what travels through it. */
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type Answerer, controlServer } from '../../cli/local/control-server.ts';
import { decode, encode } from '../../cli/local/wire.ts';

/** A server, and a way to knock at it with any headers. */
const door = async (answer: Answerer = async (path, input) => ({ path, input })) => {
  const server = await controlServer(answer);
  onTestFinished(server.close);
  const knock = (
    headers: Record<string, string>,
    { method = 'POST', body = '{}', path = '/sdk/ec2/DescribeInstances' } = {},
  ): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return { knock, authorization: `Bearer ${server.token}` };
};

test('who has the token is answered', async () => {
  const { knock, authorization } = await door();
  const { status, body } = await knock({ authorization }, { body: encode({ ids: ['i-1'] }) });
  expect(status).toBe(200);
  expect(decode(body)).toEqual({ answer: { path: ['sdk', 'ec2', 'DescribeInstances'], input: { ids: ['i-1'] } } });
});

test('refuses a wrong token, a web page’s request, another host name and other methods', async () => {
  let asked = 0;
  const { knock, authorization } = await door(async () => {
    asked++;
  });
  expect((await knock({})).status).toBe(401);
  expect((await knock({ authorization: 'Bearer guessed' })).status).toBe(401);
  expect((await knock({ authorization, origin: 'http://localhost:8080' })).status).toBe(403);
  expect((await knock({ authorization, host: 'rebound.example.com' })).status).toBe(403);
  expect((await knock({ authorization }, { method: 'GET', body: '' })).status).toBe(405);
  expect(asked).toBe(0);
});

test('a body of more than a megabyte is refused', async () => {
  const { knock, authorization } = await door();
  expect((await knock({ authorization }, { body: JSON.stringify('x'.repeat(1_000_001)) })).status).toBe(413);
});

test("what an answer throws arrives under its name, as an SDK's error", async () => {
  const { knock, authorization } = await door(async () => {
    throw Object.assign(new Error('no such image'), { name: 'ImageNotFoundException', $fault: 'client' });
  });
  const { status, body } = await knock({ authorization });
  expect(status).toBe(400);
  expect(decode(body)).toEqual({
    error: { name: 'ImageNotFoundException', message: 'no such image', fault: 'client' },
  });
});

test('dates stay dates on the way, at any depth', () => {
  const value = { at: new Date(1_767_603_600_000), list: [{ at: new Date(0) }], none: null, text: '2026-01-05' };
  expect(decode(encode(value))).toEqual(value);
  expect(decode(encode(undefined))).toBeNull();
});
