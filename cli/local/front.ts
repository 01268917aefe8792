/** The HTTP load balancer before the simulated account: it routes by the account's rules and targets, and tells it of health and requests. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Cloud } from '../../local/cloud.ts';
import { loadBalancer, type RequestReport } from '../../local/load-balancer.ts';
import { sleep, type Time } from '../../local/time.ts';

/** How target groups are set up here; on AWS that is the user's own. */
const healthCheck = { interval: 1, healthy: 2, unhealthy: 2 };
/** The answers that are healthy. A target group of one's own usually takes 200 alone; here a redirect from / will do. */
const matcher = '200-399';
/** Seconds that a deregistered instance's requests have to finish, and milliseconds at the very end. */
const deregistrationDelay = 2;
const grace = 2000;
/** Milliseconds that what serves already has to answer. */
const patience = 30_000;
/** Ports tried from the first one on. */
const mostPorts = 100;

export interface FrontOptions {
  /** Where the first rule answers; the others come after it. */
  port: number;
  /** The user named the port, so no other will do. */
  fixedPort: boolean;
  /** What health checks ask for; unless told, each service's first smoke test, or the root. */
  health?: string | undefined;
}

export interface Front {
  /** Where each service answers. */
  urls: Record<string, string[]>;
  /** Sets a service up and answers on a port for each of its rules. One that is there already stays as it is. */
  serve(services: readonly Service[]): Promise<void>;
  /**
   * The same for a group that serves already, `runs` being its image, and that nobody has adopted. Resolves when all of it answers: as
   * long as nothing does, requests go to every instance in turn. Throws Rejected where it does not within half a minute.
   */
  serveExisting(service: Service, runs: string): Promise<void>;
  close(): Promise<void>;
}

export const frontOf = (cloud: Cloud, time: Time, { port, fixedPort, health }: FrontOptions): Front => {
  const balancer = loadBalancer({ ...between(cloud.world), time });
  const urls: Front['urls'] = {};
  let nextPort = port;

  /** The first port that is free; only the next one, if the user named it. */
  const listen = async (rule: string): Promise<number> => {
    for (let tried = 0; ; tried++) {
      try {
        return await balancer.listen(rule, nextPort + tried);
      } catch (error) {
        if (fixedPort || tried >= mostPorts || !(error instanceof Rejected)) throw error;
      }
    }
  };

  const open = async ({ name, rules }: Service): Promise<void> => {
    const own: string[] = [];
    for (const rule of rules) {
      const opened = await listen(rule);
      nextPort = opened + 1;
      own.push(`http://localhost:${opened}`);
    }
    urls[name] = own;
  };
  const setUpOf = ({ checks }: Service) => ({
    deregistrationDelay,
    healthCheck: { ...healthCheck, path: health ?? checks.smoke[0]?.path ?? '/' },
  });

  const answers = async (targetGroup: string, count: number): Promise<void> => {
    const end = time.now() + patience;
    for (;;) {
      const healthy = cloud.world.targetsOf(targetGroup).filter((target) => target.healthy).length;
      if (healthy >= count) return;
      if (time.now() >= end) throw new Rejected(`${healthy} of ${count} instances answer after ${patience / 1000} s`);
      await sleep(time, 100);
    }
  };

  return {
    urls,
    serve: async (services) => {
      for (const service of services) {
        if (cloud.world.targetGroups.has(service.slots.blue)) continue;
        cloud.setUp(service, setUpOf(service));
        await open(service);
      }
    },
    serveExisting: async (service, runs) => {
      const { fleet, rules, image, slots } = service;
      if (fleet.kind !== 'groups') throw new Error(`a fleet of ${fleet.kind} is not there before it is rolled out`);
      const existing = { service: { fleet, rules, image }, targetGroup: slots.blue, count: fleet.count, runs };
      cloud.setUpExisting(existing, setUpOf(service));
      await open(service);
      await answers(slots.blue, fleet.count);
    },
    close: () => balancer.close(grace),
  };
};

const between = (world: Cloud['world']) => ({
  routing: {
    weights: (rule: string) => world.effectiveWeights(rule),
    targets: (targetGroup: string) => world.targetsOf(targetGroup),
    checks: () =>
      Object.fromEntries(
        [...world.targetGroups.values()].map(({ arn, check: { path, interval } }) => [
          arn,
          { path, interval, matcher },
        ]),
      ),
  },
  onHealth: (id: string, ok: boolean, reason?: string) => world.reportHealth(id, ok, reason),
  onRequest: ({ targetGroup, target, status, by, connectionError, ms }: RequestReport) => {
    if (targetGroup === null || target === null) return;
    const errors = by === 'target' && status >= 500 ? 1 : 0;
    const connectionErrors = connectionError ? 1 : 0;
    const unanswered = by === 'balancer' && !connectionError ? 1 : 0;
    world.count(
      targetGroup,
      { requests: 1, errors, connectionErrors, unanswered },
      undefined,
      by === 'target' ? ms : [],
    );
  },
});
