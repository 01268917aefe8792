/** The HTTP load balancer before the simulated account: it routes by the account's rules and targets, and tells it of health and requests. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Cloud } from '../../local/cloud.ts';
import { type Cut, type Finding, loadBalancer, type RequestReport } from '../../local/load-balancer.ts';
import { sleep, type Time } from '../../local/time.ts';
import { usualDelay } from './delay.ts';
import { healthCheck } from './health-check.ts';

/** Milliseconds that requests have to finish at the very end. */
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
  /** Seconds; `usualDelay` unless told. */
  deregistrationDelay?: number | undefined;
}

/** The port of each rule, by its ARN. */
export type RulePorts = Record<string, number>;

/** Answers to users that did not come to their end, since the start. */
export type Unfinished = Record<Cut | 'brokenOff', number>;

export interface Front {
  /** Where each service answers. */
  urls: Record<string, string[]>;
  unfinished: Unfinished;
  ports: RulePorts;
  /** What people should know about where services answer. */
  notes: string[];
  /** Sets a service up and answers on a port for each of its rules. One that is there already stays as it is. */
  serve(services: readonly Service[]): Promise<void>;
  /**
   * The same for a group that serves already, `runs` being its image, and that nobody has adopted. Resolves when all of it answers: as
   * long as nothing does, requests go to every instance in turn. Throws Rejected where it does not within half a minute.
   */
  serveExisting(service: Service, runs: string): Promise<void>;
  close(): Promise<void>;
}

/** `before`: the ports of an earlier run, which are taken again where the user names none. */
export const frontOf = (cloud: Cloud, time: Time, options: FrontOptions, before: RulePorts = {}): Front => {
  const { port, fixedPort, health, deregistrationDelay = usualDelay } = options;
  const unfinished: Unfinished = { deregistered: 0, idle: 0, closing: 0, brokenOff: 0 };
  const keys = new Map<string, string>();
  const balancer = loadBalancer({ ...between(cloud.world, unfinished, keys), time });
  const urls: Front['urls'] = {};
  let nextPort = port;

  const ports: RulePorts = {};
  const notes: string[] = [];

  /** The first port that is free; only the next one, if the user named it. */
  const listenFrom = async (rule: string, first: number): Promise<number> => {
    for (let tried = 0; ; tried++) {
      try {
        return await balancer.listen(rule, first + tried);
      } catch (error) {
        if (fixedPort || tried >= mostPorts || !(error instanceof Rejected)) throw error;
      }
    }
  };

  /** The same port as before, if it is free: addresses that others know stay right. */
  const listen = async (service: string, rule: string): Promise<number> => {
    const wanted = fixedPort ? nextPort : (before[rule] ?? nextPort);
    const opened = await listenFrom(rule, wanted);
    if (opened === wanted) return opened;
    const was = before[rule] === undefined ? '' : `, where ${service} answered before,`;
    notes.push(`port ${wanted}${was} is in use by another program: ${service} has port ${opened} instead`);
    return opened;
  };

  const open = async ({ name, rules }: Service): Promise<void> => {
    const own: string[] = [];
    for (const rule of rules) {
      const opened = await listen(name, rule);
      ports[rule] = opened;
      nextPort = Math.max(nextPort, opened + 1);
      own.push(`http://localhost:${opened}`);
    }
    urls[name] = own;
  };
  /** Where the path of a service's health checks is named. */
  const keyOf = ({ checks }: Service): string => {
    if (health !== undefined) return '--health names the path';
    return checks.smoke[0] === undefined
      ? 'the path is / unless `checks.smoke` or --health names another'
      : '`checks.smoke` names the path, or --health';
  };
  const setUpOf = (service: Service) => {
    for (const arn of Object.values(service.slots)) keys.set(arn, keyOf(service));
    const path = health ?? service.checks.smoke[0]?.path ?? '/';
    return { deregistrationDelay, healthCheck: { ...healthCheck, path } };
  };

  const answers = async (targetGroup: string, count: number): Promise<void> => {
    const end = time.now() + patience;
    for (;;) {
      const healthy = cloud.world.targetsOf(targetGroup).filter((target) => target.healthy).length;
      if (healthy >= count) return;
      if (time.now() >= end)
        throw new Rejected(
          `${healthy} of ${count} instances of the example answer after ${patience / 1000} s: end other programs, then start again`,
        );
      await sleep(time, 100);
    }
  };

  return {
    urls,
    unfinished,
    ports,
    notes,
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

/** What is wrong, in an ALB's words, and what to do about it on one's own machine. `key` says where the path is named. */
const inFull = ({ reason, path, refused, status }: Finding, key: string | undefined): string => {
  if (refused) return `${reason}: nothing listens on the port that the variable PORT names to the program`;
  if (status !== null) return `${reason}: GET ${path} was answered with ${status}; ${key}`;
  return `${reason}: GET ${path} got no answer; ${key}`;
};

/** `keys`: where each target group's path is named. */
const between = (world: Cloud['world'], unfinished: Unfinished, keys: Map<string, string>) => ({
  routing: {
    weights: (rule: string) => world.effectiveWeights(rule),
    targets: (targetGroup: string) => world.targetsOf(targetGroup),
    isRegistered: (targetGroup: string, id: string) => {
      const group = world.targetGroups.get(targetGroup);
      return group !== undefined && world.targetsNow(group).has(id);
    },
    checks: () =>
      Object.fromEntries(
        [...world.targetGroups.values()].map(({ arn, check: { path, interval }, settings }) => [
          arn,
          {
            path,
            interval,
            timeout: settings.HealthCheckTimeoutSeconds * 1000,
            ...(settings.Matcher.HttpCode !== undefined && { matcher: settings.Matcher.HttpCode }),
          },
        ]),
      ),
  },
  onHealth: (id: string, wrong: Finding | undefined, targetGroup: string) =>
    world.reportHealth(id, wrong === undefined, wrong && inFull(wrong, keys.get(targetGroup))),
  onRequest: ({ targetGroup, target, status, by, connectionError, brokenOff, cut, headersAfter }: RequestReport) => {
    if (cut !== null) unfinished[cut]++;
    if (brokenOff) unfinished.brokenOff++;
    if (targetGroup === null || target === null) return;
    const errors = by === 'target' && status >= 500 ? 1 : 0;
    const connectionErrors = connectionError ? 1 : 0;
    // A program that breaks its answer off has not answered, also if it began with a good status.
    const unanswered = !connectionError && errors === 0 && (by === 'balancer' || brokenOff) ? 1 : 0;
    world.count(targetGroup, { requests: 1, errors, connectionErrors, unanswered }, undefined, headersAfter ?? []);
  },
});
