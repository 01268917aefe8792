/** Requests through the local cloud's load balancer: long answers at the end of their instance, and requests of its own. */
import { expect, test } from 'vitest';
import { unfinishedLines } from '../../cli/live/traffic.ts';
import { ownTraffic, parseRate } from '../../cli/local/own-traffic.ts';
import { program } from './command-line.ts';
import { localCloud } from './in-process.ts';

const streaming = `import { createServer } from 'node:http';
  createServer((request, response) => {
    response.writeHead(200);
    if (request.url !== '/stream') return response.end('ok');
    response.write('data: 0');
    setInterval(() => response.write('data: 1'), 20);
  }).listen(Number(process.env.PORT), '127.0.0.1');`;

const files = {
  ...program('two'),
  'one/image.json': '{ "start": ["node", "server.mjs"] }',
  'one/server.mjs': streaming,
};

test('a long answer is cut after the deregistration delay, and counted as that alone', {
  timeout: 240_000,
}, async () => {
  const { publish, outcome, cloud, url, service } = await localCloud(files, { deregistrationDelay: 5 });
  await publish('one');
  expect(await outcome('release-one')).toBe('live');
  const traffic = ownTraffic(cloud.urls, 20);
  const response = await fetch(`${url}/stream`);
  const cut = response.text().then(
    () => 'whole',
    () => 'cut',
  );
  await publish('two');
  expect(await outcome('release-two')).toBe('live');
  expect(await cut).toBe('cut');
  expect(cloud.unfinished).toMatchObject({ deregistered: 1, brokenOff: 0 });
  const { requests, failed } = await traffic.stop();
  expect(requests).toBeGreaterThan(20);
  expect(failed).toBe(0);
  const groups = Object.values(service.slots).map((arn) => cloud.world.targetGroups.get(arn));
  const counts = groups.flatMap((group) => [...(group?.counts.values() ?? [])]);
  expect(counts.reduce((sum, one) => sum + one.connectionErrors + (one.unanswered ?? 0), 0)).toBe(0);
});

test('a target group keeps AWS’s 300 seconds unless it is told otherwise', { timeout: 60_000 }, async () => {
  const { cloud } = await localCloud(files, { deregistrationDelay: undefined });
  expect([...cloud.world.targetGroups.values()].map(({ deregistrationDelay }) => deregistrationDelay)).toEqual([
    300_000, 300_000,
  ]);
});

test('answers that did not come to their end are told of with their reason, each once', () => {
  const none = { deregistered: 0, idle: 0, closing: 0, brokenOff: 0 };
  expect(unfinishedLines(none, none, 300)).toEqual([]);
  expect(unfinishedLines({ ...none, deregistered: 3, brokenOff: 1 }, { ...none, deregistered: 1 }, 300)).toEqual([
    '2 answers were cut by the load balancer: the instance was deregistered, and its deregistration delay of 300 s has elapsed',
    '1 answer was broken off by the program on the instance',
  ]);
});

test.each(['50rps', '50/s', '50', '50 rps'])('a rate may be written as %s', (text) => {
  expect(parseRate(text)).toBe(50);
});

test.each(['0', '1001rps', 'fast', '-5', '5.5', '50rpm'])('a rate of %s is refused', (text) => {
  expect(() => parseRate(text)).toThrow('expected requests a second from 1rps to 1000rps');
});
