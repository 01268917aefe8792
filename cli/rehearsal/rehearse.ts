/** One rollout in virtual time: the same machine, handlers and adapters, with an image that behaves as described. */
import { ledgerOf } from '../../adapters/ledger/ledger.ts';
import { sqliteStore } from '../../adapters/ledger/sqlite.ts';
import { localOnlyProblems } from '../../core/config/local-only.ts';
import type { Service } from '../../core/config/service.ts';
import { rolloutsOf } from '../../core/release/history.ts';
import { createFunctions } from '../../functions/index.ts';
import { overClients } from '../../functions/over-clients.ts';
import { createCloud } from '../../local/cloud.ts';
import { outside } from '../../local/invocation.ts';
import { latencies, noLatencies } from '../../local/latencies.ts';
import { machineFiles } from '../../local/machine-files.ts';
import { type Behaviour, describedMachines } from '../../local/simulated-machines.ts';
import { virtualTime } from '../../local/time.ts';
import { usualDelay } from '../local/delay.ts';
import { healthCheck } from '../local/health-check.ts';

export interface Rehearsal {
  service: Service;
  /** The image that is live, and the one that is rolled out. */
  baseline: Behaviour;
  image: Behaviour;
  /** Requests a minute. */
  traffic: number;
  seed: number;
}

export interface Rehearsed {
  live: boolean;
  reason: string;
  /** Seconds from its first traffic until all of it was on the old version again; null: it went live, or never had any. */
  caughtAfter: number | null;
  /** Seconds from the publication to the end. */
  took: number;
  /** Requests of the new version that failed until all traffic was back or it was live. */
  failed: number;
  /** Instance-hours besides what the service runs anyway. */
  extraHours: number;
}

const elb = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const minute = 60_000;
/** Minutes that a rollout may take: its bakes are two weeks together at the most. */
const longest = 21 * 24 * 60;

/** The service's policy and fleet in an account of its own: nobody is asked, and any image is one of a repository. */
const staged = (service: Service): Service => ({
  ...service,
  image: { kind: 'ecr', repository: 'rehearsal', tags: ['*'] },
  fleet:
    service.fleet.kind === 'groups'
      ? service.fleet
      : { ...service.fleet, launchTemplate: 'rehearsal', subnets: ['subnet-a', 'subnet-b', 'subnet-c'] },
  rules: [`${elb}:listener-rule/app/rehearsal/1/2/3`],
  slots: { blue: `${elb}:targetgroup/blue/1`, green: `${elb}:targetgroup/green/2` },
  metrics: { kind: 'cloudwatch' },
  checks: {
    ...service.checks,
    decisions: { worse: 'rollback', notSeenWorse: 'advance', noTraffic: 'advance', noMetrics: 'advance' },
  },
  approval: null,
  mode: 'automatic',
});

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const [oldOne, newOne] = [digest('a'), digest('b')];
const referenceOf = (of: string): string => `111122223333.dkr.ecr.eu-west-1.amazonaws.com/rehearsal@${of}`;

export const rehearse = async ({ service, baseline, image, traffic, seed }: Rehearsal): Promise<Rehearsed> => {
  const played = staged(service);
  const { name } = played;
  const time = virtualTime();
  const isLocal = localOnlyProblems(service).length > 0;
  const machines = describedMachines({ time, latencies: isLocal ? noLatencies : latencies });
  const store = await sqliteStore(':memory:');
  const ledger = ledgerOf(store);
  const cloud = createCloud({
    time,
    machines,
    ...machineFiles(),
    seed,
    // Timing in seconds is for this machine, where nothing takes AWS's minutes.
    ...(isLocal && { latency: 'none' as const }),
    metricPeriod: played.timing.period * 1000,
    functions: (given) => {
      const made = overClients({ ...given, store: outside(store), write: () => undefined });
      return createFunctions(() => made);
    },
  });
  try {
    const configure = (changed: Service) =>
      ledger.applyConfiguration([changed], { author: 'a rehearsal', commit: '', at: time.now() });
    const publish = (of: string, behaves: Behaviour): void => {
      machines.describe(referenceOf(of), behaves);
      cloud.push('rehearsal', { digest: of, tags: [of === newOne ? 'the new one' : 'the old one'] });
    };
    /** Answers the instance-minutes besides the usual ones. */
    const atRest = async (): Promise<number> => {
      let extra = 0;
      for (let waited = 0; waited < longest; waited++) {
        await time.run({ until: time.now() + minute });
        const running = [...cloud.world.instances.values()].filter(({ state }) => state === 'running').length;
        extra += Math.max(0, running - played.fleet.count);
        if ((await ledger.row(name))?.lock.state === 'free') return extra;
      }
      throw new Error(`${name} is still under way after two weeks`);
    };
    cloud.setUp(played, isLocal ? { healthCheck, deregistrationDelay: usualDelay } : {});
    cloud.traffic.set(played.rules[0] as string, traffic);
    await configure({ ...played, strategy: { steps: [{ weight: 100, bake: 0 }] } });
    publish(oldOne, baseline);
    await atRest();
    await configure(played);
    // As much history as a judgement looks at; at a period of seconds a part of it says as much.
    await time.run({ until: time.now() + (isLocal ? 10 : 180) * minute });

    const began = time.now();
    publish(newOne, image);
    const extra = await atRest();
    const events = (await ledger.history(name)).reverse();
    const [rollout] = rolloutsOf(name, events);
    const at = (kind: string): number | null =>
      events.find((event) => event.kind === kind && event.at >= began)?.at ?? null;
    const ended = rollout?.endedAt ?? time.now();
    const [shifted, aborted] = [at('shifted'), at('aborted')];
    return {
      live: rollout?.outcome === 'live',
      reason: rollout?.reason ?? '',
      caughtAfter: shifted === null || aborted === null ? null : (aborted - shifted) / 1000,
      took: (ended - began) / 1000,
      failed: cloud.traffic.totals().images.get(referenceOf(newOne))?.failed ?? 0,
      extraHours: extra / 60,
    };
  } finally {
    cloud.close();
    store.close();
  }
};
