/** The load balancer with real sockets: whom a request reaches, and what becomes of it. */
import { Agent, get, type IncomingMessage, type RequestListener, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Rejected } from '../../core/basics/errors.ts';
import { load } from '../../local/load.ts';
import type { Target } from '../../local/load-balancer.ts';
import { ask, balanced, bodyOf, cleanUp, rawTarget, saying, target, until } from './balanced.ts';

describe('a request goes', () => {
  test('to the groups exactly by weight, evenly spread', async () => {
    const { url } = await balanced(
      { blue: [await target('b', saying('1'))], green: [await target('g', saying('2'))] },
      { blue: 95, green: 5 },
    );
    const versions: string[] = [];
    for (let asked = 0; asked < 200; asked++) versions.push((await ask(url)).body);
    const canary = versions.flatMap((version, at) => (version === '2' ? [at] : []));
    expect(canary).toHaveLength(10);
    expect(new Set(canary.slice(1).map((at, index) => at - (canary[index] ?? 0)))).toEqual(new Set([20]));
  });

  test('never to a group without weight, from the very next request on', async () => {
    const state = await balanced(
      { blue: [await target('b', saying('1'))], green: [await target('g', saying('2'))] },
      { blue: 50, green: 50 },
    );
    for (let asked = 0; asked < 3; asked++) await ask(state.url);
    state.weights = { blue: 100, green: 0 };
    const after = await Promise.all(Array.from({ length: 20 }, () => ask(state.url)));
    expect(new Set(after.map(({ body }) => body))).toEqual(new Set(['1']));
  });

  test('to healthy targets in turn, and to all when none is healthy', async () => {
    const targets = await Promise.all(['a', 'b', 'c'].map((id) => target(id, saying(id))));
    const state = await balanced({ blue: targets }, { blue: 100 });
    (targets[1] as Target).healthy = false;
    const asked = async () =>
      (await Promise.all(Array.from({ length: 6 }, () => ask(state.url))))
        .map(({ body }) => body)
        .sort()
        .join('');
    expect(await asked()).toBe('aaaccc');
    for (const one of targets) one.healthy = false;
    expect(await asked()).toBe('aabbcc');
  });

  test('to nobody, 503, when the group is empty or only draining targets are left', async () => {
    const draining = { ...(await target('b', saying('1'))), draining: true };
    const state = await balanced({ blue: [], green: [draining] }, { blue: 100 });
    expect(await ask(state.url)).toMatchObject({ status: 503, body: '503: blue has no targets\n' });
    state.weights = { green: 100 };
    expect((await ask(state.url)).status).toBe(503);
    state.weights = { blue: 0 };
    expect((await ask(state.url)).body).toBe('503: no target group has a weight\n');
    expect(state.reports.map(({ by, targetGroup }) => `${by} ${targetGroup}`)).toEqual([
      'balancer blue',
      'balancer green',
      'balancer null',
    ]);
  });
});

describe('what is passed on', () => {
  test('is method, path, body and headers, without those of the connection, with X-Forwarded ones', async () => {
    const { url, port } = await balanced(
      {
        blue: [
          await target('b', async (incoming, response) => {
            const body = await bodyOf(incoming);
            response.setHeader('set-cookie', ['a=1', 'b=2']);
            response.writeHead(201, 'Made', { connection: 'x-hop', 'x-hop': 'no', 'x-kept': 'yes' });
            response.end(
              JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers, body }),
            );
          }),
        ],
      },
      { blue: 100 },
    );
    const answer = await new Promise<IncomingMessage>((resolve) =>
      request(
        `${url}a?b=c`,
        {
          method: 'DELETE',
          headers: {
            host: 'shop.example',
            connection: 'keep-alive, x-mine',
            'x-mine': 'no',
            te: 'trailers',
            'x-forwarded-for': '10.0.0.1',
            'transfer-encoding': 'chunked',
          },
        },
        resolve,
      ).end('some body'),
    );
    const seen = JSON.parse(await bodyOf(answer));
    expect(seen).toMatchObject({ method: 'DELETE', url: '/a?b=c', body: 'some body' });
    expect(seen.headers).toMatchObject({
      host: 'shop.example',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
    });
    expect(seen.headers).not.toHaveProperty('x-mine');
    expect(seen.headers).not.toHaveProperty('te');
    expect([answer.statusCode, answer.statusMessage]).toEqual([201, 'Made']);
    expect(answer.headers).toMatchObject({ 'x-kept': 'yes', 'set-cookie': ['a=1', 'b=2'] });
    expect(answer.headers).not.toHaveProperty('x-hop');
  });

  test('streams both ways: each end has the first bytes before the last are sent', async () => {
    const echo = await target('b', (incoming, response) => incoming.pipe(response));
    const { url } = await balanced({ blue: [echo] }, { blue: 100 });
    const outgoing = request(url, { method: 'POST' });
    outgoing.write('first');
    const incoming = await new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve));
    expect(String((await incoming.iterator({ destroyOnReturn: false }).next()).value)).toBe('first');
    outgoing.end('last');
    expect(await bodyOf(incoming)).toBe('last');
  });

  test('carries 20 MB unharmed', async () => {
    const echo = await target('b', (incoming, response) => incoming.pipe(response));
    const { url } = await balanced({ blue: [echo] }, { blue: 100 });
    const large = Buffer.alloc(20_000_000, 'cutover ');
    const answer = await fetch(url, { method: 'POST', body: large });
    expect(Buffer.from(await answer.arrayBuffer()).equals(large)).toBe(true);
  });

  test('is plain HTTP, body included, for offers to upgrade to anything but WebSockets', async () => {
    const echo = await target('b', (incoming, response) => {
      response.setHeader('x-upgrade', String(incoming.headers.upgrade));
      incoming.pipe(response);
    });
    const { port } = await balanced({ blue: [echo] }, { blue: 100 });
    const headers = { connection: 'upgrade, http2-settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAoAAA' };
    const offered = await new Promise<IncomingMessage>((resolve) =>
      request({ port, host: '127.0.0.1', method: 'POST', headers }, resolve).end('some body'),
    );
    expect([offered.statusCode, offered.headers['x-upgrade']]).toEqual([200, 'undefined']);
    expect(await bodyOf(offered)).toBe('some body');
  });

  test('keeps headers whose names every JavaScript object knows', async () => {
    const raw = await target('b', ({ rawHeaders }, response) => response.end(JSON.stringify(rawHeaders)));
    const { port } = await balanced({ blue: [raw] }, { blue: 100 });
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    const head = ['GET / HTTP/1.1', 'host: a', 'connection: close', ...names.map((name) => `${name}: of ${name}`)];
    const text = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
      socket.on('data', (chunk) => (all += chunk)).on('close', () => resolve(all));
    });
    const seen: string[] = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1));
    for (const name of names) expect(seen[seen.indexOf(name.toLowerCase()) + 1]).toBe(`of ${name}`);
  });
});

describe('a target that', () => {
  test('refuses connections costs a 502, counted as a connection error', async () => {
    const gone = await rawTarget('b', () => undefined);
    const { url, reports } = await balanced({ blue: [gone] }, { blue: 100 });
    await cleanUp.splice(0, 1)[0]?.();
    const answer = await ask(url);
    expect(answer).toMatchObject({ status: 502 });
    expect(answer.body).toContain('b cannot be reached: connect ECONNREFUSED');
    expect(reports).toMatchObject([
      { status: 502, connectionError: true, by: 'balancer', target: 'b', targetGroup: 'blue' },
    ]);
  });

  test('does not answer in time costs a 504', async () => {
    const { url, reports } = await balanced(
      { blue: [await target('b', () => undefined)] },
      { blue: 100 },
      { idleTimeout: 50 },
    );
    expect((await ask(url)).status).toBe(504);
    expect(reports).toMatchObject([{ status: 504, connectionError: false, by: 'balancer' }]);
  });

  test('breaks off in the middle breaks the answer off too, rather than making it look whole', async () => {
    const breaking = await target('b', (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    const { url, reports } = await balanced({ blue: [breaking] }, { blue: 100 });
    await expect(ask(url)).rejects.toThrow();
    const broken = { status: 200, connectionError: false, brokenOff: true, cut: null, by: 'target' };
    await until(() => expect(reports).toMatchObject([broken]));
  });

  test('switches to a protocol that nobody asked for costs a 502, and nobody waits for it', async () => {
    const switching = await rawTarget('b', (socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      ),
    );
    const { url, reports } = await balanced({ blue: [switching] }, { blue: 100 });
    const answer = await ask(url, { signal: AbortSignal.timeout(5000) });
    expect(answer).toMatchObject({ status: 502 });
    expect(reports).toMatchObject([{ status: 502, by: 'balancer', connectionError: false }]);
  });

  test('talks nonsense costs a 502 and nothing else', async () => {
    const nonsense = await rawTarget('b', (socket) => socket.end('SMTP ready\r\n\r\n'));
    const { url } = await balanced({ blue: [nonsense] }, { blue: 100 });
    expect((await ask(url)).status).toBe(502);
  });

  test('answers an error is passed on and reported as the target’s', async () => {
    const failing = await target('b', (_, response) => response.writeHead(500).end('broken'));
    const { url, reports } = await balanced({ blue: [failing] }, { blue: 100 });
    expect(await ask(url)).toMatchObject({ status: 500, body: 'broken' });
    expect(reports).toMatchObject([{ status: 500, by: 'target', connectionError: false, rule: 'rule' }]);
  });
});

describe('an idle connection that the target closes as a request is sent on it', () => {
  /** Answers the first request of each connection; the next one on it only gets the connection closed. */
  const closingOnReuse = async () => {
    let connections = 0;
    const racing = await rawTarget('b', (socket) => {
      connections++;
      let requests = 0;
      socket.on('data', () => {
        if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else socket.resetAndDestroy();
      });
    });
    return { racing, connections: () => connections };
  };

  test('is invisible to users: the request is repeated once on a fresh connection', async () => {
    const { racing, connections } = await closingOnReuse();
    const { url, reports } = await balanced({ blue: [racing] }, { blue: 100 });
    for (let asked = 0; asked < 10; asked++) expect((await ask(url)).status).toBe(200);
    expect(connections()).toBeGreaterThan(1);
    expect(reports.every(({ connectionError, status }) => status === 200 && !connectionError)).toBe(true);
  });

  test('never costs a request that must not be repeated: it has a fresh connection to begin with', async () => {
    const { racing, connections } = await closingOnReuse();
    const { url } = await balanced({ blue: [racing] }, { blue: 100 });
    await ask(url);
    for (let asked = 0; asked < 3; asked++)
      expect((await ask(url, { method: 'POST', body: 'order' })).status).toBe(200);
    expect(connections()).toBe(4);
  });

  test('does not hide a target that breaks every connection', async () => {
    let connections = 0;
    const broken = await rawTarget('b', (socket) => {
      connections++;
      socket.once('data', () => socket.resetAndDestroy());
    });
    const { url } = await balanced({ blue: [broken] }, { blue: 100 });
    expect((await ask(url)).status).toBe(502);
    expect(connections).toBe(1);
  });
});

describe('health checks', () => {
  test('say what they found, in an ALB’s words, and leave draining targets alone', async () => {
    const byStatus =
      (status: number): RequestListener =>
      (incoming, response) =>
        response.writeHead(incoming.url === '/health' ? status : 404).end();
    const targets = [
      await target('well', byStatus(204)),
      await target('ill', byStatus(503)),
      await target('mute', () => undefined),
      { ...(await target('leaving', byStatus(204))), draining: true },
      { ...(await target('gone', byStatus(204))), port: 1 },
    ];
    const { health } = await balanced(
      { blue: targets },
      {},
      { checks: { blue: { path: '/health', interval: 20, timeout: 60, matcher: '200,204' } } },
    );
    await until(() => expect(health.filter(({ id }) => id === 'mute').length).toBeGreaterThan(1));
    expect(Object.fromEntries(health.map(({ id, ok, reason }) => [id, reason ?? ok]))).toEqual({
      well: true,
      ill: 'Health checks failed with these codes: [503]',
      mute: 'Request timed out',
      gone: 'Health checks failed',
    });
  });
});

describe('no request fails', () => {
  test('while weights move from 0 to 100 under load, and the old targets drain and end', async () => {
    /** Requests that the old version has not answered whole. */
    let underWay = 0;
    const slow =
      (version: string): RequestListener =>
      (_, response) => {
        if (version === '1') underWay++;
        response.on('close', () => version === '1' && underWay--);
        setTimeout(() => response.writeHead(200, { 'x-version': version }).end(version), 3);
      };
    const blue = await Promise.all(['b1', 'b2'].map((id) => target(id, slow('1'))));
    const endBlue = cleanUp.splice(0);
    const green = await Promise.all(['g1', 'g2'].map((id) => target(id, slow('2'))));
    const state = await balanced({ blue, green }, { blue: 100, green: 0 });
    // However busy the machine: an answer may take its time, and what it could not send in time is no failure.
    const traffic = load({ url: state.url, perSecond: 400, timeout: 600_000 });
    const more = (requests: number) => {
      const from = traffic.totals().requests;
      return until(() => expect(traffic.totals().requests - from).toBeGreaterThan(requests));
    };
    for (const weight of [5, 25, 50, 100]) {
      await more(100);
      state.weights = { blue: 100 - weight, green: weight };
    }
    for (const one of blue) one.draining = true;
    await until(() => expect(state.reports.at(-1)?.targetGroup).toBe('green'));
    await more(50);
    await until(() => expect(underWay).toBe(0));
    for (const end of endBlue) end();
    state.targets.blue = [];
    await more(50);
    const totals = await traffic.stop();
    expect(totals.failed).toBe(0);
    expect(totals.byVersion['1']?.requests).toBeGreaterThan(100);
    expect(totals.byVersion['2']?.requests).toBeGreaterThan(100);
  });

  test('that is in flight when its target starts to drain, while new ones go elsewhere', async () => {
    let finish: (() => void) | undefined;
    const leaving = await target('old', (_, response) => {
      finish = () => response.end('finished');
    });
    const staying = await target('new', saying('new'));
    const state = await balanced({ blue: [leaving] }, { blue: 100 });
    const inFlight = ask(state.url);
    await until(() => expect(finish).toBeDefined());
    leaving.draining = true;
    state.targets.blue = [leaving, staying];
    expect((await ask(state.url)).body).toBe('new');
    finish?.();
    expect(await inFlight).toMatchObject({ status: 200, body: 'finished' });
  });
});

describe('the balancer', () => {
  test('says in one line that a port is in use', async () => {
    const { balancer, port } = await balanced({}, {});
    const refused = balancer.listen('other', port);
    await expect(refused).rejects.toThrow(Rejected);
    await expect(refused).rejects.toThrow(`port ${port} is in use; stop what listens there or choose another port`);
  });

  test('lets a request in flight finish when it closes, and accepts no new one', async () => {
    let finish: (() => void) | undefined;
    const slow = await target('b', (_, response) => {
      finish = () => response.end('finished');
    });
    const { balancer, url, port } = await balanced({ blue: [slow] }, { blue: 100 });
    const agent = new Agent({ keepAlive: true });
    cleanUp.push(() => agent.destroy());
    const inFlight = new Promise<IncomingMessage>((resolve) => get(url, { agent }, resolve)).then(bodyOf);
    await until(() => expect(finish).toBeDefined());
    const closed = balancer.close(600_000);
    await expect(
      new Promise((resolve, reject) => connect(port, '127.0.0.1', () => resolve('open')).on('error', reject)),
    ).rejects.toThrow('ECONNREFUSED');
    finish?.();
    expect(await inFlight).toBe('finished');
    await closed;
  });

  test('cuts off what has not finished within the grace', async () => {
    let arrived = false;
    const stuck = await target('b', () => {
      arrived = true;
    });
    const { balancer, url, reports } = await balanced({ blue: [stuck] }, { blue: 100 });
    const inFlight = ask(url).catch(() => 'cut off');
    await until(() => expect(arrived).toBe(true));
    await balancer.close(20);
    expect(await inFlight).toBe('cut off');
    await until(() => expect(reports).toMatchObject([{ status: 460, by: 'balancer' }]));
  });

  test('survives clients that give up, which frees the target too, and clients that talk nonsense', async () => {
    let atWork = 0;
    const busy = await target('b', (incoming, response) => {
      if (incoming.url !== '/slow') return void response.end('fine');
      atWork++;
      response.on('close', () => atWork--);
    });
    const { url, port } = await balanced({ blue: [busy] }, { blue: 100 });
    const giveUp = new AbortController();
    const gone = ask(`${url}slow`, { signal: giveUp.signal }).catch(() => 'gave up');
    await until(() => expect(atWork).toBe(1));
    giveUp.abort();
    expect(await gone).toBe('gave up');
    await until(() => expect(atWork).toBe(0));
    for (const nonsense of [
      'GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n',
      'nonsense\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n',
    ])
      await new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(nonsense, 'latin1')));
        socket
          .resume()
          .on('close', resolve)
          .on('error', () => undefined);
      });
    expect((await ask(url)).body).toBe('fine');
  });
});
