/** Answers that take long: event streams and WebSockets while they last, and what becomes of them when their target leaves. */
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ask, type Balanced, balanced, bodyOf, cleanUp, rawTarget, saying, target, until } from './balanced.ts';

/** Sends an event at once, and another one every ten milliseconds, for ever. */
const streaming = (id: string) =>
  target(id, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = () => response.write(`data: ${id}\n\n`);
    send();
    const timer = setInterval(send, 10);
    response.on('close', () => clearInterval(timer));
  });

const stream = ({ url }: Balanced): Promise<IncomingMessage> => new Promise((resolve) => get(url, resolve));

const ended = (incoming: IncomingMessage): Promise<string> =>
  bodyOf(incoming).then(
    () => 'whole',
    () => 'cut',
  );

/** Answers an upgrade, then sends back whatever comes. */
const socketEcho = (id: string) =>
  rawTarget(id, (socket) =>
    socket.once('data', () => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: yes\r\n\r\n',
      );
      socket.pipe(socket);
    }),
  );

const offer =
  'GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: k\r\n\r\n';

/** A client's connection and all that it has heard. */
const open = (port: number, first = offer): { socket: Socket; heard: () => string; closed: () => boolean } => {
  let text = '';
  let closed = false;
  const socket = connect(port, '127.0.0.1', () => socket.write(first));
  socket
    .on('data', (chunk) => (text += chunk))
    .on('error', () => undefined)
    .on('close', () => (closed = true));
  cleanUp.push(() => socket.destroy());
  return { socket, heard: () => text, closed: () => closed };
};

describe('an answer that is under way', () => {
  test('goes on while its target drains, and is cut and told of when the target is deregistered', async () => {
    const leaving = await streaming('old');
    const state = await balanced({ blue: [leaving, await streaming('new')] }, { blue: 100 });
    const old = await stream(state);
    const end = ended(old);
    leaving.draining = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([old.destroyed, state.reports]).toEqual([false, []]);
    state.targets.blue = (state.targets.blue ?? []).slice(1);
    expect(await end).toBe('cut');
    const report = { target: 'old', status: 200, cut: 'deregistered', brokenOff: false, connectionError: false };
    await until(() => expect(state.reports).toMatchObject([report]));
  });

  test('is told of as cut, not as broken off, when the deregistered target closes first', async () => {
    const leaving = await streaming('old');
    const state = await balanced({ blue: [leaving] }, { blue: 100 });
    const end = ended(await stream(state));
    state.targets.blue = [];
    await cleanUp.shift()?.();
    expect(await end).toBe('cut');
    await until(() => expect(state.reports).toMatchObject([{ cut: 'deregistered', brokenOff: false }]));
  });

  test('that has not begun by then is a 502, as an ALB gives it', async () => {
    const state = await balanced({ blue: [await target('old', () => undefined)] }, { blue: 100 });
    const inFlight = ask(state.url);
    await new Promise((resolve) => setTimeout(resolve, 100));
    state.targets.blue = [];
    const { status, body } = await inFlight;
    expect([status, body]).toEqual([502, '502: old was deregistered, and its deregistration delay has elapsed\n']);
    expect(state.reports).toMatchObject([{ status: 502, cut: 'deregistered', connectionError: false }]);
  });

  test('is cut when nothing comes for the idle time, and told of as that', async () => {
    const silent = await target('b', (_, response) => {
      response.writeHead(200);
      response.write('first');
    });
    const state = await balanced({ blue: [silent] }, { blue: 100 }, { idleTimeout: 100 });
    expect(await ended(await stream(state))).toBe('cut');
    await until(() => expect(state.reports).toMatchObject([{ status: 200, cut: 'idle', brokenOff: false }]));
  });

  test('is cut after the grace when the balancer closes, and told of as that', async () => {
    const state = await balanced({ blue: [await streaming('b')] }, { blue: 100 });
    const end = ended(await stream(state));
    const socket = open(state.port);
    await state.balancer.close(50);
    expect(await end).toBe('cut');
    await until(() => expect(socket.closed()).toBe(true));
    await until(() => expect(state.reports.map(({ cut }) => cut)).toContain('closing'));
  });
});

describe('a WebSocket', () => {
  test('is passed on both ways, the first bytes included, until either end closes it', async () => {
    const state = await balanced({ blue: [await socketEcho('b')] }, { blue: 100 });
    const { socket, heard } = open(state.port, `${offer}early `);
    await until(() => expect(heard()).toContain('early'));
    expect(heard()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(heard().toLowerCase()).toContain('sec-websocket-accept: yes');
    socket.write('late');
    await until(() => expect(heard()).toContain('early late'));
    expect(state.reports).toEqual([]);
    socket.destroy();
    await until(() => expect(state.reports).toMatchObject([{ status: 101, by: 'target', cut: null, target: 'b' }]));
  });

  test('is closed to the client when its target ends', async () => {
    const state = await balanced({ blue: [await socketEcho('b')] }, { blue: 100 });
    const end = cleanUp.splice(0, 1)[0];
    const { heard, closed } = open(state.port);
    await until(() => expect(heard()).toContain('101'));
    await end?.();
    await until(() => expect([closed(), state.reports.length]).toEqual([true, 1]));
  });

  test('is cut when its target is deregistered, and when nothing is said for the idle time', async () => {
    const state = await balanced({ blue: [await socketEcho('b')] }, { blue: 100 }, { idleTimeout: 500 });
    const idle = open(state.port);
    await until(() => expect(idle.closed()).toBe(true));
    const leaving = open(state.port);
    await until(() => expect(leaving.heard()).toContain('101'));
    state.targets.blue = [];
    await until(() => expect(leaving.closed()).toBe(true));
    await until(() => expect(state.reports.map(({ cut }) => cut)).toEqual(['idle', 'deregistered']));
  });

  test('is refused in plain HTTP where there is no target, none that listens, or one that says no', async () => {
    const state = await balanced(
      {
        none: [],
        deaf: [{ ...(await target('d', saying('d'))), port: 1 }],
        plain: [await target('p', saying('plain'))],
      },
      {},
    );
    const said = async (group: string): Promise<string> => {
      state.weights = { [group]: 100 };
      const { heard, closed } = open(state.port);
      await until(() => expect(closed()).toBe(true));
      return heard();
    };
    expect(await said('none')).toMatch(/^HTTP\/1\.1 503 .*none has no targets\n/s);
    expect(await said('deaf')).toMatch(/^HTTP\/1\.1 502 .*d cannot be reached/s);
    expect(await said('plain')).toMatch(/^HTTP\/1\.1 200 .*plain/s);
    await until(() => expect(state.reports.map(({ status }) => status)).toEqual([503, 502, 200]));
  });
});
