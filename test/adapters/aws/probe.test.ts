/** A probe: where it goes, how long it waits, that it follows no redirect, and how much of an answer it reads. */
import { expect, test } from 'vitest';
import { probeOf } from '../../../adapters/aws/load-balancer/probe.ts';
import { Transient } from '../../../core/basics/errors.ts';
import { fakeClient } from './fake.ts';

const at = (PrivateIpAddress?: string) =>
  fakeClient({ DescribeInstances: () => ({ Reservations: [{ Instances: [{ PrivateIpAddress }] }] }) });
const target = { instance: 'i-1', port: 8080, path: '/health?deep=1', within: 2 };

test('a probe asks the instance itself, on its port and path, and follows no redirect', async () => {
  const ec2 = at('10.0.0.7');
  const asked: [string, string | undefined][] = [];
  const probe = probeOf({ ec2 }, async (url, { redirect }) => {
    asked.push([url, redirect]);
    return new Response('moved', { status: 302 });
  });
  expect(await probe(target)).toEqual({ status: 302, body: 'moved' });
  expect(asked).toEqual([['http://10.0.0.7:8080/health?deep=1', 'manual']]);
  expect(ec2.sent[0]?.input).toEqual({ InstanceIds: ['i-1'] });
});

test('a probe ends after its seconds, and throws what ended it', async () => {
  const probe = probeOf(
    { ec2: at('10.0.0.7') },
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const began = performance.now();
  await expect(probe({ ...target, within: 0.3 })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(performance.now() - began).toBeGreaterThan(250);
});

test('a probe of an instance without an address is tried again, and asks nothing', async () => {
  for (const ec2 of [at(), fakeClient({ DescribeInstances: () => ({}) })])
    await expect(probeOf({ ec2 }, () => Promise.reject(new Error('asked')))(target)).rejects.toThrow(
      new Transient('i-1 has no private address (yet, or any more)'),
    );
});

test('a probe reads no more than the beginning of an answer, and ends the transfer', async () => {
  let chunks = 0;
  let isEnded = false;
  const body = new ReadableStream({
    pull: (controller) => {
      chunks++;
      controller.enqueue(new TextEncoder().encode('x'.repeat(1000)));
    },
    cancel: () => {
      isEnded = true;
    },
  });
  const probe = probeOf({ ec2: at('10.0.0.7') }, async () => new Response(body));
  expect((await probe(target)).body).toBe('x'.repeat(2048));
  expect([chunks < 6, isEnded]).toEqual([true, true]);
  const empty = probeOf({ ec2: at('10.0.0.7') }, async () => new Response(null, { status: 204 }));
  expect(await empty(target)).toEqual({ status: 204, body: '' });
});
