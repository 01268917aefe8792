/** A load balancer over plain data, with real targets behind it, for tests. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, vi } from 'vitest';
import {
  type Finding,
  type HealthCheck,
  type LoadBalancer,
  loadBalancer,
  type RequestReport,
  type Target,
} from '../../local/load-balancer.ts';

export const until = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 5 });

export const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

export const healthyAt = (id: string, port: number): Target => ({
  id,
  host: '127.0.0.1',
  port,
  draining: false,
  healthy: true,
});

/** A program that listens; answers the target it makes. */
export const target = async (id: string, listener: RequestListener): Promise<Target> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return healthyAt(id, (server.address() as AddressInfo).port);
};

/** A program below HTTP, for what a well-behaved server would not do. */
export const rawTarget = async (id: string, connected: (socket: Socket) => void): Promise<Target> => {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    connected(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return healthyAt(id, (server.address() as AddressInfo).port);
};

export const saying =
  (version: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'x-version': version }).end(version);
  };

export interface Balanced {
  port: number;
  url: string;
  weights: Record<string, number>;
  targets: Record<string, Target[]>;
  reports: RequestReport[];
  health: { id: string; ok: boolean; reason: string | undefined; wrong: Finding | undefined }[];
  balancer: LoadBalancer;
}

/** A balancer whose routing is the plain data that it answers with. */
export const balanced = async (
  targets: Record<string, Target[]>,
  weights: Record<string, number>,
  { checks = {}, idleTimeout }: { checks?: Record<string, HealthCheck>; idleTimeout?: number } = {},
): Promise<Balanced> => {
  const state = { weights, targets, reports: [] as RequestReport[], health: [] as Balanced['health'] };
  const balancer = loadBalancer({
    routing: {
      weights: () => Object.entries(state.weights).map(([targetGroup, weight]) => ({ targetGroup, weight })),
      targets: (group) => state.targets[group] ?? [],
      isRegistered: (group, id) => (state.targets[group] ?? []).some((one) => one.id === id),
      checks: () => checks,
    },
    onHealth: (id, wrong) => state.health.push({ id, ok: wrong === undefined, reason: wrong?.reason, wrong }),
    onRequest: (report) => state.reports.push(report),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
  });
  const port = await balancer.listen('rule', 0);
  cleanUp.push(() => balancer.close(100));
  return Object.assign(state, { balancer, port, url: `http://127.0.0.1:${port}/` });
};

export const bodyOf = async (incoming: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of incoming) body += chunk;
  return body;
};

export const ask = async (
  url: string,
  init?: RequestInit,
): Promise<{ status: number; body: string; headers: Headers }> => {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.text(), headers: response.headers };
};
